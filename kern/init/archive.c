/*
 * Reading ustar archives. Every size comes from outside and is checked against the archive.
 *
 *	+--------------+--------------------+--------------+----------
 *	| header (512) | data, padded to 512| header (512) | ...	two zero headers end it
 *	+--------------+--------------------+--------------+----------
 */
#include "init/archive.h"

#include "init/string.h"

#define BLOCK 512

struct ustar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

_Static_assert(sizeof(struct ustar_header) == BLOCK, "POSIX ustar header");

static bool
parse_octal(const char *text, size_t length, size_t *value)
{
	size_t i = 0;

	*value = 0;
	for (; i < length && text[i] != 0 && text[i] != ' '; i++) {
		if (text[i] < '0' || text[i] > '7')
			return false;
		*value = *value * 8 + (text[i] - '0');
	}
	return i > 0;
}

bool
archive_next(const void *archive, size_t archive_size, size_t *offset, struct archive_file *file)
{
	while (*offset <= archive_size && archive_size - *offset >= BLOCK) {
		const struct ustar_header *header = (const void *)((const char *)archive + *offset);
		size_t size, room = archive_size - *offset - BLOCK;

		if (memcmp(header->magic, "ustar", 5) != 0 || !parse_octal(header->size, sizeof(header->size), &size) || size > room)
			return false;
		file->name = header->name;
		file->data = header + 1;
		file->size = size;
		*offset += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
		if (header->type == '0' || header->type == 0)
			return true;
	}
	return false;
}

static const char *
skip_root(const char *path)
{
	while (*path == '/' || (path[0] == '.' && path[1] == '/'))
		path++;
	return path;
}

bool
archive_find(const void *archive, size_t archive_size, const char *path, struct archive_file *file)
{
	size_t offset = 0;

	path = skip_root(path);
	while (archive_next(archive, archive_size, &offset, file)) {
		const char *name = skip_root(file->name);
		size_t room = sizeof(((struct ustar_header *)0)->name) - (name - file->name);

		if (strlen(path) <= room && strncmp(name, path, room) == 0)
			return true;
	}
	return false;
}
