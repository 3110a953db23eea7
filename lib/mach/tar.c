/* The ustar reader. See tar.h. */
#include "mach/tar.h"
#include <string.h>

#define BLOCK	512u

struct tar_header {			/* all fields are text; numbers are octal */
	char name[100];
	char mode[8], uid[8], gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];		/* of the header with this field as spaces */
	char type;			/* '0' or 0: file, '5': folder */
	char link[100];
	char magic[6];			/* "ustar" */
	char version[2];
	char owner[32], group[32];
	char major[8], minor[8];
	char prefix[155];
	char pad[12];
};

_Static_assert(sizeof(struct tar_header) == BLOCK, "a header is one block");

static bool
octal(const char *text, size_t length, uint64_t *value)
{
	size_t i = 0;

	*value = 0;
	while (i < length && text[i] == ' ')
		i++;
	for (; i < length && text[i] != 0 && text[i] != ' '; i++) {
		if (text[i] < '0' || text[i] > '7')
			return false;
		*value = *value * 8 + (uint64_t)(text[i] - '0');
	}
	return true;
}

static bool
header_valid(const struct tar_header *h)
{
	const uint8_t *bytes = (const uint8_t *)h;
	uint64_t sum = 0, wanted;

	if (memcmp(h->magic, "ustar", 5) != 0 || !octal(h->checksum, sizeof(h->checksum), &wanted))
		return false;
	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= offsetof(struct tar_header, checksum) &&
				       i < offsetof(struct tar_header, type)
			       ? ' '
			       : bytes[i];
	return sum == wanted;
}

static void
name_join(char *name, const struct tar_header *h)
{
	size_t prefix = strnlen(h->prefix, sizeof(h->prefix)),
	       length = strnlen(h->name, sizeof(h->name)), n = 0;
	const char *start = name;

	if (prefix != 0) {
		memcpy(name, h->prefix, prefix);
		name[prefix] = '/';
		n = prefix + 1;
	}
	memcpy(name + n, h->name, length);
	n += length;
	while (n > 0 && name[n - 1] == '/')
		n--;
	name[n] = 0;
	while (start[0] == '/' || (start[0] == '.' && start[1] == '/'))
		start++;
	memmove(name, start, strlen(start) + 1);
}

bool
tar_next(const void *archive, uint64_t size, uint64_t *offset, struct tar_file *file)
{
	while (*offset <= size && size - *offset >= BLOCK) {
		const struct tar_header *h =
			(const struct tar_header *)((const uint8_t *)archive + *offset);
		uint64_t room = size - *offset - BLOCK;

		if (!header_valid(h) || !octal(h->size, sizeof(h->size), &file->size) ||
			file->size > room)
			return false;
		file->data = (const uint8_t *)h + BLOCK;
		*offset += BLOCK + (file->size + BLOCK - 1) / BLOCK * BLOCK;
		file->folder = h->type == '5';
		if (h->type != 0 && h->type != '0' && !file->folder)
			continue;
		name_join(file->name, h);
		return true;
	}
	return false;
}

bool
tar_find(const void *archive, uint64_t size, const char *name, struct tar_file *file)
{
	uint64_t offset = 0;

	while (*name == '/')
		name++;
	while (tar_next(archive, size, &offset, file))
		if (!file->folder && strcmp(file->name, name) == 0)
			return true;
	return false;
}
