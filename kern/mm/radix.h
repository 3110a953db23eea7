/*
 * A radix tree from 64-bit indexes to pointers: pages of an object, anons of an amap. 64 slots a
 * node, grows with the largest index. No locking of its own. Insertion may fail for lack of memory
 * and then changes nothing. Empty nodes are freed.
 */
#ifndef MM_RADIX_H
#define MM_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct radix_node;

struct radix {
	struct radix_node *root;
	uint32_t height;		/* levels below the root pointer; 0: empty */
	uint64_t count;			/* entries */
};

void radix_init(struct radix *tree);
void *radix_lookup(const struct radix *tree, uint64_t index);
bool radix_insert(struct radix *tree, uint64_t index,
    void *value); /* the slot must be empty; value not NULL */
void *radix_replace(struct radix *tree, uint64_t index,
    void *value); /* of a used slot; returns what was there. Never fails */
void *radix_remove(struct radix *tree, uint64_t index); /* the value that was there, or NULL */

/* The first entry at or after *index; sets *index to its place. NULL: none. */
void *radix_next(const struct radix *tree, uint64_t *index);

/* Frees all nodes; entries are the caller's. */
void radix_destroy(struct radix *tree);

#endif
