/* <elf.h> against a file of the system's own format: this program, which is stripped on the disk. */
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "instruction.h"

_Static_assert(sizeof(Elf32_Ehdr) == 52 && sizeof(Elf32_Phdr) == 32 && sizeof(Elf32_Shdr) == 40, "gABI layouts");
_Static_assert(sizeof(Elf64_Ehdr) == 64 && sizeof(Elf64_Phdr) == 56 && sizeof(Elf64_Shdr) == 64, "gABI layouts");
_Static_assert(sizeof(Elf32_Sym) == 16 && sizeof(Elf64_Sym) == 24 && sizeof(Elf32_Rela) == 12 && sizeof(Elf64_Rela) == 24, "gABI layouts");
_Static_assert(sizeof(Elf32_Dyn) == 8 && sizeof(Elf64_Dyn) == 16 && sizeof(Elf64_Chdr) == 24 && sizeof(Elf64_Nhdr) == 12, "gABI layouts");

static const char *file;

/* The section of this name. Stripping leaves the sections that are loaded, and the names. */
static const Elf64_Shdr *
section(const Elf64_Ehdr *head, const char *name)
{
	const Elf64_Shdr *all = (const void *)(file + head->e_shoff);
	const char *names = file + all[head->e_shstrndx].sh_offset;

	for (unsigned i = 0; i < head->e_shnum; i++)
		if (strcmp(names + all[i].sh_name, name) == 0)
			return &all[i];
	return NULL;
}

static void
sections(const Elf64_Ehdr *head)
{
	const Elf64_Shdr *names = section(head, ".shstrtab"), *code = section(head, ".text");
	const Elf64_Shdr *zero = section(head, ".bss");

	EQUAL(head->e_shentsize, sizeof(Elf64_Shdr));
	CHECK(names != NULL && names->sh_type == SHT_STRTAB && names == (const Elf64_Shdr *)(file + head->e_shoff) + head->e_shstrndx);
	CHECK(code != NULL && code->sh_type == SHT_PROGBITS && (code->sh_flags & (SHF_ALLOC | SHF_EXECINSTR | SHF_WRITE)) == (SHF_ALLOC | SHF_EXECINSTR));
	CHECK(code != NULL && head->e_entry - code->sh_addr < code->sh_size);
	CHECK(code != NULL && (uintptr_t)sections - code->sh_addr < code->sh_size);
	CHECK(code != NULL && memcmp(file + code->sh_offset, (const void *)(uintptr_t)code->sh_addr, code->sh_size) == 0);
	CHECK(zero != NULL && zero->sh_type == SHT_NOBITS && (zero->sh_flags & (SHF_ALLOC | SHF_WRITE)) == (SHF_ALLOC | SHF_WRITE));
	CHECK(zero != NULL && (uintptr_t)&file - zero->sh_addr < zero->sh_size);
	CHECK(section(head, ".nothing") == NULL);
}

/* Symbols are gone from the disk: that their fields are split and joined alike. */
static void
symbols(void)
{
	for (unsigned info = 0; info < 256; info++)
		if (ELF64_ST_INFO(ELF64_ST_BIND(info), ELF64_ST_TYPE(info)) != info || ELF32_ST_INFO(ELF32_ST_BIND(info), ELF32_ST_TYPE(info)) != info)
			CHECK(false);
	EQUAL(ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0x11);
	EQUAL(ELF64_ST_VISIBILITY(0xfe), STV_HIDDEN);
}

static void
segments(const Elf64_Ehdr *head)
{
	const Elf64_Phdr *all = (const void *)(file + head->e_phoff);
	unsigned found = 0;

	for (unsigned i = 0; i < head->e_phnum; i++)
		if (all[i].p_type == PT_LOAD && head->e_entry - all[i].p_vaddr < all[i].p_filesz) {
			CHECK((all[i].p_flags & (PF_R | PF_W | PF_X)) == (PF_R | PF_X));
			found++;
		}
	EQUAL(found, 1);
}

int
main(void)
{
	int fd = open("/test/posix_elf", O_RDONLY);
	const Elf64_Ehdr *head;
	struct stat status;

	CHECK(fd >= 0 && fstat(fd, &status) == 0);
	file = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(file != MAP_FAILED);
	head = (const void *)file;
	CHECK(memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 && head->e_ident[EI_CLASS] == ELFCLASS64 && head->e_ident[EI_DATA] == ELFDATA2LSB);
	CHECK(head->e_type == ET_EXEC && head->e_machine == THIS_MACHINE && head->e_version == EV_CURRENT);
	EQUAL(head->e_phentsize, sizeof(Elf64_Phdr));
	segments(head);
	sections(head);
	symbols();
	return check_report("elf");
}
