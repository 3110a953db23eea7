/* <elf.h> against a file of the system's own format: this program. */
#include <elf.h>
#include <fcntl.h>
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

int an_object_of_this_program = 1;

static const char *file;

static const Elf64_Shdr *
section(const Elf64_Ehdr *head, uint32_t type)
{
	const Elf64_Shdr *all = (const void *)(file + head->e_shoff);

	for (unsigned i = 0; i < head->e_shnum; i++)
		if (all[i].sh_type == type)
			return &all[i];
	return NULL;
}

/* Programs on the disk may be stripped: then there are no symbols. */
static void
symbols(const Elf64_Ehdr *head)
{
	const Elf64_Shdr *table = section(head, SHT_SYMTAB), *sections = (const void *)(file + head->e_shoff);
	const Elf64_Sym *all, *found = NULL;
	const char *names;

	if (table == NULL)
		return;
	all = (const void *)(file + table->sh_offset);
	names = file + sections[table->sh_link].sh_offset;
	for (size_t i = 0; i < table->sh_size / table->sh_entsize; i++)
		if (strcmp(names + all[i].st_name, "an_object_of_this_program") == 0)
			found = &all[i];
	CHECK(found != NULL && ELF64_ST_TYPE(found->st_info) == STT_OBJECT && ELF64_ST_BIND(found->st_info) == STB_GLOBAL);
	CHECK(found != NULL && found->st_value == (uintptr_t)&an_object_of_this_program && found->st_size == sizeof(int));
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
	symbols(head);
	return check_report("elf");
}
