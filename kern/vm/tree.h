/*
 * Balanced binary trees (AVL), intrusive and pure: no allocation, no locks, compiled on the host as
 * it is.
 *
 * The caller descends and compares by itself; the tree links, removes and keeps the height
 * logarithmic. `update` recomputes what a node caches about its subtree (an augmented value) from
 * its children; it is called for every node whose subtree changed, children first.
 */
#ifndef VM_TREE_H
#define VM_TREE_H

#include <stddef.h>

enum tree_side { TREE_LEFT = 0, TREE_RIGHT = 1 };

struct tree_node {
	struct tree_node *child[2];
	struct tree_node *parent;	/* NULL: the root */
	int height;			/* of the subtree; a leaf has 1 */
};

struct tree {
	struct tree_node *root;
	void (*update)(struct tree_node *node);
};

/*
 * Purpose: link a new leaf. Conditions: parent's child on that side is NULL; parent NULL: the tree
 * is empty.
 */
void tree_insert(struct tree *tree, struct tree_node *node, struct tree_node *parent,
    enum tree_side side);

void tree_remove(struct tree *tree, struct tree_node *node);

/* Recomputes the augmented values from `node` up to the root, after the node's own data changed. */
void tree_refresh(struct tree *tree, struct tree_node *node);

/* In order; NULL at the ends. */
struct tree_node *tree_first(const struct tree *tree);
struct tree_node *tree_next(const struct tree_node *node);
struct tree_node *tree_previous(const struct tree_node *node);

#endif
