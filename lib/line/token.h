/*
 * A command line cut into words and operators, as POSIX shells do it (XCU 2.2, 2.3).
 *
 *	echo "a b"  c\ d 2>>log # rest
 *	WORD echo, WORD "a b", WORD c\ d, APPEND with number 2, WORD log, END
 *
 * A newline is an operator too; one behind a backslash is nothing, wherever it stands but in single quotes. A comment ends before its newline.
 * A word stands as it was written; word_next takes its quotes off, so that a shell can expand
 * variables on the way.
 */
#ifndef LINE_TOKEN_H
#define LINE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_NEWLINE,
	TOKEN_SEMICOLON,		/* ; */
	TOKEN_BACKGROUND,		/* & */
	TOKEN_AND,			/* && */
	TOKEN_OR,			/* || */
	TOKEN_PIPE,			/* | */
	TOKEN_READ,			/* <  */
	TOKEN_WRITE,			/* >  */
	TOKEN_APPEND,			/* >> */
	TOKEN_SAME_READ,		/* <& */
	TOKEN_SAME_WRITE,		/* >& */
	TOKEN_HERE,			/* <<  */
	TOKEN_HERE_TABS,		/* <<- */
	TOKEN_ERROR,			/* a quote is not closed */
};

struct token {
	enum token_kind kind;
	/* the operators from < on: the descriptor written before them, or -1 */
	int number;
	const char *text;		/* in the source; of an error: from the quote on */
	size_t length;			/* bytes */
};

/* Takes the next token from *at on and moves *at behind it. An error does not move. */
void token_next(const char **at, struct token *token);

/* What the error is. */
const char *token_error(const struct token *token);

/* --- words --- */

enum word_quoting {
	WORD_PLAIN,			/* not quoted */
	WORD_DOUBLE,			/* in double quotes */
	/* in single quotes, or after a backslash: nothing has a meaning */
	WORD_LITERAL,
};

struct word {
	const char *at, *end;
	int quote;			/* open quote, WORD_HERE, or 0 */
	enum word_quoting quoting;	/* of the character that word_next has given last */
	bool quoted;			/* a quote was met: the word counts even if it is empty */
};

#define WORD_HERE	256		/* as in double quotes, which themselves are nothing special */

void word_begin(struct word *word, const char *text, size_t length);

/* The same for text of a here-document. */
void word_begin_here(struct word *word, const char *text, size_t length);

/* The next character without its quotes, or -1 at the end. */
int word_next(struct word *word);

/*
 * Copies a whole word without its quotes, with a 0. Returns its length, or -1: the buffer is too
 * small.
 */
long word_copy(const struct token *token, char *buffer, size_t size);

#endif
