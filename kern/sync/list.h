/*
 * Doubly linked, circular, intrusive lists. A struct list is the head; struct list_node is embedded in what is listed.
 * A node that is on no list points to itself after list_node_init or list_remove, so membership can be asked.
 */
#ifndef SYNC_LIST_H
#define SYNC_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *next, *prev;
};

struct list {
	struct list_node head;
};

#define LIST_INIT(l) { { &(l).head, &(l).head } }

#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

static inline void
list_init(struct list *list)
{
	list->head.next = list->head.prev = &list->head;
}

static inline void
list_node_init(struct list_node *node)
{
	node->next = node->prev = node;
}

static inline bool
list_empty(const struct list *list)
{
	return list->head.next == &list->head;
}

static inline bool
list_linked(const struct list_node *node)
{
	return node->next != node;
}

static inline void
list_insert_before(struct list_node *position, struct list_node *node)
{
	node->next = position;
	node->prev = position->prev;
	position->prev->next = node;
	position->prev = node;
}

static inline void
list_append(struct list *list, struct list_node *node)
{
	list_insert_before(&list->head, node);
}

static inline void
list_prepend(struct list *list, struct list_node *node)
{
	list_insert_before(list->head.next, node);
}

/* Leaves the node itself as it is: for one whose membership nobody asks for. */
static inline void
list_unlink(struct list_node *node)
{
	struct list_node *next = node->next, *prev = node->prev;

	prev->next = next;
	next->prev = prev;
}

static inline void
list_remove(struct list_node *node)
{
	list_unlink(node);
	list_node_init(node);
}

/* The first node, off the list, or NULL. */
static inline struct list_node *
list_pop(struct list *list)
{
	struct list_node *node = list->head.next;

	if (node == &list->head)
		return NULL;
	list_remove(node);
	return node;
}

static inline struct list_node *
list_first(const struct list *list)
{
	return list_empty(list) ? NULL : list->head.next;
}

#define list_entry(node, type, member) container_of(node, type, member)

/* The node of an entry; at a list's end that is the head, and the entry none, so no member of it is named. */
#define list_node_of(entry, member) \
	((struct list_node *)((char *)(entry) + offsetof(__typeof__(*entry), member)))

#define list_for_each(entry, list, member) \
	for (entry = container_of((list)->head.next, __typeof__(*entry), member); \
	     list_node_of(entry, member) != &(list)->head; \
	     entry = container_of(list_node_of(entry, member)->next, __typeof__(*entry), member))

/* The body may remove the entry. */
#define list_for_each_safe(entry, following, list, member) \
	for (entry = container_of((list)->head.next, __typeof__(*entry), member), \
	     following = container_of(list_node_of(entry, member)->next, __typeof__(*entry), member); \
	     list_node_of(entry, member) != &(list)->head; \
	     entry = following, following = container_of(list_node_of(following, member)->next, __typeof__(*entry), member))

#endif
