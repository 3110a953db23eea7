// SOURCES: kern/init/archive.c kern/init/elf.c
// CFLAGS: -Ikern -Iinc
/*
 * The boot archive reader on archives that the host's tar made, whole and damaged; the ELF check on damaged headers.
 */
#include <stdlib.h>
#include <unistd.h>

#include "init/archive.h"
#include "init/elf.h"
#include "unit.h"

size_t strlcpy(char *to, const char *from, size_t size);

static char *archive;
static size_t archive_size;

static void
make_archive(void)
{
	char folder[] = "/tmp/machr-archive-XXXXXX", command[400];
	FILE *file;

	if (mkdtemp(folder) == NULL)
		exit(2);
	snprintf(command, sizeof(command), "cd %s && mkdir -p boot/test etc && printf hello > boot/init && : > boot/empty && "
	    "head -c 5000 /dev/zero > boot/test/zeros && printf x > etc/one && tar --format=ustar -cf a.tar boot etc", folder);
	if (system(command) != 0)
		exit(2);
	snprintf(command, sizeof(command), "%s/a.tar", folder);
	file = fopen(command, "rb");
	archive = malloc(1 << 20);
	archive_size = fread(archive, 1, 1 << 20, file);
	fclose(file);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	if (system(command) != 0)
		exit(2);
}

static void
files_are_found(void)
{
	struct archive_file file;

	REQUIRE(archive_find(archive, archive_size, "/boot/init", &file));
	CHECK_EQ(file.size, 5);
	CHECK(memcmp(file.data, "hello", 5) == 0);
	REQUIRE(archive_find(archive, archive_size, "boot/test/zeros", &file));
	CHECK_EQ(file.size, 5000);
	CHECK(archive_find(archive, archive_size, "./etc/one", &file));
	CHECK(archive_find(archive, archive_size, "boot/empty", &file) && file.size == 0);
	CHECK(!archive_find(archive, archive_size, "boot", &file));
	CHECK(!archive_find(archive, archive_size, "boot/ini", &file));
	CHECK(!archive_find(archive, archive_size, "boot/init2", &file));
	CHECK(!archive_find(archive, archive_size, "", &file));
}

static void
damage_never_reads_outside(void)
{
	struct archive_file file;

	srand(3);
	for (unsigned round = 0; round < 2000; round++) {
		size_t size = rand() % (archive_size + 1), offset = 0, files = 0;
		char *copy = malloc(size + 1);		/* exact, so that ASan sees a step too far */

		memcpy(copy, archive, size);
		for (unsigned i = 0; size > 0 && i < round % 5; i++)
			copy[rand() % size] = rand();
		while (archive_next(copy, size, &offset, &file)) {
			REQUIRE((const char *)file.data + file.size <= copy + size);
			REQUIRE(++files < 1000);
		}
		free(copy);
	}
}

static void
elf_damage_is_named(void)
{
	char path[] = "/proc/self/exe";
	FILE *file = fopen(path, "rb");
	char *image = malloc(1 << 24);
	size_t size = fread(image, 1, 1 << 24, file);
	struct elf_image elf;

	fclose(file);
	CHECK(elf_parse(image, size, ELF_MACHINE_AARCH64 + 1000, &elf) != NULL);
	CHECK(elf_parse(image, 10, ELF_MACHINE_X86_64, &elf) != NULL);
	image[16] = 2;						/* ET_EXEC, so that the rest is looked at */
	srand(5);
	for (unsigned round = 0; round < 20000; round++) {
		char saved[64 + 56 * 16];

		memcpy(saved, image, sizeof(saved));
		for (unsigned i = 0; i < 3; i++)
			image[24 + rand() % (sizeof(saved) - 24)] = rand();
		if (elf_parse(image, size, *(unsigned short *)(image + 18), &elf) == NULL)
			for (unsigned i = 0; i < elf.segment_count; i++) {
				REQUIRE(elf.segments[i].file_offset + elf.segments[i].file_size <= size);
				REQUIRE(elf.segments[i].file_size <= elf.segments[i].memory_size);
			}
		memcpy(image, saved, sizeof(saved));
	}
	free(image);
}

int
main(void)
{
	make_archive();
	TEST(files_are_found);
	TEST(damage_never_reads_outside);
	TEST(elf_damage_is_named);
	free(archive);
	return unit_done();
}
