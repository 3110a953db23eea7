/*
 * The radix tree of mm/radix.h. A node is 64 slots and nothing else (512 bytes, a whole size
 * class): whether it is empty is found by looking, which only removal and a failed insertion need.
 *
 *	height 2:	root -> [ node | - | node ... ]		slot = bits 11-6 of the index
 *				    |
 *				    +-> [ value | value | - ... ]	slot = bits 5-0
 *
 * Invariants: no node is empty; the root node of a tree of height h > 1 has an entry beyond slot 0
 * (else the tree would be lower).
 */
#include "mm/radix.h"
#include "mm/kalloc.h"

#define RADIX_BITS	6
#define RADIX_SLOTS	64u
#define RADIX_HEIGHT	11u		/* 11 * 6 bits hold any 64-bit index */

struct radix_node {
	void *slot[RADIX_SLOTS];
};

_Static_assert(sizeof(struct radix_node) == 512, "a node fills its size class");

static inline unsigned
slot_of(uint64_t index, unsigned level)
{
	return (index >> (level * RADIX_BITS)) & (RADIX_SLOTS - 1);
}

/* Whether a tree of this height has a place for index. */
static inline bool
height_covers(unsigned height, uint64_t index)
{
	return height >= RADIX_HEIGHT || index >> (height * RADIX_BITS) == 0;
}

void
radix_init(struct radix *tree)
{
	tree->root = NULL;
	tree->height = 0;
	tree->count = 0;
}

void *
radix_lookup(const struct radix *tree, uint64_t index)
{
	struct radix_node *node = tree->root;

	if (node == NULL || !height_covers(tree->height, index))
		return NULL;
	for (unsigned level = tree->height - 1; level > 0; level--) {
		node = node->slot[slot_of(index, level)];
		if (node == NULL)
			return NULL;
	}
	return node->slot[slot_of(index, 0)];
}

/* The first used slot at or after `from`, or RADIX_SLOTS. */
static unsigned
node_next_used(const struct radix_node *node, unsigned from)
{
	while (from < RADIX_SLOTS && node->slot[from] == NULL)
		from++;
	return from;
}

/* Lowers the tree while everything stands under slot 0 of the root. */
static void
radix_lower(struct radix *tree)
{
	while (tree->height > 1 && node_next_used(tree->root, 1) == RADIX_SLOTS) {
		struct radix_node *old = tree->root;

		tree->root = old->slot[0];
		tree->height--;
		kfree(old);
	}
}

/* Frees the empty nodes on the way to index, deepest first, then lowers the tree. */
static void
radix_prune(struct radix *tree, uint64_t index)
{
	struct radix_node *path[RADIX_HEIGHT];
	struct radix_node *node = tree->root;
	unsigned level = tree->height;

	while (level > 0 && node != NULL) {
		path[--level] = node;
		node = level > 0 ? node->slot[slot_of(index, level)] : NULL;
	}
	for (; level < tree->height; level++) {
		if (node_next_used(path[level], 0) < RADIX_SLOTS)
			break;
		kfree(path[level]);
		if (level + 1 < tree->height)
			path[level + 1]->slot[slot_of(index, level + 1)] = NULL;
	}
	if (level == tree->height) {
		tree->root = NULL;
		tree->height = 0;
		return;
	}
	radix_lower(tree);
}

/* Makes the tree high enough for index. */
static bool
radix_raise(struct radix *tree, uint64_t index)
{
	while (!height_covers(tree->height, index) || tree->height == 0) {
		struct radix_node *node;

		/* An empty tree grows by counting; its root is made at the final height. */
		if (tree->root == NULL && !height_covers(tree->height + 1, index)) {
			tree->height++;
			continue;
		}
		node = kalloc(sizeof(*node), KALLOC_RADIX);
		if (node == NULL)
			return false;
		node->slot[0] = tree->root;
		tree->root = node;
		tree->height++;
	}
	return true;
}

bool
radix_insert(struct radix *tree, uint64_t index, void *value)
{
	struct radix_node *node;

	if (!radix_raise(tree, index))
		goto undo;
	node = tree->root;
	for (unsigned level = tree->height - 1; level > 0; level--) {
		void **slot = &node->slot[slot_of(index, level)];

		if (*slot == NULL && (*slot = kalloc(sizeof(*node), KALLOC_RADIX)) == NULL)
			goto undo;
		node = *slot;
	}
	node->slot[slot_of(index, 0)] = value;
	tree->count++;
	return true;
undo:
	if (tree->root == NULL)
		tree->height = 0;
	else
		radix_prune(tree, index);
	return false;
}

void *
radix_replace(struct radix *tree, uint64_t index, void *value)
{
	struct radix_node *node = tree->root;
	void *old;

	for (unsigned level = tree->height - 1; level > 0; level--)
		node = node->slot[slot_of(index, level)];
	old = node->slot[slot_of(index, 0)];
	node->slot[slot_of(index, 0)] = value;
	return old;
}

void *
radix_remove(struct radix *tree, uint64_t index)
{
	struct radix_node *node = tree->root;
	unsigned slot = slot_of(index, 0);
	void *value;

	if (node == NULL || !height_covers(tree->height, index))
		return NULL;
	for (unsigned level = tree->height - 1; level > 0; level--) {
		node = node->slot[slot_of(index, level)];
		if (node == NULL)
			return NULL;
	}
	value = node->slot[slot];
	if (value == NULL)
		return NULL;
	node->slot[slot] = NULL;
	tree->count--;
	/*
	 * The neighbour is the likely survivor; only an empty node, or a root left with slot 0,
	 * changes the shape.
	 */
	if (node_next_used(node, slot) == RADIX_SLOTS && node_next_used(node, 0) == RADIX_SLOTS)
		radix_prune(tree, index);
	return value;
}

/*
 * One descent towards the first entry at or after *index. Returns the value, or NULL with *index
 * moved past the empty part (to 0: there is nothing more).
 */
static void *
radix_step(const struct radix *tree, uint64_t *index)
{
	struct radix_node *node = tree->root;

	for (unsigned level = tree->height - 1;; level--) {
		unsigned shift = level * RADIX_BITS;
		unsigned wanted = slot_of(*index, level);
		unsigned found = node_next_used(node, wanted);

		if (found == RADIX_SLOTS) {
			unsigned above = shift + RADIX_BITS;

			*index = above >= 64 ? 0 : ((*index >> above) + 1) << above;
			return NULL;
		}
		if (found != wanted)
			*index = ((*index >> shift) + (found - wanted)) << shift;
		if (level == 0)
			return node->slot[found];
		node = node->slot[found];
	}
}

void *
radix_next(const struct radix *tree, uint64_t *index)
{
	uint64_t place = *index;

	if (tree->root == NULL)
		return NULL;
	while (height_covers(tree->height, place)) {
		void *value = radix_step(tree, &place);

		if (value != NULL) {
			*index = place;
			return value;
		}
		if (place == 0)
			break;
	}
	return NULL;
}

static void
node_destroy(struct radix_node *node, unsigned level)
{
	for (unsigned slot = 0; level > 0 && slot < RADIX_SLOTS; slot++)
		if (node->slot[slot] != NULL)
			node_destroy(node->slot[slot], level - 1);
	kfree(node);
}

void
radix_destroy(struct radix *tree)
{
	if (tree->root != NULL)
		node_destroy(tree->root, tree->height - 1);
	radix_init(tree);
}
