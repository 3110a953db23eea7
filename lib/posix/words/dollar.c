/*
 * What stands behind a $ (POSIX.1-2017 XCU 2.6.2 to 2.6.4): parameters, which are variables of the environment as there are no others, commands,
 * arithmetic. See words.h.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "words.h"

extern char **environ;

/* --- commands --- */

/* Returns the shell's pid and what it writes to, or -1. */
static pid_t
start(const char *command, int flags, int *from)
{
	char *argv[] = { "sh", "-c", (char *)command, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	pid_t pid = -1;

	if (pipe(ends) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	if (ends[1] != 1)
		posix_spawn_file_actions_addclose(&actions, ends[1]);
	if ((flags & WRDE_SHOWERR) == 0)
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*from = ends[0];
	if (error == 0)
		return pid;
	close(ends[0]);
	return -1;
}

/* Zeroes are left out. */
static int
read_output(int from, struct text *output)
{
	char piece[512];
	int error = __words_text_add(output, "", 0);
	ssize_t got = 1;

	while (error == 0 && got != 0) {
		got = read(from, piece, sizeof(piece));
		if (got < 0 && errno != EINTR)
			break;
		for (ssize_t i = 0; i < got && error == 0; i++)
			if (piece[i] != 0)
				error = __words_text_add(output, &piece[i], 1);
	}
	while (output->used > 0 && output->bytes[output->used - 1] == '\n')
		output->bytes[--output->used] = 0;
	return error;
}

static int
run(struct words *w, const char *command, bool quoted)
{
	struct text output = { 0 };
	int from, error;
	pid_t pid = start(command, w->flags, &from);

	if (pid < 0)
		return WRDE_NOSPACE;
	error = read_output(from, &output);
	close(from);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (error == 0)
		error = __words_value(w, output.bytes, quoted);
	free(output.bytes);
	return error;
}

int
__words_command(struct words *w, const char *command, size_t length, bool quoted)
{
	char *text;
	int error;

	if ((w->flags & WRDE_NOCMD) != 0)
		return WRDE_CMDSUB;
	text = strndup(command, length);
	if (text == NULL)
		return WRDE_NOSPACE;
	error = run(w, text, quoted);
	free(text);
	return error;
}

/* --- arithmetic --- */

static int
expression(struct words *w, const char *from, const char *end, bool quoted)
{
	char digits[24], *text;
	long value;
	int error = __words_string(w, from, end, &text);

	if (error != 0)
		return error;
	__words_text_plain(text);
	if (!__words_arithmetic(text, &value))
		error = WRDE_SYNTAX;
	free(text);
	snprintf(digits, sizeof(digits), "%ld", value);
	return error != 0 ? error : __words_value(w, digits, quoted);
}

/* At $(: a command, or $((...)), an expression. */
static int
parenthesis(struct words *w, bool quoted)
{
	const char *from = w->at + 1, *end = __words_bracket(from);

	if (end == NULL)
		return WRDE_SYNTAX;
	w->at = end;
	if (from[1] == '(' && end[-2] == ')' && __words_bracket(from + 1) == end - 1)
		return expression(w, from + 2, end - 2, quoted);
	return __words_command(w, from + 1, (size_t)(end - from) - 2, quoted);
}

/* --- parameters --- */

struct parameter {
	char *name;
	const char *value;		/* NULL: it is not set */
	char special[16];
};

static size_t
name_length(const char *at)
{
	size_t n = 0;

	if (*at != 0 && strchr("?$#!@*-", *at) != NULL)
		return 1;
	if (isdigit((unsigned char)*at))
		return 1;
	while (isalpha((unsigned char)at[n]) || at[n] == '_' || (n > 0 && isdigit((unsigned char)at[n])))
		n++;
	return n;
}

/* There is no shell: no arguments, no command before, no flags. */
static int
find(struct parameter *p, const char *name, size_t length)
{
	p->name = strndup(name, length);
	if (p->name == NULL)
		return WRDE_NOSPACE;
	p->value = getenv(p->name);
	if (*name == '$')
		snprintf(p->special, sizeof(p->special), "%ld", (long)getpid());
	else if (*name == '#' || *name == '?')
		strcpy(p->special, "0");
	else
		return 0;
	p->value = p->special;
	return 0;
}

static int
plain(struct words *w, const struct parameter *p, bool quoted)
{
	if (p->value == NULL)
		return (w->flags & WRDE_UNDEF) != 0 && strchr("@*!-", p->name[0]) == NULL ? WRDE_BADVAL : 0;
	return __words_value(w, p->value, quoted);
}

/* The value without its shortest or longest beginning or end that is like the pattern. */
static int
without(struct words *w, const struct parameter *p, const char *pattern, bool at_end, bool longest, bool quoted)
{
	char *value = strdup(p->value);
	size_t length = strlen(p->value);
	int error;

	if (value == NULL)
		return WRDE_NOSPACE;
	for (size_t i = 0; i <= length; i++) {
		size_t n = longest ? length - i : i;		/* bytes that go */
		char kept;

		if (at_end) {
			if (fnmatch(pattern, value + length - n, 0) != 0)
				continue;
			value[length - n] = 0;
			error = __words_value(w, value, quoted);
		} else {
			kept = value[n];
			value[n] = 0;
			if (fnmatch(pattern, value, 0) != 0) {
				value[n] = kept;
				continue;
			}
			value[n] = kept;
			error = __words_value(w, value + n, quoted);
		}
		free(value);
		return error;
	}
	error = __words_value(w, value, quoted);
	free(value);
	return error;
}

static int
strip(struct words *w, const struct parameter *p, const char *at, const char *end, bool quoted)
{
	bool longest = at[1] == at[0];
	char *pattern;
	int error;

	if (p->value == NULL)
		return plain(w, p, quoted);
	error = __words_string(w, at + 1 + longest, end, &pattern);
	if (error != 0)
		return error;
	error = without(w, p, pattern, *at == '%', longest, quoted);
	free(pattern);
	return error;
}

/* ${NAME=word}, ${NAME?word}: it has no value. */
static int
assign_or_complain(struct words *w, const struct parameter *p, char operator, const char *from, const char *end, bool quoted)
{
	char *text;
	int error = __words_string(w, from, end, &text);

	if (error != 0)
		return error;
	__words_text_plain(text);
	if (operator == '?') {
		if ((w->flags & WRDE_SHOWERR) != 0)
			fprintf(stderr, "%s: %s\n", p->name, *text != 0 ? text : "parameter null or not set");
		error = WRDE_BADVAL;
	} else if (!isalpha((unsigned char)p->name[0]) && p->name[0] != '_') {
		error = WRDE_SYNTAX;
	} else {
		error = setenv(p->name, text, 1) < 0 ? WRDE_NOSPACE : __words_value(w, text, quoted);
	}
	free(text);
	return error;
}

/* What stands between the name and the brace. */
static int
modified(struct words *w, const struct parameter *p, const char *at, const char *end, bool quoted)
{
	bool colon = *at == ':';
	bool there = p->value != NULL && (!colon || *p->value != 0);
	char operator = at[colon];

	if (at == end)
		return plain(w, p, quoted);
	if (!colon && (operator == '%' || operator == '#'))
		return strip(w, p, at, end, quoted);
	at += colon + 1;
	if (at > end || operator == 0 || strchr("-=?+", operator) == NULL)
		return WRDE_SYNTAX;
	if (operator == '+' ? !there : there)
		return operator == '+' ? 0 : __words_value(w, p->value, quoted);
	if (operator == '=' || operator == '?')
		return assign_or_complain(w, p, operator, at, end, quoted);
	w->at = at;
	return __words_run(w, end, quoted, false);
}

/* ${#NAME} */
static int
length_of(struct words *w, const struct parameter *p, bool quoted)
{
	char digits[24];

	if (p->value == NULL && (w->flags & WRDE_UNDEF) != 0)
		return WRDE_BADVAL;
	snprintf(digits, sizeof(digits), "%zu", p->value != NULL ? strlen(p->value) : 0);
	return __words_value(w, digits, quoted);
}

/* At ${. */
static int
braces(struct words *w, bool quoted)
{
	const char *at = w->at + 2, *end = __words_bracket(w->at + 1);
	struct parameter p;
	bool length;
	size_t n;
	int error;

	if (end == NULL)
		return WRDE_SYNTAX;
	length = *at == '#' && at[1] != '}';
	at += length;
	n = name_length(at);
	if (n == 0 || (length && at + n != end - 1))
		return WRDE_SYNTAX;
	error = find(&p, at, n);
	if (error != 0)
		return error;
	error = length ? length_of(w, &p, quoted) : modified(w, &p, at + n, end - 1, quoted);
	free(p.name);
	w->at = end;
	return error;
}

int
__words_dollar(struct words *w, bool quoted)
{
	struct parameter p;
	size_t n;
	int error;

	if (w->at[1] == '(')
		return parenthesis(w, quoted);
	if (w->at[1] == '{')
		return braces(w, quoted);
	n = name_length(w->at + 1);
	if (n == 0) {
		w->at++;
		return __words_value(w, "$", true);
	}
	error = find(&p, w->at + 1, n);
	if (error != 0)
		return error;
	w->at += n + 1;
	error = plain(w, &p, quoted);
	free(p.name);
	return error;
}
