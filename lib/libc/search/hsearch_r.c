/* Hash tables (GNU hsearch_r). Entries stay where they are; the number told to hcreate_r only sizes a table. */
#define _GNU_SOURCE
#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct __hash_node {
	ENTRY entry;
	struct __hash_node *next;
};

/* FNV-1a (Fowler, Noll, Vo). The number of lists is a power of two. */
static struct __hash_node **
list_of(const struct hsearch_data *table, const char *key)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *key != 0; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3;
	return &table->__lists[(hash ^ hash >> 32) & (table->__size - 1)];
}

int
hcreate_r(size_t count, struct hsearch_data *table)
{
	size_t wanted = 8;

	if (table->__lists != NULL) {
		errno = EINVAL;
		return 0;
	}
	while (wanted < count && wanted < SIZE_MAX / 4)
		wanted *= 2;
	table->__lists = calloc(wanted, sizeof(*table->__lists));
	table->__size = table->__lists != NULL ? wanted : 0;
	return table->__lists != NULL;
}

/* The keys and data are the program's. */
void
hdestroy_r(struct hsearch_data *table)
{
	for (size_t i = 0; i < table->__size; i++)
		for (struct __hash_node *node = table->__lists[i], *next; node != NULL; node = next) {
			next = node->next;
			free(node);
		}
	free(table->__lists);
	*table = (struct hsearch_data){ NULL, 0 };
}

int
hsearch_r(ENTRY item, ACTION action, ENTRY **found, struct hsearch_data *table)
{
	struct __hash_node *node, **list;

	*found = NULL;
	if (table->__lists == NULL) {
		errno = action == FIND ? ESRCH : ENOMEM;
		return 0;
	}
	list = list_of(table, item.key);
	for (node = *list; node != NULL && strcmp(node->entry.key, item.key) != 0;)
		node = node->next;
	if (node == NULL && action == FIND) {
		errno = ESRCH;
		return 0;
	}
	if (node == NULL) {
		node = malloc(sizeof(*node));
		if (node == NULL)
			return 0;
		*node = (struct __hash_node){ item, *list };
		*list = node;
	}
	*found = &node->entry;
	return 1;
}
