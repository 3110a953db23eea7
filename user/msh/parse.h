/*
 * From a command line to commands. Pure; the result points into the line, which must stay.
 *
 *	list:      pipeline { (&& | || | ; | &) pipeline } [; | &]
 *	pipeline:  command { | command }
 *	command:   words and redirections, at least one
 */
#ifndef MSH_PARSE_H
#define MSH_PARSE_H

#include "line/token.h"
#include <stdint.h>

#define LINE_MAX		4096u			/* bytes; a longer line is refused */
#define WORDS_MAX		(LINE_MAX / 2 + 1)
#define REDIRECTIONS_MAX	256u
#define COMMANDS_MAX		512u

/* A word as it was written. */
struct raw_word {
	const char *text;
	uint32_t length;
};

struct redirection {
	enum token_kind kind;		/* TOKEN_READ ... TOKEN_SAME_WRITE */
	int fd;
	struct raw_word target;
};

struct command {
	uint32_t first_word, words;		/* in script.words */
	uint32_t first_redirection, redirections;
	const char *begin, *end;		/* its text, without what stands behind it */
	/* what stands behind it: TOKEN_END, _SEMICOLON, _BACKGROUND, _AND, _OR, _PIPE */
	enum token_kind next;
};

struct script {
	struct raw_word words[WORDS_MAX];
	struct redirection redirections[REDIRECTIONS_MAX];
	struct command commands[COMMANDS_MAX];
	uint32_t word_count, redirection_count, command_count;
	char error[80];
};

/* Returns false: s->error says what is wrong with the line. An empty line has no commands. */
bool
parse(struct script *s, const char *line);

#endif
