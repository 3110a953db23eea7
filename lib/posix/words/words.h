/*
 * Inside wordexp. A field is kept as a pattern: what was quoted and would have a meaning there has a backslash, so that the names of files can be
 * put in its place, or the backslashes be taken off.
 *
 * Everything that can fail returns 0 or a WRDE_ error; then the whole call fails.
 */
#ifndef LIB_POSIX_WORDS_WORDS_H
#define LIB_POSIX_WORDS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *bytes;			/* ends with a 0, once there is something */
	size_t used, size;
};

struct words {
	const char *at;			/* what is read next */
	int flags;			/* WRDE_* */
	bool whole;			/* one field, which nothing splits: the value of something */

	struct text field;
	bool open;			/* the field has begun, be it empty */
	bool magic;			/* it is a pattern for names of files */

	char **fields;			/* those that are complete */
	size_t count;
};

/* --- text --- */

int __words_text_add(struct text *text, const char *bytes, size_t count);

/* Takes the backslashes off a pattern. */
void __words_text_plain(char *pattern);

/* --- words.c --- */

/* Expands from w->at to `end`. quoted: as in double quotes. outside: not in braces: what a shell would take for an operator is an error. */
int __words_run(struct words *w, const char *end, bool quoted, bool outside);

/* Adds a value: unquoted it is split into fields. */
int __words_value(struct words *w, const char *value, bool quoted);

/* What a piece of text becomes, as one pattern; the caller frees it. */
int __words_string(const struct words *w, const char *from, const char *end, char **pattern);

/* Behind the bracket that closes the one that opens at `at` ('(' or '{'), which quotes and others may surround; NULL: there is none. */
const char *__words_bracket(const char *at);

/* --- dollar.c --- */

/* At a $ or `. */
int __words_dollar(struct words *w, bool quoted);
int __words_command(struct words *w, const char *command, size_t length, bool quoted);

/* --- arithmetic.c --- */

/* Purpose: the value of an expression of integers, names being variables. Returns false: it is none. */
bool __words_arithmetic(const char *expression, long *value);

#endif
