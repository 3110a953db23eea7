/*
 * ELF64 executables (System V ABI; processor supplements for AArch64 and x86-64). Pure: checks an image in memory.
 */
#ifndef INIT_ELF_H
#define INIT_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_MACHINE_X86_64	62
#define ELF_MACHINE_AARCH64	183
#define ELF_SEGMENTS_MAX	16

struct elf_segment {
	uint64_t address;		/* virtual */
	uint64_t file_offset, file_size, memory_size;	/* bytes */
	unsigned protection;		/* VM_PROT_* */
};

struct elf_image {
	uint64_t entry;
	uint64_t header_address;	/* where the program headers are mapped, 0: nowhere */
	unsigned header_count;
	unsigned segment_count;
	struct elf_segment segments[ELF_SEGMENTS_MAX];
};

/* Returns NULL, or what is wrong with the file. All sizes and offsets are checked; segments lie in user space and do not wrap. */
const char *elf_parse(const void *file, size_t size, unsigned machine, struct elf_image *image);

#endif
