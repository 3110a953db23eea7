/* See parse.h. */
#include "parse.h"
#include "mach/print.h"
#include <string.h>

static bool
fail(struct script *s, const char *what, const struct token *token)
{
	int length = token != NULL && token->length < 40 ? (int)token->length : 40;

	if (token == NULL)
		print_to(s->error, sizeof(s->error), "%s", what);
	else if (token->kind == TOKEN_END)
		print_to(s->error, sizeof(s->error), "%s at the end of the line", what);
	else
		print_to(s->error, sizeof(s->error), "%s near `%.*s'", what, length, token->text);
	return false;
}

static bool
is_redirection(enum token_kind kind)
{
	return kind >= TOKEN_READ && kind <= TOKEN_SAME_WRITE;
}

static bool
add_redirection(struct script *s, const char **at, struct token *token)
{
	struct redirection *r = &s->redirections[s->redirection_count];
	bool reads = token->kind == TOKEN_READ || token->kind == TOKEN_SAME_READ;

	if (s->redirection_count == REDIRECTIONS_MAX)
		return fail(s, "too many redirections", NULL);
	r->kind = token->kind;
	r->fd = token->number >= 0 ? token->number : reads ? 0 : 1;
	token_next(at, token);
	if (token->kind == TOKEN_ERROR)
		return fail(s, token_error(token), NULL);
	if (token->kind != TOKEN_WORD)
		return fail(s, "a file name is missing", token);
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
		return fail(s, token_error(token), NULL);
	c->words = s->word_count - c->first_word;
	c->redirections = s->redirection_count - c->first_redirection;
	c->end = token->text;
	c->next = token->kind;
	if (c->words == 0 && c->redirections == 0)
		return fail(s, "a command is missing", token);
	s->command_count++;
	return true;
}

bool
parse(struct script *s, const char *line)
{
	const char *at = line;
	struct token token;

	s->word_count = s->redirection_count = s->command_count = 0;
	s->error[0] = 0;
	if (strnlen(line, LINE_MAX + 1) > LINE_MAX)
		return fail(s, "the line is too long", NULL);
	token_next(&at, &token);
	while (token.kind != TOKEN_END) {
		enum token_kind next;

		if (!parse_command(s, &at, &token))
			return false;
		next = token.kind;
		if (next == TOKEN_END)
			break;
		token_next(&at, &token);
		if (token.kind == TOKEN_END && next != TOKEN_SEMICOLON && next != TOKEN_BACKGROUND)
			return fail(s, "a command is missing", &token);
	}
	return true;
}
