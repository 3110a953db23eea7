#ifndef LIBC_REGEX_PARSE_H
#define LIBC_REGEX_PARSE_H

#include "regex.h"

struct parser {
	const char *at;
	struct __regex_program *program;
	int error;
	int depth;			/* groups that are open */
	int height;			/* of the tree of what came last in this sequence: its groups and repetitions */
};

/* A new node, or NULL with REG_ESPACE noted. */
struct node *__regex_node(struct parser *p, enum node_kind kind);

/* The pattern's next character. */
wint_t __regex_next(struct parser *p);

/* A bracket expression behind its '['. */
struct node *__regex_bracket(struct parser *p);

/* Adds to a set: the characters from first to last; a class of wctype. Notes REG_ESPACE. */
void __regex_set_add(struct parser *p, struct set *set, wint_t first, wint_t last);
void __regex_set_add_class(struct parser *p, struct set *set, wctype_t class);

/* Adds the other case of letters, takes out the newline, as the flags want. */
void __regex_set_finish(struct parser *p, struct set *set, bool inverted);

#endif
