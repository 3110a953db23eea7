/* See token.h. */
#include "line/token.h"
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
ends_word(char c)
{
	return c == 0 || is_blank(c) || c == '\n' || c == '|' || c == '&' || c == ';' || c == '<' || c == '>';
}

static const char *
skip_blanks(const char *at)
{
	for (;;)
		if (is_blank(*at))
			at++;
		else if (at[0] == '\\' && at[1] == '\n')
			at += 2;
		else
			break;
	if (*at == '#')
		while (*at != 0 && *at != '\n')
			at++;
	return at;
}

/* Behind the quoted text that begins here, or NULL: its end is missing. */
static const char *
skip_quoted(const char *at)
{
	char quote = *at++;

	for (; *at != quote; at++) {
		if (*at == '\\' && quote == '"' && at[1] != 0)
			at++;
		if (*at == 0)
			return NULL;
	}
	return at + 1;
}

static void
word_token(struct token *token)
{
	const char *at = token->text;

	token->kind = TOKEN_WORD;
	while (!ends_word(*at))
		if (*at == '\'' || *at == '"') {
			const char *end = skip_quoted(at);

			if (end == NULL) {
				token->kind = TOKEN_ERROR;
				token->text = at;
				token->length = 0;
				return;
			}
			at = end;
		} else {
			at += *at == '\\' && at[1] != 0 ? 2 : 1;
		}
	token->length = at - token->text;
}

/* The operator at `at`; false: there is none. */
static bool
operator_token(const char *at, struct token *token)
{
	static const struct {
		char text[4];
		enum token_kind kind;
	} operators[] = {		/* the longer one first */
		{ "&&", TOKEN_AND }, { "||", TOKEN_OR }, { ">>", TOKEN_APPEND },
		{ "<<-", TOKEN_HERE_TABS }, { "<<", TOKEN_HERE }, { "\n", TOKEN_NEWLINE },
		{ "<&", TOKEN_SAME_READ }, { ">&", TOKEN_SAME_WRITE },
		{ "&", TOKEN_BACKGROUND }, { "|", TOKEN_PIPE }, { ";", TOKEN_SEMICOLON },
		{ "<", TOKEN_READ }, { ">", TOKEN_WRITE },
	};

	for (unsigned i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		const char *text = operators[i].text;

		size_t length = strlen(text);

		if (strncmp(at, text, length) != 0)
			continue;
		token->kind = operators[i].kind;
		token->text = at;
		token->length = length;
		return true;
	}
	return false;
}

/* A digit right before < or > is the descriptor. */
static bool
redirection_number(const char *at, struct token *token)
{
	if (at[0] < '0' || at[0] > '9' || (at[1] != '<' && at[1] != '>'))
		return false;
	token->number = at[0] - '0';
	return operator_token(at + 1, token);
}

void
token_next(const char **at, struct token *token)
{
	token->number = -1;
	token->text = *at = skip_blanks(*at);
	token->length = 0;
	token->kind = TOKEN_END;
	if (**at == 0)
		return;
	if (!redirection_number(*at, token) && !operator_token(*at, token))
		word_token(token);
	if (token->kind != TOKEN_ERROR)
		*at = token->text + token->length;
}

const char *
token_error(const struct token *token)
{
	return token->text[0] == '"' ? "missing \"" : "missing '";
}

/* --- words --- */

void
word_begin(struct word *word, const char *text, size_t length)
{
	word->at = text;
	word->end = text + length;
	word->quote = 0;
	word->quoting = WORD_PLAIN;
	word->quoted = false;
}

void
word_begin_here(struct word *word, const char *text, size_t length)
{
	word_begin(word, text, length);
	word->quote = WORD_HERE;
}

/* In double quotes a backslash quotes only what would have a meaning there. */
static bool
escapes(const struct word *word)
{
	char next;

	if (word->at[0] != '\\' || word->at + 1 == word->end || word->quote == '\'')
		return false;
	next = word->at[1];
	return word->quote == 0 || (next == '"' && word->quote == '"') || next == '\\' || next == '$' || next == '`' || next == '\n';
}

int
word_next(struct word *word)
{
	while (word->at < word->end) {
		char c = *word->at;

		if (escapes(word)) {
			word->at += 2;
			if (word->at[-1] == '\n')
				continue;
			word->quoted = true;
			word->quoting = WORD_LITERAL;
			return (unsigned char)word->at[-1];
		}
		word->at++;
		if (word->quote == 0 ? c == '"' || c == '\'' : c == word->quote) {
			word->quoted = true;
			word->quote = word->quote == 0 ? c : 0;
			continue;
		}
		word->quoting = WORD_PLAIN;
		if (word->quote != 0)
			word->quoting = word->quote == '\'' ? WORD_LITERAL : WORD_DOUBLE;
		return (unsigned char)c;
	}
	return -1;
}

long
word_copy(const struct token *token, char *buffer, size_t size)
{
	struct word word;
	size_t length = 0;
	int c;

	word_begin(&word, token->text, token->length);
	while ((c = word_next(&word)) != -1) {
		if (length + 1 >= size)
			return -1;
		buffer[length++] = c;
	}
	if (size == 0)
		return -1;
	buffer[length] = 0;
	return length;
}
