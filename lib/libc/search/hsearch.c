/* The one hash table (POSIX.1-2017 hsearch). Its entries stay where they are; the number told to hcreate only sizes it. */
#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct node {
	ENTRY entry;
	struct node *next;
};

static struct node **table;
static size_t size;			/* lists; a power of two */

/* FNV-1a (Fowler, Noll, Vo). */
static size_t
list_of(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *key != 0; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3;
	return (hash ^ hash >> 32) & (size - 1);
}

int
hcreate(size_t count)
{
	size_t wanted = 8;

	if (table != NULL) {
		errno = EINVAL;
		return 0;
	}
	while (wanted < count && wanted < SIZE_MAX / 4)
		wanted *= 2;
	table = calloc(wanted, sizeof(*table));
	size = table != NULL ? wanted : 0;
	return table != NULL;
}

/* The keys and data are the program's. */
void
hdestroy(void)
{
	for (size_t i = 0; i < size; i++)
		for (struct node *node = table[i], *next; node != NULL; node = next) {
			next = node->next;
			free(node);
		}
	free(table);
	table = NULL;
	size = 0;
}

ENTRY *
hsearch(ENTRY item, ACTION action)
{
	struct node *node, **list;

	if (table == NULL) {
		errno = action == FIND ? ESRCH : ENOMEM;
		return NULL;
	}
	list = &table[list_of(item.key)];
	for (node = *list; node != NULL; node = node->next)
		if (strcmp(node->entry.key, item.key) == 0)
			return &node->entry;
	if (action == FIND) {
		errno = ESRCH;
		return NULL;
	}
	node = malloc(sizeof(*node));
	if (node == NULL)
		return NULL;
	*node = (struct node){ item, *list };
	*list = node;
	return &node->entry;
}
