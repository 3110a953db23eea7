/*
 * Address ranges in a tree ordered by address and augmented with the largest gap.
 */
#include "vm/range.h"
#include "sync/list.h"

#define range_of(tree_node) container_of(tree_node, struct range, node)

static void
range_update(struct tree_node *node)
{
	struct range *range = range_of(node);
	uint64_t most = range->gap;

	for (int side = TREE_LEFT; side <= TREE_RIGHT; side++)
		if (node->child[side] != NULL && range_of(node->child[side])->max_gap > most)
			most = range_of(node->child[side])->max_gap;
	range->max_gap = most;
}

void
range_set_init(struct range_set *set, uint64_t low, uint64_t high)
{
	set->tree.root = NULL;
	set->tree.update = range_update;
	set->low = low;
	set->high = high;
	set->close.start = set->close.end = high;
	set->close.gap = high - low;
	tree_insert(&set->tree, &set->close.node, NULL, TREE_LEFT);
}

/* The first range, the closing one included, that ends after address; address < high. */
static struct range *
find_after(const struct range_set *set, uint64_t address)
{
	struct tree_node *node = set->tree.root;
	struct range *best = NULL;

	while (node != NULL) {
		struct range *range = range_of(node);

		if (address < range->end) {
			best = range;
			if (address >= range->start)
				break;
			node = node->child[TREE_LEFT];
		} else {
			node = node->child[TREE_RIGHT];
		}
	}
	return best;
}

struct range *
range_find(const struct range_set *set, uint64_t address)
{
	struct range *range = find_after(set, address);

	return range != NULL && address >= range->start ? range : NULL;
}

struct range *
range_find_after(const struct range_set *set, uint64_t address)
{
	struct range *range = find_after(set, address);

	return range != &set->close ? range : NULL;
}

static void
gap_set(struct range_set *set, struct range *range, uint64_t gap)
{
	if (range->gap == gap)
		return;
	range->gap = gap;
	tree_refresh(&set->tree, &range->node);
}

void
range_insert(struct range_set *set, struct range *range)
{
	struct range *next = find_after(set, range->start);
	struct tree_node *parent = &next->node;
	enum tree_side side = TREE_LEFT;

	range->gap = range->start - (next->start - next->gap);
	/*
	 * Straight before `next` in order: its left child, or below the last node of its left
	 * subtree.
	 */
	if (parent->child[TREE_LEFT] != NULL) {
		side = TREE_RIGHT;
		for (parent = parent->child[TREE_LEFT]; parent->child[TREE_RIGHT] != NULL;)
			parent = parent->child[TREE_RIGHT];
	}
	next->gap = next->start - range->end;
	tree_insert(&set->tree, &range->node, parent, side);
	tree_refresh(&set->tree, &next->node);
}

void
range_remove(struct range_set *set, struct range *range)
{
	struct range *next = range_of(tree_next(&range->node));
	uint64_t gap = next->start - range->start + range->gap;

	tree_remove(&set->tree, &range->node);
	gap_set(set, next, gap);
}

void
range_resize(struct range_set *set, struct range *range, uint64_t start, uint64_t end)
{
	struct range *next = range_of(tree_next(&range->node));
	uint64_t before = range->start - range->gap;

	range->start = start;
	range->end = end;
	gap_set(set, range, start - before);
	gap_set(set, next, next->start - end);
}

struct range *
range_first(const struct range_set *set)
{
	struct range *first = range_of(tree_first(&set->tree));

	return first != &set->close ? first : NULL;
}

struct range *
range_next(const struct range_set *set, const struct range *range)
{
	struct range *next = range_of(tree_next(&range->node));

	return next != &set->close ? next : NULL;
}

struct range *
range_previous(const struct range *range)
{
	struct tree_node *node = tree_previous(&range->node);

	return node != NULL ? range_of(node) : NULL;
}

bool
range_free(const struct range_set *set, uint64_t start, uint64_t end)
{
	if (start < set->low || end > set->high || start >= end)
		return false;
	return find_after(set, start)->start >= end;
}

static bool
subtree_has(const struct tree_node *node, uint64_t size)
{
	return node != NULL && range_of(node)->max_gap >= size;
}

/* The first range of a subtree, in order, with a gap of at least size; there is one. */
static struct range *
subtree_first_gap(struct tree_node *node, uint64_t size)
{
	for (;;) {
		if (subtree_has(node->child[TREE_LEFT], size))
			node = node->child[TREE_LEFT];
		else if (range_of(node)->gap >= size)
			return range_of(node);
		else
			node = node->child[TREE_RIGHT];
	}
}

/* The first range after `range`, in order, with a gap of at least size, or NULL. */
static struct range *
next_gap(const struct range *range, uint64_t size)
{
	const struct tree_node *node = &range->node, *parent;

	if (subtree_has(node->child[TREE_RIGHT], size))
		return subtree_first_gap(node->child[TREE_RIGHT], size);
	for (; (parent = node->parent) != NULL; node = parent) {
		if (parent->child[TREE_RIGHT] == node)
			continue;
		if (range_of(parent)->gap >= size)
			return range_of(parent);
		if (subtree_has(parent->child[TREE_RIGHT], size))
			return subtree_first_gap(parent->child[TREE_RIGHT], size);
	}
	return NULL;
}

/* Where in the gap before `range`, and not before `from`, an aligned block fits. */
static bool
gap_place(const struct range *range, uint64_t from, uint64_t size, uint64_t mask, uint64_t *address)
{
	uint64_t place = range->start - range->gap;

	if (place < from)
		place = from;
	if (place > UINT64_MAX - mask)
		return false;
	place = (place + mask) & ~mask;
	if (place > range->start || range->start - place < size)
		return false;
	*address = place;
	return true;
}

bool
range_space(const struct range_set *set, uint64_t hint, uint64_t size, uint64_t mask,
    uint64_t *address)
{
	struct range *range;

	if (hint < set->low)
		hint = set->low;
	if (hint >= set->high || size > set->high - hint || mask > set->high)
		return false;
	range = find_after(set, hint);
	if (gap_place(range, hint, size, mask, address))
		return true;
	range = next_gap(range, size);
	if (range == NULL || gap_place(range, hint, size, mask, address))
		return range != NULL;
	/* The alignment did not fit the first gap: ask for one where it must. */
	if (size > UINT64_MAX - mask)
		return false;
	range = next_gap(range, size + mask);
	return range != NULL && gap_place(range, hint, size, mask, address);
}
