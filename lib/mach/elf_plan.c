/*
 * Which parts of an ELF file go where: checks of a hostile file. See elf_load.h. Names are those
 * of the System V gABI.
 */
#include "mach/elf_load.h"
#include <mach/vm.h>
#include <string.h>

enum { ET_EXEC = 2, ELFCLASS64 = 2, ELFDATA2LSB = 1 };
enum { PT_LOAD = 1, PT_DYNAMIC = 2, PT_INTERP = 3 };
enum { PF_X = 1, PF_W = 2, PF_R = 4 };

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

_Static_assert(sizeof(struct elf_header) == 64, "ELF64 header");
_Static_assert(sizeof(struct program_header) == 56, "ELF64 program header");

static const char *
check_header(const struct elf_header *h, uint64_t size)
{
	if (size < sizeof(*h) || memcmp(h->ident, "\177ELF", 4) != 0)
		return "not an ELF file";
	if (h->ident[4] != ELFCLASS64 || h->ident[5] != ELFDATA2LSB || h->machine != elf_machine)
		return "for another machine";
	if (h->type != ET_EXEC)
		return "not a static executable";
	if (h->phentsize != sizeof(struct program_header) || h->phoff % 8 != 0 || h->phoff > size
	    || h->phnum > (size - h->phoff) / sizeof(struct program_header))
		return "damaged program headers";
	return NULL;
}

static vm_prot_t
protection_of(uint32_t flags)
{
	return ((flags & PF_R) != 0 ? VM_PROT_READ : 0) | ((flags & PF_W) != 0 ? VM_PROT_WRITE : 0)
		| ((flags & PF_X) != 0 ? VM_PROT_EXECUTE : 0);
}

static const char *
check_segment(const struct program_header *p, uint64_t size)
{
	if (p->filesz > p->memsz || p->offset > size || p->filesz > size - p->offset)
		return "a segment lies outside of the file";
	if (p->vaddr < VM_MIN_ADDRESS || p->vaddr >= VM_MAX_ADDRESS ||
		p->memsz > VM_MAX_ADDRESS - p->vaddr)
		return "a segment lies outside of user space";
	if ((p->flags & PF_W) != 0 && (p->flags & PF_X) != 0)
		return "a segment is writable and executable";
	return NULL;
}

/* The ascending order that the gABI demands makes overlaps easy to see. */
static const char *
add_segment(struct elf_plan *plan, const struct program_header *p, uint64_t size)
{
	struct elf_segment *s = &plan->segments[plan->count];
	const char *reason = check_segment(p, size);

	if (reason != NULL)
		return reason;
	if (p->memsz == 0)
		return NULL;
	if (plan->count == ELF_SEGMENTS_MAX)
		return "too many segments";
	s->page_offset = (uint32_t)(p->vaddr & VM_PAGE_MASK);
	s->address = vm_page_trunc(p->vaddr);
	s->size = vm_page_round(p->vaddr + p->memsz) - s->address;
	s->file_offset = p->offset;
	s->file_size = p->filesz;
	s->protection = protection_of(p->flags);
	s->zeros = p->memsz > p->filesz;
	if (s->address < plan->end)
		return "segments overlap or share a page";
	plan->end = s->address + s->size;
	plan->count++;
	return NULL;
}

static void
find_headers(struct elf_plan *plan, const struct elf_header *h)
{
	uint64_t bytes = (uint64_t)h->phnum * sizeof(struct program_header);

	for (uint32_t i = 0; i < plan->count; i++) {
		const struct elf_segment *s = &plan->segments[i];

		if (h->phoff >= s->file_offset && h->phoff - s->file_offset <= s->file_size
		    && bytes <= s->file_size - (h->phoff - s->file_offset)) {
			plan->headers = s->address + s->page_offset + (h->phoff - s->file_offset);
			plan->header_count = h->phnum;
			return;
		}
	}
}

static bool
entry_executable(const struct elf_plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct elf_segment *s = &plan->segments[i];

		if ((s->protection & VM_PROT_EXECUTE) != 0 && plan->entry >= s->address &&
			plan->entry - s->address < s->size)
			return true;
	}
	return false;
}

const char *
elf_plan(const void *image, uint64_t head, uint64_t size, struct elf_plan *plan)
{
	const struct elf_header *h = image;
	const char *reason = check_header(h, head);
	const struct program_header *p;

	memset(plan, 0, sizeof(*plan));
	if (reason != NULL)
		return reason;
	p = (const struct program_header *)((const uint8_t *)image + h->phoff);
	for (uint32_t i = 0; i < h->phnum && reason == NULL; i++) {
		if (p[i].type == PT_INTERP || p[i].type == PT_DYNAMIC)
			reason = "not a static executable";
		else if (p[i].type == PT_LOAD)
			reason = add_segment(plan, &p[i], size);
	}
	if (reason != NULL)
		return reason;
	plan->entry = h->entry;
	if (!entry_executable(plan))
		return "the entry point is not in an executable segment";
	find_headers(plan, h);
	return NULL;
}

bool
elf_mappable(const void *image, uint64_t head, uint64_t size)
{
	struct elf_plan plan;

	if (elf_plan(image, head, size, &plan) != NULL)
		return false;
	for (uint32_t i = 0; i < plan.count; i++)
		if (plan.segments[i].page_offset != (plan.segments[i].file_offset & VM_PAGE_MASK))
			return false;
	return true;
}
