/*
 * wordexp: words as a shell expands them (POSIX.1-2017 wordexp, XCU 2.6): tilde, parameters, commands, arithmetic, then splitting into fields, names
 * of files, and the quotes taken off. See words.h.
 */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

#include "words.h"

/* --- text --- */

int
__words_text_add(struct text *text, const char *bytes, size_t count)
{
	if (text->used + count + 1 > text->size) {
		size_t size = (text->used + count + 1) * 2;
		char *more = realloc(text->bytes, size);

		if (more == NULL)
			return WRDE_NOSPACE;
		text->bytes = more;
		text->size = size;
	}
	memcpy(text->bytes + text->used, bytes, count);
	text->used += count;
	text->bytes[text->used] = 0;
	return 0;
}

void
__words_text_plain(char *pattern)
{
	char *to = pattern;

	for (; *pattern != 0; *to++ = *pattern++)
		if (*pattern == '\\' && pattern[1] != 0)
			pattern++;
	*to = 0;
}

/* --- fields --- */

static int
add_byte(struct words *w, char byte, bool quoted)
{
	char bytes[2] = { '\\', byte };
	bool escaped = byte == '\\' || (quoted && strchr("*?[]!-^", byte) != NULL);

	w->open = true;
	w->magic |= !quoted && (byte == '*' || byte == '?' || byte == '[');
	return __words_text_add(&w->field, bytes + !escaped, 1u + escaped);
}

/* Owns the word. */
static int
add_field(struct words *w, char *word)
{
	char **more = word != NULL ? realloc(w->fields, (w->count + 2) * sizeof(*more)) : NULL;

	if (more == NULL) {
		free(word);
		return WRDE_NOSPACE;
	}
	w->fields = more;
	w->fields[w->count++] = word;
	return 0;
}

/* The names of files that the field stands for, if there are any: then *found. */
static int
add_names(struct words *w, bool *found)
{
	glob_t names;
	int result = glob(w->field.bytes, 0, NULL, &names), error = 0;

	*found = result == 0;
	if (result == GLOB_NOSPACE)
		return WRDE_NOSPACE;
	for (size_t i = 0; *found && error == 0 && i < names.gl_pathc; i++)
		error = add_field(w, strdup(names.gl_pathv[i]));
	if (*found)
		globfree(&names);
	return error;
}

static int
end_field(struct words *w)
{
	bool found = false;
	int error = 0;

	if (!w->open)
		return 0;
	if (w->magic)
		error = add_names(w, &found);
	if (error == 0 && !found) {
		error = __words_text_add(&w->field, "", 0);
		if (error == 0) {
			__words_text_plain(w->field.bytes);
			error = add_field(w, strdup(w->field.bytes));
		}
	}
	w->field.used = 0;
	w->open = w->magic = false;
	return error;
}

/* Blanks among the separators count together; each other one ends a field, be it empty. */
static int
add_split(struct words *w, const char *value)
{
	const char *separators = getenv("IFS");
	int error = 0;

	if (separators == NULL)
		separators = " \t\n";
	while (*value != 0 && error == 0) {
		if (strchr(separators, *value) == NULL) {
			error = add_byte(w, *value++, false);
			continue;
		}
		while (isspace((unsigned char)*value) && strchr(separators, *value) != NULL)
			value++;
		if (*value != 0 && !isspace((unsigned char)*value) && strchr(separators, *value) != NULL) {
			value++;
			w->open = true;
			while (isspace((unsigned char)*value) && strchr(separators, *value) != NULL)
				value++;
		}
		error = end_field(w);
	}
	return error;
}

int
__words_value(struct words *w, const char *value, bool quoted)
{
	int error = 0;

	if (!quoted && !w->whole)
		return add_split(w, value);
	for (; *value != 0 && error == 0; value++)
		error = add_byte(w, *value, quoted);
	return error;
}

int
__words_string(const struct words *w, const char *from, const char *end, char **pattern)
{
	struct words part = { .at = from, .flags = w->flags, .whole = true };
	int error = __words_run(&part, end, false, false);

	if (error == 0)
		error = __words_text_add(&part.field, "", 0);
	if (error != 0)
		free(part.field.bytes);
	*pattern = part.field.bytes;
	return error;
}

/* --- reading --- */

/* Behind the quoted text that begins at `at`, or NULL. */
static const char *
skip_quoted(const char *at)
{
	char quote = *at++;

	for (; *at != quote; at++) {
		if (*at == 0)
			return NULL;
		if (quote != '\'' && *at == '\\' && at[1] != 0)
			at++;
	}
	return at + 1;
}

const char *
__words_bracket(const char *at)
{
	char opens = *at, closes = opens == '(' ? ')' : '}';

	for (at++; at != NULL && *at != 0;) {
		if (*at == closes)
			return at + 1;
		if (*at == '\\' && at[1] != 0)
			at += 2;
		else if (*at == '\'' || *at == '"' || *at == '`')
			at = skip_quoted(at);
		else if (*at == opens || (*at == '$' && (at[1] == '(' || at[1] == '{')))
			at = __words_bracket(at + (*at == '$'));
		else
			at++;
	}
	return NULL;
}

/* ~ or ~NAME, at the beginning of a word, up to a slash. */
static int
tilde(struct words *w)
{
	size_t length = strcspn(w->at + 1, "/ \t\n:\"'\\$`");
	char *name = strndup(w->at + 1, length);
	const char *home = NULL;
	struct passwd *user;

	if (name == NULL)
		return WRDE_NOSPACE;
	if (length == 0)
		home = getenv("HOME");
	if (home == NULL) {
		user = length == 0 ? getpwuid(getuid()) : getpwnam(name);
		home = user != NULL ? user->pw_dir : NULL;
	}
	free(name);
	if (home == NULL)
		return add_byte(w, *w->at++, true);
	w->at += length + 1;
	w->open = true;
	return __words_value(w, home, true);
}

static int
backslash(struct words *w, const char *end, bool quoted)
{
	char next = w->at + 1 < end ? w->at[1] : 0;

	if (next == 0)
		return WRDE_SYNTAX;
	w->at += 2;
	if (next == '\n')
		return 0;
	if (quoted && strchr("$`\"\\", next) == NULL) {
		int error = add_byte(w, '\\', true);

		return error != 0 ? error : add_byte(w, next, true);
	}
	return add_byte(w, next, true);
}

static int
single_quotes(struct words *w, const char *end)
{
	const char *closes = memchr(w->at + 1, '\'', (size_t)(end - w->at - 1));
	int error = 0;

	if (closes == NULL)
		return WRDE_SYNTAX;
	w->open = true;
	for (w->at++; w->at < closes && error == 0; w->at++)
		error = add_byte(w, *w->at, true);
	w->at++;
	return error;
}

static int
double_quotes(struct words *w)
{
	const char *end = w->at + 1;
	int error;

	/* Of what is inside, only another expansion may have such quotes of its own. */
	while (*end != '"') {
		if (*end == 0)
			return WRDE_SYNTAX;
		if (*end == '\\' && end[1] != 0)
			end += 2;
		else if (*end == '$' && (end[1] == '(' || end[1] == '{'))
			end = __words_bracket(end + 1);
		else if (*end == '`')
			end = skip_quoted(end);
		else
			end++;
		if (end == NULL)
			return WRDE_SYNTAX;
	}
	w->at++;
	w->open = true;
	error = __words_run(w, end, true, false);
	w->at = end + 1;
	return error;
}

static int
backquotes(struct words *w, bool quoted)
{
	struct text command = { 0 };
	int error = __words_text_add(&command, "", 0);
	const char *at = w->at + 1;

	for (; error == 0 && *at != '`'; at++) {
		if (*at == 0) {
			error = WRDE_SYNTAX;
			break;
		}
		if (*at == '\\' && at[1] != 0 && strchr(quoted ? "$`\\\"" : "$`\\", at[1]) != NULL)
			at++;
		error = __words_text_add(&command, at, 1);
	}
	if (error == 0) {
		w->at = at + 1;
		error = __words_command(w, command.bytes, command.used, quoted);
	}
	free(command.bytes);
	return error;
}

/* In braces, what is written is split as a value is. */
static int
written(struct words *w, const char *end)
{
	size_t n = strcspn(w->at, "\\'\"$`");
	char *text = strndup(w->at, n < (size_t)(end - w->at) ? n : (size_t)(end - w->at));
	int error;

	if (text == NULL)
		return WRDE_NOSPACE;
	w->at += strlen(text);
	error = add_split(w, text);
	free(text);
	return error;
}

static int
outside_quotes(struct words *w, const char *end, bool outside)
{
	if (*w->at == '\'')
		return single_quotes(w, end);
	if (*w->at == '"')
		return double_quotes(w);
	if (*w->at == '~' && !w->open)
		return tilde(w);
	if (!outside && !w->whole)
		return written(w, end);
	switch (*w->at) {
	case ' ':
	case '\t':
		if (w->whole)
			return add_byte(w, *w->at++, false);
		w->at++;
		return end_field(w);
	case '\n': case '|': case '&': case ';': case '<': case '>': case '(': case ')': case '{': case '}':
		if (outside)
			return WRDE_BADCHAR;
		/* fallthrough */
	default:
		return add_byte(w, *w->at++, false);
	}
}

int
__words_run(struct words *w, const char *end, bool quoted, bool outside)
{
	int error = 0;

	while (error == 0 && w->at < end)
		if (*w->at == '\\')
			error = backslash(w, end, quoted);
		else if (*w->at == '$')
			error = __words_dollar(w, quoted);
		else if (*w->at == '`')
			error = backquotes(w, quoted);
		else if (quoted)
			error = add_byte(w, *w->at++, true);
		else
			error = outside_quotes(w, end, outside);
	return error;
}

/* --- the result --- */

/* The fields behind those that are there. Takes them over, or not: WRDE_NOSPACE. */
static int
append(wordexp_t *result, struct words *w, int flags)
{
	size_t before = (flags & WRDE_DOOFFS) != 0 ? result->we_offs : 0;
	bool appends = (flags & WRDE_APPEND) != 0;
	size_t old = appends ? result->we_wordc : 0;
	char **all = realloc(appends ? result->we_wordv : NULL, (before + old + w->count + 1) * sizeof(*all));

	if (all == NULL)
		return WRDE_NOSPACE;
	if (!appends)
		memset(all, 0, before * sizeof(*all));
	for (size_t i = 0; i < w->count; i++)
		all[before + old + i] = w->fields[i];
	all[before + old + w->count] = NULL;
	result->we_wordv = all;
	result->we_wordc = old + w->count;
	if ((flags & WRDE_DOOFFS) == 0)
		result->we_offs = 0;
	w->count = 0;
	return 0;
}

int
wordexp(const char *restrict words, wordexp_t *restrict result, int flags)
{
	struct words w = { .at = words, .flags = flags };
	int error;

	if ((flags & WRDE_REUSE) != 0)
		wordfree(result);
	error = __words_run(&w, words + strlen(words), false, true);
	if (error == 0)
		error = end_field(&w);
	if (error == 0)
		error = append(result, &w, flags);
	else if (error == WRDE_NOSPACE)
		append(result, &w, flags);		/* what there was room for */
	for (size_t i = 0; i < w.count; i++)
		free(w.fields[i]);
	free(w.fields);
	free(w.field.bytes);
	return error;
}

void
wordfree(wordexp_t *result)
{
	if (result->we_wordv == NULL)
		return;
	for (size_t i = 0; i < result->we_wordc; i++)
		free(result->we_wordv[result->we_offs + i]);
	free(result->we_wordv);
	result->we_wordv = NULL;
	result->we_wordc = 0;
}
