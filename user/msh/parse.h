/*
 * From text to commands, a line at a time. Pure; the result points into the text, which must stay.
 *
 *	line:      [list] newline { body of a here-document }
 *	list:      pipeline { (&& | || | ; | &) pipeline } [; | &]
 *	pipeline:  command { | command }
 *	command:   words and redirections, at least one
 *
 * Behind && || | there may be newlines; the bodies of here-documents stand behind the first newline after their <<.
 */
#ifndef MSH_PARSE_H
#define MSH_PARSE_H

#include "line/token.h"
#include <stdint.h>

#define LINE_MAX		65536u			/* bytes, with here-documents; a longer line is refused */
#define WORDS_MAX		8192u
#define REDIRECTIONS_MAX	256u
#define COMMANDS_MAX		512u

/* A word as it was written. */
struct raw_word {
	const char *text;
	uint32_t length;
};

struct redirection {
	enum token_kind kind;		/* TOKEN_READ ... TOKEN_HERE_TABS */
	int fd;
	struct raw_word target;		/* of a here-document: its body */
	bool literal;			/* ... in which nothing is to be replaced */
	const char *end;		/* ... and what stands behind its last line */
};

struct command {
	uint32_t first_word, words;		/* in script.words */
	uint32_t first_redirection, redirections;
	const char *begin, *end;		/* its text, without what stands behind it */
	/* what stands behind it: TOKEN_END, _NEWLINE, _SEMICOLON, _BACKGROUND, _AND, _OR, _PIPE */
	enum token_kind next;
};

struct script {
	struct raw_word words[WORDS_MAX];
	struct redirection redirections[REDIRECTIONS_MAX];
	struct command commands[COMMANDS_MAX];
	uint32_t word_count, redirection_count, command_count;
	uint32_t here_count;		/* redirections that have what they need: here-documents, their bodies */
	bool unfinished;		/* the error: something does not end */
	char error[80];
};

enum parsed {
	PARSE_LINE,			/* a line, which may have no commands */
	PARSE_MORE,			/* it does not end here, nor does the text: only if that is not `all` */
	PARSE_WRONG,			/* s->error says what */
};

/* Takes a line from *at on, and moves *at behind it if it is one. `all`: no text will follow. */
enum parsed
parse(struct script *s, const char **at, bool all);

/* --- here.c --- */

/* Purpose: r->target, the word behind <<, becomes the body, which begins at *at. Returns false: it does not end. */
bool
here_take(struct redirection *r, const char **at, bool all);

#endif
