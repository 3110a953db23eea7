/*
 * Checking ELF images.
 */
#include "init/elf.h"

#include <mach/vm.h>

#include "init/string.h"

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

_Static_assert(sizeof(struct elf_header) == 64 && sizeof(struct elf_program_header) == 56, "ELF64 layout");

#define ET_EXEC		2
#define PT_LOAD		1
#define PF_X		1
#define PF_W		2
#define PF_R		4

static const char *
check_header(const struct elf_header *header, size_t size, unsigned machine)
{
	static const uint8_t ident[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };	/* 64-bit, little-endian, version 1 */

	if (size < sizeof(*header) || memcmp(header->ident, ident, sizeof(ident)) != 0)
		return "not an ELF64 file";
	if (header->machine != machine)
		return "for another machine";
	if (header->type != ET_EXEC)
		return "not a static executable";
	if (header->phentsize != sizeof(struct elf_program_header) || header->phoff > size ||
	    (size - header->phoff) / sizeof(struct elf_program_header) < header->phnum || (header->phoff & 7) != 0)
		return "program headers outside the file";
	return NULL;
}

static const char *
add_segment(struct elf_image *image, const struct elf_program_header *ph, size_t size)
{
	struct elf_segment *segment = &image->segments[image->segment_count];

	if (image->segment_count == ELF_SEGMENTS_MAX)
		return "too many segments";
	if (ph->filesz > ph->memsz || (ph->filesz != 0 && (ph->offset > size || ph->filesz > size - ph->offset)))
		return "segment outside the file";
	if (ph->vaddr < VM_MIN_ADDRESS || ph->vaddr >= VM_MAX_ADDRESS || ph->memsz > VM_MAX_ADDRESS - ph->vaddr)
		return "segment outside user space";
	segment->address = ph->vaddr;
	segment->file_offset = ph->offset;
	segment->file_size = ph->filesz;
	segment->memory_size = ph->memsz;
	segment->protection = ((ph->flags & PF_R) != 0 ? VM_PROT_READ : 0) | ((ph->flags & PF_W) != 0 ? VM_PROT_WRITE : 0) |
	    ((ph->flags & PF_X) != 0 ? VM_PROT_EXECUTE : 0);
	image->segment_count++;
	return NULL;
}

const char *
elf_parse(const void *file, size_t size, unsigned machine, struct elf_image *image)
{
	const struct elf_header *header = file;
	const char *wrong = check_header(header, size, machine);

	memset(image, 0, sizeof(*image));
	if (wrong != NULL)
		return wrong;
	image->entry = header->entry;
	image->header_count = header->phnum;
	for (unsigned i = 0; i < header->phnum; i++) {
		const struct elf_program_header *ph = (const void *)((const char *)file + header->phoff +
		    i * sizeof(struct elf_program_header));

		if (ph->type != PT_LOAD || ph->memsz == 0)
			continue;
		wrong = add_segment(image, ph, size);
		if (wrong != NULL)
			return wrong;
		if (ph->offset <= header->phoff && header->phoff - ph->offset < ph->filesz)
			image->header_address = ph->vaddr + (header->phoff - ph->offset);
	}
	return image->segment_count == 0 ? "nothing to load" : NULL;
}
