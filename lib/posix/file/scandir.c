/* A whole directory in memory. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct list {
	struct dirent **entries;
	size_t count, room;
};

/* Appends a copy. Returns -1 and ENOMEM. */
static int
append(struct list *list, const struct dirent *entry)
{
	size_t size = offsetof(struct dirent, d_name) + strlen(entry->d_name) + 1;

	if (list->count == list->room) {
		size_t room = list->room != 0 ? 2 * list->room : 16;
		struct dirent **entries = reallocarray(list->entries, room, sizeof(*entries));

		if (entries == NULL)
			return -1;
		list->entries = entries;
		list->room = room;
	}
	list->entries[list->count] = malloc(size);
	if (list->entries[list->count] == NULL)
		return -1;
	memcpy(list->entries[list->count], entry, size);
	list->entries[list->count++]->d_reclen = (unsigned short)size;
	return 0;
}

static void
discard(struct list *list)
{
	while (list->count > 0)
		free(list->entries[--list->count]);
	free(list->entries);
}

/* Returns 0, or -1 with errno. */
static int
collect(DIR *dir, struct list *list, int (*choose)(const struct dirent *))
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL)
		if ((choose == NULL || choose(entry)) && append(list, entry) < 0)
			return -1;
	return errno == 0 ? 0 : -1;
}

static int
compare_entries(const void *a, const void *b, void *compare)
{
	int (*function)(const struct dirent **, const struct dirent **) = *(void **)compare;

	return function((const struct dirent **)(uintptr_t)a, (const struct dirent **)(uintptr_t)b);
}

int
scandir(const char *path, struct dirent ***entries, int (*choose)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **))
{
	struct list list = { NULL, 0, 0 };
	DIR *dir = opendir(path);
	int saved = errno, result;

	if (dir == NULL)
		return -1;
	result = collect(dir, &list, choose);
	if (result == 0)
		errno = saved;
	saved = errno;
	closedir(dir);
	if (result < 0) {
		discard(&list);
		errno = saved;
		return -1;
	}
	if (compare != NULL && list.count > 1)
		qsort_r(list.entries, list.count, sizeof(*list.entries), compare_entries, &compare);
	errno = saved;
	*entries = list.entries;
	return (int)list.count;
}

int
alphasort(const struct dirent **a, const struct dirent **b)
{
	return strcoll((*a)->d_name, (*b)->d_name);
}
