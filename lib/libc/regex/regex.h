/*
 * Inside regular expressions (POSIX.1-2017 9): a pattern becomes a tree of nodes (regcomp.c, bracket.c), the tree a program (program.c).
 *
 *	a(b|c)*		 0 SET a		 4 SET b		 9 LOOP 2 10
 *			 1 SPLIT 2 10		 5 JUMP 7		10 MATCH
 *			 2 SAVE start of 1	 6 SET c
 *			 3 SPLIT 4 6		 7 SAVE end of 1
 *
 * Where the program can be at a place of the text is a set of instructions. regexec.c goes through the text once with such a set, which tells the
 * leftmost longest match in time text * program; only then, and if they are asked for, groups.c looks for the way that leads there.
 */
#ifndef LIBC_REGEX_REGEX_H
#define LIBC_REGEX_REGEX_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wctype.h>

/* --- sets of characters --- */

struct range {
	wint_t first, last;
};

/* Bytes, or, with UTF-8, ASCII; and what else belongs to it, with UTF-8. */
struct set {
	uint32_t bits[8];
	struct range *ranges;		/* from malloc */
	int count;
	uint32_t classes;		/* of wctype: bit n for n */
	bool inverted;			/* `ranges` and `classes` say what does not belong */
};

/* --- the tree --- */

enum node_kind { NODE_SET, NODE_BEGIN, NODE_END, NODE_GROUP, NODE_ALTERNATIVES, NODE_REPEAT, NODE_BACK, NODE_WORD, NODE_EMPTY };

struct node {
	enum node_kind kind;
	struct node *next;		/* what follows in the same sequence */
	struct node *all;		/* list of all nodes, for freeing */
	struct node *left, *right;	/* group and repeat: the body (left); alternatives: a sequence and what else there is: more of them, or the last one */
	int least, most;		/* repeat; most -1: no limit */
	int number;			/* group, back reference; word: '<' '>' 'b' 'B'; repeat: first group inside */
	int last;			/* repeat: last group inside + 1 */
	struct set set;
};

/* --- the program --- */

enum op {
	OP_SET,				/* takes a character of node->set */
	OP_BACK,			/* takes what group x has */
	OP_BEGIN, OP_END, OP_WORD,	/* hold here or not; word: kind x */
	OP_SAVE,			/* slot x = here: of group n, slot 2n is its start, 2n + 1 its end */
	OP_RESET,			/* slots from x to y - 1: none */
	OP_MARK,			/* slot x = here: where a turn of a loop began; only with back references */
	OP_LOOP,			/* goes to x, or else to y; number: the slot of its mark */
	OP_SPLIT,			/* goes to x, or else to y */
	OP_JUMP,			/* goes to x */
	OP_MATCH,
};

struct instruction {
	enum op op;
	int x, y, number;
	const struct node *node;
};

struct __regex_program {
	struct node *first, *nodes;
	struct instruction *code;
	int length, room;		/* of `code`: instructions */
	int slots;			/* of groups and marks */
	int flags, groups;
	bool back_references, utf8;
	bool anchored;			/* a match begins with the text */
	bool may_be_empty;
	uint32_t starts[8];		/* bytes that begin a match which is not empty */
};

/* Makes the program from the tree. Returns 0 or REG_ESPACE. */
int __regex_program(struct __regex_program *program);

/* --- matching --- */

struct place {
	const char *start, *end;
};

struct text {
	const struct __regex_program *program;
	const char *start, *end;
	int flags;
	long *steps;			/* of all walks with back references */
};

static inline bool
bit_of(const uint32_t *bits, unsigned n)
{
	return (bits[n / 32] >> n % 32 & 1) != 0;
}

/* The character at a place before the end; WEOF: none. Returns its bytes, at least 1. */
int __regex_character(const struct __regex_program *program, const char *at, const char *end, wint_t *code);

/* Whether it belongs to the set; case counts for nothing where REG_ICASE says so. */
bool __regex_in_set(const struct __regex_program *program, const struct set *set, wint_t code);

/* Whether OP_BEGIN, OP_END, OP_WORD hold. */
bool __regex_holds(const struct text *text, const struct instruction *i, const char *at);

/*
 * Walks the program on one way to a match of `whole` (the longest from whole->start, if the end is NULL: with back references) and fills count
 * groups, greedy repetitions and first alternatives first. Returns 0, REG_NOMATCH or REG_ESPACE.
 */
int __regex_groups(const struct text *text, struct place *whole, struct place *groups, size_t count);

#endif
