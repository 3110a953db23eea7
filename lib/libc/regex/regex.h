/*
 * Inside regular expressions: a pattern becomes a tree of nodes. Every node knows what follows it, so that matching is a
 * walk; alternatives are tried in order and the longest match from the leftmost start wins (POSIX.1-2017 9.1).
 */
#ifndef LIBC_REGEX_REGEX_H
#define LIBC_REGEX_REGEX_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

enum node_kind { NODE_SET, NODE_BEGIN, NODE_END, NODE_GROUP, NODE_ALTERNATIVES, NODE_REPEAT, NODE_BACK, NODE_WORD, NODE_EMPTY };

struct node {
	enum node_kind kind;
	struct node *next;		/* what follows in the same sequence */
	struct node *all;		/* list of all nodes, for freeing */
	struct node *left, *right;	/* group and repeat: the body (left); alternatives: two sequences */
	int least, most;		/* repeat; most -1: no limit */
	int number;			/* group, back reference; word: '<' '>' 'b' 'B'; repeat: first group inside */
	int last;			/* repeat: last group inside + 1 */
	uint32_t set[8];		/* bytes that match */
};

struct __regex_program {
	struct node *first, *nodes;
	int flags, groups;
	bool back_references;
};

static inline bool
set_has(const struct node *node, unsigned char c)
{
	return (node->set[c / 32] >> c % 32 & 1) != 0;
}

static inline void
set_add(struct node *node, unsigned char c)
{
	node->set[c / 32] |= 1u << c % 32;
}

#endif
