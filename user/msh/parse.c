/* See parse.h. */
#include "parse.h"
#include "mach/print.h"
#include <string.h>

static bool
fail(struct script *s, const char *what, const struct token *token)
{
	int length = token != NULL && token->length < 40 ? (int)token->length : 40;

	if (token != NULL && token->text[token->length] == 0)
		s->unfinished = true;		/* the token itself may go on */
	if (token == NULL)
		print_to(s->error, sizeof(s->error), "%s", what);
	else if (token->kind == TOKEN_END || token->kind == TOKEN_NEWLINE)
		print_to(s->error, sizeof(s->error), "%s at the end of the line", what);
	else
		print_to(s->error, sizeof(s->error), "%s near `%.*s'", what, length, token->text);
	return false;
}

/* More text could mend it: a quote is open, or the text ends too soon. */
static bool
fail_open(struct script *s, const char *what)
{
	s->unfinished = true;
	return fail(s, what, NULL);
}

static bool
is_redirection(enum token_kind kind)
{
	return kind >= TOKEN_READ && kind <= TOKEN_HERE_TABS;
}

static bool
is_here(const struct redirection *r)
{
	return r->kind == TOKEN_HERE || r->kind == TOKEN_HERE_TABS;
}

static bool
add_redirection(struct script *s, const char **at, struct token *token)
{
	struct redirection *r = &s->redirections[s->redirection_count];
	bool reads = token->kind != TOKEN_WRITE && token->kind != TOKEN_APPEND && token->kind != TOKEN_SAME_WRITE;

	if (s->redirection_count == REDIRECTIONS_MAX)
		return fail(s, "too many redirections", NULL);
	r->kind = token->kind;
	r->end = NULL;
	r->fd = token->number >= 0 ? token->number : reads ? 0 : 1;
	token_next(at, token);
	if (token->kind == TOKEN_ERROR)
		return fail_open(s, token_error(token));
	if (token->kind != TOKEN_WORD)
		return fail(s, is_here(r) ? "the here-document's word is missing" : "a file name is missing", token);
	r->target = (struct raw_word){ token->text, (uint32_t)token->length };
	s->redirection_count++;
	return true;
}

static bool
add_word(struct script *s, const struct token *token)
{
	if (s->word_count == WORDS_MAX)
		return fail(s, "too many words", NULL);
	s->words[s->word_count++] = (struct raw_word){ token->text, (uint32_t)token->length };
	return true;
}

/* One command; *token: what ends it. */
static bool
parse_command(struct script *s, const char **at, struct token *token)
{
	struct command *c = &s->commands[s->command_count];
	bool good = true;

	if (s->command_count == COMMANDS_MAX)
		return fail(s, "too many commands", NULL);
	c->begin = token->text;
	c->first_word = s->word_count;
	c->first_redirection = s->redirection_count;
	for (; good; token_next(at, token)) {
		if (token->kind == TOKEN_WORD)
			good = add_word(s, token);
		else if (is_redirection(token->kind))
			good = add_redirection(s, at, token);
		else
			break;
	}
	if (!good)
		return false;
	if (token->kind == TOKEN_ERROR)
		return fail_open(s, token_error(token));
	c->words = s->word_count - c->first_word;
	c->redirections = s->redirection_count - c->first_redirection;
	c->end = token->text;
	c->next = token->kind;
	if (c->words == 0 && c->redirections == 0)
		return fail(s, "a command is missing", token);
	s->command_count++;
	return true;
}

/* The bodies of the here-documents so far, behind a newline or what stands in its place. */
static bool
take_bodies(struct script *s, const char **at, bool all)
{
	for (; s->here_count < s->redirection_count; s->here_count++) {
		struct redirection *r = &s->redirections[s->here_count];
		struct raw_word word = r->target;

		if (is_here(r) && !here_take(r, at, all)) {
			s->unfinished = true;
			print_to(s->error, sizeof(s->error), "the here-document does not end with `%.*s'",
				word.length < 30 ? (int)word.length : 30, word.text);
			return false;
		}
	}
	return true;
}

/* What stands behind an operator; newlines may, if it needs something. */
static bool
parse_operator(struct script *s, const char **at, struct token *token, bool all)
{
	bool needs = token->kind != TOKEN_SEMICOLON && token->kind != TOKEN_BACKGROUND;

	token_next(at, token);
	while (needs && token->kind == TOKEN_NEWLINE) {
		if (!take_bodies(s, at, all))
			return false;
		token_next(at, token);
	}
	return !needs || token->kind != TOKEN_END || fail(s, "a command is missing", token);
}

static bool
parse_line(struct script *s, const char **at, bool all)
{
	struct token token;

	token_next(at, &token);
	while (token.kind != TOKEN_END && token.kind != TOKEN_NEWLINE) {
		if (!parse_command(s, at, &token))
			return false;
		if (token.kind != TOKEN_END && token.kind != TOKEN_NEWLINE && !parse_operator(s, at, &token, all))
			return false;
	}
	if (token.kind == TOKEN_END && !all)
		return fail_open(s, "no newline");
	return take_bodies(s, at, all);
}

enum parsed
parse(struct script *s, const char **at, bool all)
{
	const char *from = *at;

	s->word_count = s->redirection_count = s->command_count = s->here_count = 0;
	s->unfinished = false;
	s->error[0] = 0;
	if (!parse_line(s, at, all)) {
		*at = from;
		return s->unfinished && !all ? PARSE_MORE : PARSE_WRONG;
	}
	if (*at - from <= (ptrdiff_t)LINE_MAX)
		return PARSE_LINE;
	fail(s, "the line is too long", NULL);
	return PARSE_WRONG;
}
