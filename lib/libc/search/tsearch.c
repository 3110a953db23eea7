/*
 * Search trees (POSIX.1-2017 tsearch): AVL trees, whose two sides differ by at most one in height. A node begins with the program's pointer,
 * since what the functions return points to that.
 */
#include <search.h>
#include <stdlib.h>

struct node {
	const void *key;
	struct node *side[2];		/* less, greater */
	int height;			/* of the tree from here; a single node has 1 */
};

#define PATH_MOST 96			/* nodes from the root down: 1.45 log2 of the number of nodes */

static int
height(const struct node *node)
{
	return node != NULL ? node->height : 0;
}

static void
measure(struct node *node)
{
	int less = height(node->side[0]), greater = height(node->side[1]);

	node->height = 1 + (less > greater ? less : greater);
}

/* The child on `which` side takes its parent's place. */
static struct node *
rotate(struct node *node, int which)
{
	struct node *child = node->side[which];

	node->side[which] = child->side[!which];
	child->side[!which] = node;
	measure(node);
	measure(child);
	return child;
}

/* Returns the root of the tree that was at `node`. */
static struct node *
balance(struct node *node)
{
	int excess = height(node->side[1]) - height(node->side[0]), which = excess > 0;
	struct node *child = node->side[which];

	if (excess >= -1 && excess <= 1) {
		measure(node);
		return node;
	}
	if (height(child->side[!which]) > height(child->side[which]))
		node->side[which] = rotate(child, !which);
	return rotate(node, which);
}

/* The links followed from the root to the key or its place. Returns their number; the last one is where the key is or would be. */
static int
descend(const void *key, void **root, int (*compare)(const void *, const void *), struct node ***path)
{
	struct node **link = (struct node **)root;
	int depth = 0, order;

	path[depth++] = link;
	while (*link != NULL && (order = compare(key, (*link)->key)) != 0) {
		link = &(*link)->side[order > 0];
		path[depth++] = link;
	}
	return depth;
}

/* From the lowest link up. */
static void
balance_path(struct node ***path, int depth)
{
	while (depth-- > 0)
		if (*path[depth] != NULL)
			*path[depth] = balance(*path[depth]);
}

void *
tsearch(const void *key, void **root, int (*compare)(const void *, const void *))
{
	struct node **path[PATH_MOST], *node;
	int depth;

	if (root == NULL)
		return NULL;
	depth = descend(key, root, compare, path);
	node = *path[depth - 1];
	if (node != NULL)
		return node;
	node = malloc(sizeof(*node));
	if (node == NULL)
		return NULL;
	*node = (struct node){ .key = key, .height = 1 };
	*path[depth - 1] = node;
	balance_path(path, depth - 1);
	return node;
}

void *
tfind(const void *key, void *const *root, int (*compare)(const void *, const void *))
{
	struct node *node = root != NULL ? *root : NULL;
	int order;

	while (node != NULL && (order = compare(key, node->key)) != 0)
		node = node->side[order > 0];
	return node;
}

/* Returns the node's parent; of the root, something that is not NULL. */
void *
tdelete(const void *restrict key, void **restrict root, int (*compare)(const void *, const void *))
{
	struct node **path[PATH_MOST], *node, *parent;
	int depth, at;

	if (root == NULL)
		return NULL;
	depth = descend(key, root, compare, path);
	at = depth - 1;
	node = *path[at];
	if (node == NULL)
		return NULL;
	parent = at > 0 ? *path[at - 1] : (struct node *)(void *)root;
	if (node->side[0] != NULL && node->side[1] != NULL) {
		/* The greatest of the lesser ones takes its place. */
		struct node **link = &node->side[0], *last;

		path[depth++] = link;
		for (; (*link)->side[1] != NULL; path[depth++] = link)
			link = &(*link)->side[1];
		last = *link;
		*link = last->side[0];
		last->side[0] = node->side[0];
		last->side[1] = node->side[1];
		*path[at] = last;
		path[at + 1] = &last->side[0];
	} else {
		*path[at] = node->side[node->side[0] == NULL];
	}
	free(node);
	balance_path(path, depth);
	return parent;
}

static void
walk(const struct node *node, void (*visit)(const void *, VISIT, int), int depth)
{
	if (node->side[0] == NULL && node->side[1] == NULL) {
		visit(node, leaf, depth);
		return;
	}
	visit(node, preorder, depth);
	if (node->side[0] != NULL)
		walk(node->side[0], visit, depth + 1);
	visit(node, postorder, depth);
	if (node->side[1] != NULL)
		walk(node->side[1], visit, depth + 1);
	visit(node, endorder, depth);
}

void
twalk(const void *root, void (*visit)(const void *, VISIT, int))
{
	if (root != NULL && visit != NULL)
		walk(root, visit, 0);
}

void
tdestroy(void *root, void (*release)(void *))
{
	struct node *node = root;

	if (node == NULL)
		return;
	tdestroy(node->side[0], release);
	tdestroy(node->side[1], release);
	release((void *)node->key);
	free(node);
}
