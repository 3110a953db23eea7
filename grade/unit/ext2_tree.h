/*
 * Making ext2 images for the tests: a temporary folder, a tree of files with known content, mke2fs.
 */
#ifndef GRADE_UNIT_EXT2_TREE_H
#define GRADE_UNIT_EXT2_TREE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_PATH "PATH=$PATH:/sbin:/usr/sbin; "

static char tree_dir[64] = "/tmp/ext2_test.XXXXXX";

/* Returns whether the temporary folder stands. */
static inline int
tree_begin(void)
{
	return mkdtemp(tree_dir) != NULL;
}

static inline void
tree_end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", tree_dir);
	if (system(command) != 0)
		perror(command);
}

/*
 * Runs a shell command with %s replaced by the temporary folder (up to four times). Returns its
 * status.
 */
static inline int
tree_run(const char *format)
{
	char command[2048] = TOOL_PATH;
	size_t n = strlen(command);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(command + n, sizeof(command) - n, format, tree_dir, tree_dir, tree_dir, tree_dir);
#pragma GCC diagnostic pop
	return system(command);
}

static inline char *
tree_path(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", tree_dir, name);
	return path;
}

/*
 * The byte that stands at an offset of a file made by tree_fill: differs from file to file and
 * block to block.
 */
static inline uint8_t
tree_byte(unsigned seed, uint64_t offset)
{
	uint64_t x = (offset / 8 + 1) * 0x9e3779b97f4a7c15ull + seed * 0xbf58476d1ce4e5b9ull;

	return (x ^ x >> 29) >> (offset % 8 * 7);
}

/* Writes `length` bytes of tree_byte at `offset`; the rest of a new file stays a hole. */
static inline void
tree_fill(const char *name, unsigned seed, uint64_t offset, size_t length)
{
	FILE *f = fopen(tree_path(name), "r+b");

	if (!f)
		f = fopen(tree_path(name), "w+b");
	if (!f)
		return;
	fseeko(f, offset, SEEK_SET);
	for (size_t i = 0; i < length; i++)
		putc(tree_byte(seed, offset + i), f);
	fclose(f);
}

#endif
