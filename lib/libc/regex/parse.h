#ifndef LIBC_REGEX_PARSE_H
#define LIBC_REGEX_PARSE_H

#include "regex.h"

struct parser {
	const char *at;
	struct __regex_program *program;
	int error, depth;
};

/* A new node, or NULL with REG_ESPACE noted. */
struct node *__regex_node(struct parser *p, enum node_kind kind);

/* A bracket expression behind its '['. */
struct node *__regex_bracket(struct parser *p);

/* Adds the other case of letters, takes out the newline, as the flags want. */
void __regex_set_finish(struct parser *p, struct node *set, bool inverted);

#endif
