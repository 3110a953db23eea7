/*
 * The program loader's pure parts: which ELF files are accepted, and the first contents of the
 * stack; the ustar reader.
 */
// SOURCES: lib/mach/elf_plan.c lib/mach/elf_stack.c lib/mach/tar.c
#include "unit.h"
#include "mach/elf_load.h"
#include "mach/tar.h"
#include <mach/vm.h>
#include <stdlib.h>

const uint16_t elf_machine = 62;

struct header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

static struct {
	struct header h;
	struct segment p[12];
	uint8_t rest[8192];
} file;
static struct elf_plan plan;

static void
good_file(void)
{
	memset(&file, 0, sizeof(file));
	file.h = (struct header){.ident = "\177ELF\2\1\1",
		.type = 2,
		.machine = 62,
		.version = 1,
		.entry = 0x80001100,
		.phoff = 64,
		.ehsize = 64,
		.phentsize = 56,
		.phnum = 3};
	file.p[0] = (struct segment){ 1, 4, 0, 0x80000000, 0, 0x800, 0x800, 4096 };
	file.p[1] = (struct segment){ 1, 5, 0x100, 0x80001100, 0, 0x200, 0x200, 4096 };
	file.p[2] = (struct segment){ 1, 6, 0x300, 0x80002300, 0, 0x10, 0x5000, 4096 };
}

static const char *
check(void)
{
	return elf_plan(&file, sizeof(file), sizeof(file), &plan);
}

static void
a_good_file_is_planned(void)
{
	good_file();
	CHECK(check() == NULL);
	CHECK_EQ(plan.count, 3);
	CHECK_EQ(plan.entry, 0x80001100);
	CHECK_EQ(plan.headers, 0x80000040);
	CHECK_EQ(plan.header_count, 3);
	CHECK_EQ(plan.segments[1].page_offset, 0x100);
	CHECK_EQ(plan.segments[1].protection, VM_PROT_READ | VM_PROT_EXECUTE);
	CHECK_EQ(plan.segments[2].address, 0x80002000);
	CHECK_EQ(plan.segments[2].size, 0x6000);
	CHECK_EQ(plan.segments[2].file_size, 0x10);
	CHECK_EQ(plan.end, 0x80008000);
}

#define BAD(change) do { \
	good_file(); \
	change; \
	if (check() == NULL) \
		unit_complain(__FILE__, __LINE__, #change); \
} while (0)

static void
bad_files_are_refused(void)
{
	BAD(file.h.ident[1] = 'e');
	BAD(file.h.ident[4] = 1);
	BAD(file.h.machine = 183);
	BAD(file.h.type = 3);
	BAD(file.h.phentsize = 32);
	BAD(file.h.phoff = 68);
	BAD(file.h.phoff = UINT64_MAX - 7);
	BAD(file.h.phnum = 60000);
	BAD(file.h.phnum = 0);
	BAD(file.h.entry = 0x80000000);
	BAD(file.h.entry = 0x80003000);
	BAD(file.p[0].type = 3);
	BAD(file.p[0].type = 2);
	BAD(file.p[0].vaddr = 0x1000);
	BAD(file.p[0].vaddr = 0xffff800000000000);
	BAD(file.p[2].vaddr = UINT64_MAX - 0xfff);
	BAD(file.p[2].memsz = UINT64_MAX);
	BAD(file.p[2].memsz = 1ull << 48);
	BAD(file.p[2].filesz = 0x6000);
	BAD(file.p[2].offset = UINT64_MAX);
	BAD(file.p[2].offset = sizeof(file) - 8);
	BAD(file.p[2].flags = 7);
	BAD(file.p[2].vaddr = 0x80001400);		/* shares a page */
	BAD(file.p[1].vaddr = 0x80009100);		/* not ascending */
	CHECK(elf_plan(&file, 0, 0, &plan) != NULL);
	CHECK(elf_plan(&file, 63, 63, &plan) != NULL);
	CHECK(elf_plan(&file, 100, 100, &plan) != NULL);
}

static void
too_many_segments_are_refused(void)
{
	good_file();
	file.h.phnum = 12;
	for (unsigned i = 3; i < 12; i++)
		file.p[i] = (struct segment){ 1, 4, 0, 0x80010000 + i * 0x1000, 0, 1, 1, 4096 };
	CHECK(check() != NULL);
	for (unsigned i = 3; i < 12; i++)
		file.p[i].type = 0x6474e551;
	CHECK(check() == NULL);
}

/* Every accepted plan keeps its promises, whatever the file says. */
static void
damaged_files_do_no_harm(void)
{
	uint32_t seed = 1;

	for (int round = 0; round < 200000 && unit_bad == 0; round++) {
		good_file();
		for (int i = 0; i < 1 + round % 4; i++) {
			seed = seed * 1664525u + 1013904223u;
			((uint8_t *)&file)[(seed >> 8) % 232] = (uint8_t)(seed >> 24);
		}
		if (check() != NULL)
			continue;
		for (uint32_t i = 0; i < plan.count; i++) {
			const struct elf_segment *s = &plan.segments[i];

			CHECK(s->address >= VM_MIN_ADDRESS &&
				s->address + s->size <= VM_MAX_ADDRESS && s->size != 0);
			CHECK(s->file_offset <= sizeof(file) &&
				s->file_size <= sizeof(file) - s->file_offset);
			CHECK(s->page_offset + s->file_size <= s->size);
			CHECK(i == 0 || plan.segments[i - 1].address + plan.segments[i - 1].size <=
						s->address);
		}
	}
}

static void
the_stack_stands_above_the_program(void)
{
	CHECK_EQ(elf_stack_place(0x80100000), 0xc0000000 - VM_PAGE_SIZE - ELF_SHARED_MAX);
	CHECK_EQ(elf_stack_place(0xbff00000), 0x100000000 - VM_PAGE_SIZE - ELF_SHARED_MAX);
	CHECK_EQ(elf_stack_place(VM_MAX_ADDRESS - VM_PAGE_SIZE), 0);
}

static void
stack_contents(void)
{
	static const struct elf_strings arguments = {"prog\0a b\0", 10}, environment = {"X=1", 4};
	const uint64_t random[2] = { 1, 2 };
	_Alignas(16) uint8_t buffer[1024];
	vm_address_t end = 0xbffff000, sp, base = end - sizeof(buffer);
	uint64_t *at;

	good_file();
	check();
	sp = elf_stack_fill(
		buffer, sizeof(buffer), end, &plan, end, &arguments, &environment, random);
	REQUIRE(sp != 0 && sp % 16 == 0);
	at = (uint64_t *)(buffer + (sp - base));
	CHECK_EQ(at[0], 3);
	CHECK_STR((char *)buffer + (at[1] - base), "prog");
	CHECK_STR((char *)buffer + (at[2] - base), "a b");
	CHECK_STR((char *)buffer + (at[3] - base), "");
	CHECK_EQ(at[4], 0);
	CHECK_STR((char *)buffer + (at[5] - base), "X=1");
	CHECK_EQ(at[6], 0);
	CHECK_EQ(at[7], 3);			/* AT_PHDR */
	CHECK_EQ(at[8], 0x80000040);
	CHECK_EQ(at[11], 5);			/* AT_PHNUM */
	CHECK_EQ(at[12], 3);
	CHECK_EQ(at[19], AT_MACH_STARTUP);
	CHECK_EQ(at[20], end);
	CHECK_EQ(at[21], 0);
	CHECK_EQ(buffer[sizeof(buffer) - 16], 1);
}

static void
a_stack_without_room_is_refused(void)
{
	static char text[512];
	const struct elf_strings many = { text, 512 }, none = { NULL, 0 };
	const uint64_t random[2] = { 0, 0 };
	uint8_t *buffer = aligned_alloc(16, 8192);

	good_file();
	check();
	CHECK_EQ(elf_stack_fill(buffer, 4096, 0xbffff000, &plan, 0, &many, &none, random), 0);
	CHECK(elf_stack_fill(buffer, 8192, 0xbffff000, &plan, 0, &many, &many, random) == 0);
	CHECK(elf_stack_fill(buffer, 8192, 0xbffff000, &plan, 0, &many, &none, random) != 0);
	CHECK(elf_stack_fill(buffer, 4096, 0xbffff000, &plan, 0, &none, &none, random) != 0);
	free(buffer);
}

/* --- archives --- */

static uint8_t archive[512 * 32];
static size_t archive_size;

static void
tar_add(const char *prefix, const char *name, char type, const char *data)
{
	char *h = (char *)archive + archive_size;
	unsigned sum = 0;

	memset(h, 0, 512);
	strncpy(h, name, 100);
	snprintf(h + 124, 12, "%011o", (unsigned)strlen(data) & 07777777);
	memcpy(h + 257, "ustar\00000", 8);
	h[156] = type;
	strncpy(h + 345, prefix, 155);
	memset(h + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (uint8_t)h[i];
	snprintf(h + 148, 8, "%06o", sum & 0777777);
	memcpy(h + 512, data, strlen(data));
	archive_size += 512 + (strlen(data) + 511) / 512 * 512;
}

static void
tar_make(void)
{
	memset(archive, 0, sizeof(archive));
	archive_size = 0;
	tar_add("", "boot/", '5', "");
	tar_add("", "./boot/init", '0', "hello");
	tar_add("", "boot/link", '2', "");
	tar_add("etc/a/long/prefix", "x.unit", '0', "");
	tar_add("", "last", 0, "end");
}

static void
archive_entries(void)
{
	struct tar_file f;
	uint64_t offset = 0;

	tar_make();
	CHECK(tar_next(archive, sizeof(archive), &offset, &f) && f.folder);
	CHECK_STR(f.name, "boot");
	CHECK(tar_next(archive, sizeof(archive), &offset, &f) && !f.folder);
	CHECK_STR(f.name, "boot/init");
	CHECK_EQ(f.size, 5);
	CHECK_EQ(memcmp(f.data, "hello", 5), 0);
	CHECK(tar_next(archive, sizeof(archive), &offset, &f));
	CHECK_STR(f.name, "etc/a/long/prefix/x.unit");
	CHECK(tar_next(archive, sizeof(archive), &offset, &f));
	CHECK(!tar_next(archive, sizeof(archive), &offset, &f));
	CHECK(tar_find(archive, sizeof(archive), "/boot/init", &f));
	CHECK(tar_find(archive, archive_size, "last", &f));
	CHECK(!tar_find(archive, sizeof(archive), "boot", &f));
	CHECK(!tar_find(archive, sizeof(archive), "boot/link", &f));
}

static void
damaged_archives_do_no_harm(void)
{
	uint32_t seed = 7;
	struct tar_file f;

	for (int round = 0; round < 3000; round++) {
		size_t size;
		uint8_t *copy;
		uint64_t offset = 0;

		tar_make();
		seed = seed * 1664525u + 1013904223u;
		size = (seed >> 8) % (archive_size + 1);
		if (round % 2 == 0)
			archive[512 + 124 + round % 11] = (uint8_t)('0' + seed % 8);
		copy = malloc(size + 1);
		memcpy(copy, archive, size);
		while (tar_next(copy, size, &offset, &f))
			CHECK((const uint8_t *)f.data + f.size <= copy + size);
		free(copy);
	}
}

static void
a_size_beyond_the_archive_is_refused(void)
{
	struct tar_file f;

	memset(archive, 0, sizeof(archive));
	archive_size = 0;
	tar_add("", "big", '0', "0123456789");
	CHECK(tar_find(archive, 522, "big", &f));
	CHECK(!tar_find(archive, 521, "big", &f));
}

int
main(void)
{
	TEST(a_good_file_is_planned);
	TEST(bad_files_are_refused);
	TEST(too_many_segments_are_refused);
	TEST(damaged_files_do_no_harm);
	TEST(the_stack_stands_above_the_program);
	TEST(stack_contents);
	TEST(a_stack_without_room_is_refused);
	TEST(archive_entries);
	TEST(damaged_archives_do_no_harm);
	TEST(a_size_beyond_the_archive_is_refused);
	return unit_done();
}
