/*
 * AVL trees with parent pointers. Invariant: the heights of a node's two subtrees differ by at most
 * one.
 */
#include "vm/tree.h"

static int
height_of(const struct tree_node *node)
{
	return node != NULL ? node->height : 0;
}

static void
node_refresh(struct tree *tree, struct tree_node *node)
{
	int left = height_of(node->child[TREE_LEFT]), right = height_of(node->child[TREE_RIGHT]);

	node->height = 1 + (left > right ? left : right);
	tree->update(node);
}

static inline enum tree_side
side_of(const struct tree_node *parent, const struct tree_node *node)
{
	return parent->child[TREE_RIGHT] == node ? TREE_RIGHT : TREE_LEFT;
}

/* Puts `new` (may be NULL) where `old` hangs below its parent. */
static void
replace_child(struct tree *tree, struct tree_node *old, struct tree_node *new)
{
	struct tree_node *parent = old->parent;

	if (parent == NULL)
		tree->root = new;
	else
		parent->child[side_of(parent, old)] = new;
	if (new != NULL)
		new->parent = parent;
}

/*
 * Lifts the child on the side opposite to `side` above node:
 *
 *	   node            up
 *	  /    \    ->    /  \		side = TREE_LEFT
 *	 a      up     node   c
 *	       /  \    /  \
 *	      b    c  a    b
 */
static struct tree_node *
rotate(struct tree *tree, struct tree_node *node, enum tree_side side)
{
	struct tree_node *up = node->child[!side];
	struct tree_node *inner = up->child[side];

	replace_child(tree, node, up);
	up->child[side] = node;
	node->parent = up;
	node->child[!side] = inner;
	if (inner != NULL)
		inner->parent = node;
	node_refresh(tree, node);
	node_refresh(tree, up);
	return up;
}

/* Restores the balance at one node whose subtrees are balanced. Returns the root of the subtree. */
static struct tree_node *
node_balance(struct tree *tree, struct tree_node *node)
{
	int lean = height_of(node->child[TREE_RIGHT]) - height_of(node->child[TREE_LEFT]);
	enum tree_side heavy = lean > 0 ? TREE_RIGHT : TREE_LEFT;
	struct tree_node *child;

	node_refresh(tree, node);
	if (lean >= -1 && lean <= 1)
		return node;
	child = node->child[heavy];
	if (height_of(child->child[!heavy]) > height_of(child->child[heavy]))
		rotate(tree, child, heavy);
	return rotate(tree, node, !heavy);
}

/* The augmented value may depend on everything below, so the walk always goes up to the root. */
static void
balance_upwards(struct tree *tree, struct tree_node *node)
{
	while (node != NULL)
		node = node_balance(tree, node)->parent;
}

void
tree_insert(struct tree *tree, struct tree_node *node, struct tree_node *parent,
    enum tree_side side)
{
	node->child[TREE_LEFT] = node->child[TREE_RIGHT] = NULL;
	node->parent = parent;
	if (parent == NULL)
		tree->root = node;
	else
		parent->child[side] = node;
	balance_upwards(tree, node);
}

static struct tree_node *
subtree_end(struct tree_node *node, enum tree_side side)
{
	while (node != NULL && node->child[side] != NULL)
		node = node->child[side];
	return node;
}

void
tree_remove(struct tree *tree, struct tree_node *node)
{
	struct tree_node *left = node->child[TREE_LEFT], *right = node->child[TREE_RIGHT];
	struct tree_node *heir, *changed;

	if (left == NULL || right == NULL) {
		changed = node->parent;
		replace_child(tree, node, left != NULL ? left : right);
		balance_upwards(tree, changed);
		return;
	}
	/* The next node in order has no left child: it leaves its place and takes node's. */
	heir = subtree_end(right, TREE_LEFT);
	changed = heir->parent == node ? heir : heir->parent;
	replace_child(tree, heir, heir->child[TREE_RIGHT]);
	replace_child(tree, node, heir);
	for (int side = TREE_LEFT; side <= TREE_RIGHT; side++) {
		heir->child[side] = node->child[side];
		if (heir->child[side] != NULL)
			heir->child[side]->parent = heir;
	}
	balance_upwards(tree, changed);
}

void
tree_refresh(struct tree *tree, struct tree_node *node)
{
	for (; node != NULL; node = node->parent)
		tree->update(node);
}

struct tree_node *
tree_first(const struct tree *tree)
{
	return subtree_end(tree->root, TREE_LEFT);
}

static struct tree_node *
neighbour(const struct tree_node *node, enum tree_side side)
{
	const struct tree_node *parent;

	if (node->child[side] != NULL)
		return subtree_end(node->child[side], !side);
	for (parent = node->parent; parent != NULL && parent->child[side] == node;
	     parent = node->parent)
		node = parent;
	return (struct tree_node *)parent;
}

struct tree_node *
tree_next(const struct tree_node *node)
{
	return neighbour(node, TREE_RIGHT);
}

struct tree_node *
tree_previous(const struct tree_node *node)
{
	return neighbour(node, TREE_LEFT);
}
