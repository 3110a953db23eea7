/*
 * From words as they were written to the words a command gets: variables replaced, quotes taken
 * off. Pure.
 *
 *	$NAME ${NAME}	a variable, nothing if it is not set; outside quotes it is cut at blanks
 *	$? $$ $!	last status, the shell's pid, pid of the last program in the background
 *
 *	* ? [...]	outside quotes: the names of files that fit, in order; the word itself if there is none
 *
 * In single quotes and after a backslash a $ is just that. Any other $ stands for itself.
 */
#ifndef MSH_EXPAND_H
#define MSH_EXPAND_H

#include "parse.h"

/* bytes of all words of a command with their zeros: what proc_spawn takes */
#define EXPANDED_MAX	65536u
#define ARGUMENTS_MAX	4096u
#define PATTERN_MAX	2048u		/* with its backslashes and 0; what is longer is no pattern */

/* The words of a command, one after the other in `text`, each ended by a 0. */
struct expansion {
	char text[EXPANDED_MAX];
	uint32_t used;			/* bytes */
	uint32_t count;
	bool too_long;
	bool no_memory;			/* for the names of files */

	/* the word being made: where it begins, and what files it may stand for: a pattern in which what was quoted has a backslash */
	uint32_t begin;
	bool is_pattern;
	uint32_t pattern_used;
	char pattern[PATTERN_MAX];
	int status, pid, background;	/* for $? $$ $! */
};

void
expand_begin(struct expansion *e, int status, int pid, int background);

/*
 * Adds what the word becomes: no, one or several words; just one if `split` is false. Returns
 * false: too long.
 */
bool
expand_word(struct expansion *e, const struct raw_word *word, bool split);

/* Adds text of a here-document, without a 0: variables are replaced unless it is `literal`. Returns false: too long. */
bool
expand_text(struct expansion *e, const char *text, size_t length, bool literal);

/* The same for the whole of one (here.c). */
bool
here_expand(struct expansion *e, const struct redirection *r);

/* Adds a word as it is. */
void
expand_add(struct expansion *e, const char *word);

/* Adds the names of files that a pattern stands for, in order (pathnames.c). */
void
pathnames_add(struct expansion *e, const char *pattern);

/*
 * Fills argv, of `room` pointers, and ends it with NULL. Returns the number of words, or -1: too
 * many.
 */
int
expand_argv(struct expansion *e, char **argv, int room);

#endif
