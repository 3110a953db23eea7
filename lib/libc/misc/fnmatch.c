/*
 * Shell patterns (POSIX.1-2017 2.13). A '*' tries the shortest text first and only the last one is tried again, so the
 * time is at most pattern times text.
 */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "../wchar/utf8.h"
#include "locale_now.h"

#define CLASS_NAME_MAX	16

struct match {
	const char *start;		/* of the text */
	int flags;
};

static wint_t
fold(const struct match *m, wint_t c)
{
	return (m->flags & FNM_CASEFOLD) != 0 ? towlower(c) : c;
}

/* A byte that is no character in the locale is one of its own kind. Returns the place behind it. */
static const char *
next(const char *at, wint_t *code)
{
	mbstate_t state = { 0, 0, 0 };
	unsigned char byte = *at;
	wchar_t wide;
	size_t n = 0;

	if (byte >= 0x80 && __locale_is_utf8())
		n = __utf8_decode(&wide, at, strnlen(at, MB_LEN_MAX), &state, false);
	if (n > 0 && n <= MB_LEN_MAX) {
		*code = (wint_t)wide;
		return at + n;
	}
	*code = byte < 0x80 ? byte : BYTE_CHARACTER(byte);
	return at + 1;
}

/* A pattern's character, which a backslash may make an ordinary one. */
static const char *
next_of_pattern(const struct match *m, const char *p, wint_t *code)
{
	if (*p == '\\' && (m->flags & FNM_NOESCAPE) == 0 && p[1] != 0)
		p++;
	return next(p, code);
}

/* A period that only a period matches. */
static bool
is_leading_period(const struct match *m, const char *text)
{
	return *text == '.' && (m->flags & FNM_PERIOD) != 0 &&
	    (text == m->start || ((m->flags & FNM_PATHNAME) != 0 && text[-1] == '/'));
}

/* [:class:]. Returns the place behind it, or NULL: there is none. */
static const char *
class(const struct match *m, const char *p, wint_t c, bool *found)
{
	const char *name = p + 2, *end = strstr(name, ":]");
	char copy[CLASS_NAME_MAX] = "";
	wctype_t type;

	if (end == NULL)
		return NULL;
	if (end - name < CLASS_NAME_MAX)
		memcpy(copy, name, (size_t)(end - name));
	type = wctype(copy);
	*found |= iswctype(c, type) != 0 || ((m->flags & FNM_CASEFOLD) != 0 && (iswctype(towupper(c), type) || iswctype(towlower(c), type)));
	return end + 2;
}

/* A character of a bracket expression, also as [.x.] or [=x=]. Returns the place behind it. */
static const char *
member(const struct match *m, const char *p, wint_t *code)
{
	const char *end;

	if (p[0] == '[' && (p[1] == '.' || p[1] == '=') && p[2] != 0) {
		end = next(p + 2, code);
		if (end[0] == p[1] && end[1] == ']')
			return end + 2;
	}
	return next_of_pattern(m, p, code);
}

/* One element of a bracket expression. Returns the place behind it. */
static const char *
bracket_element(const struct match *m, const char *p, wint_t c, bool *found)
{
	wint_t low, high;
	const char *end = p[0] == '[' && p[1] == ':' ? class(m, p, c, found) : NULL;

	if (end != NULL)
		return end;
	p = member(m, p, &low);
	high = low;
	if (p[0] == '-' && p[1] != ']' && p[1] != 0)
		p = member(m, p + 1, &high);
	*found |= (fold(m, low) <= fold(m, c) && fold(m, c) <= fold(m, high)) || (low <= c && c <= high);
	return p;
}

/* Returns the place behind the expression, or NULL when it has no end: then '[' is an ordinary character. */
static const char *
bracket(const struct match *m, const char *p, wint_t c, bool *matches)
{
	bool inverted = p[1] == '!' || p[1] == '^', found = false;
	const char *first = p + 1 + inverted;

	for (p = first; *p != 0 && (*p != ']' || p == first);) {
		if (*p == '/' && (m->flags & FNM_PATHNAME) != 0)
			return NULL;
		p = bracket_element(m, p, c, &found);
	}
	if (*p == 0)
		return NULL;
	*matches = found != inverted;
	return p + 1;
}

/* One pattern element that is no '*'. Returns the place behind it and moves the text's behind its character, or NULL: no match. */
static const char *
single(const struct match *m, const char *p, const char **text)
{
	bool special = (**text == '/' && (m->flags & FNM_PATHNAME) != 0) || is_leading_period(m, *text), matches = false;
	const char *end;
	wint_t c, wanted;

	*text = next(*text, &c);
	if (*p == '?')
		return special ? NULL : p + 1;
	if (*p == '[' && (end = bracket(m, p, c, &matches)) != NULL)
		return matches && !special ? end : NULL;
	if (*p == '\\' && p[1] == 0 && (m->flags & FNM_NOESCAPE) == 0)
		return NULL;
	p = next_of_pattern(m, p, &wanted);
	return fold(m, wanted) == fold(m, c) ? p : NULL;
}

int
fnmatch(const char *pattern, const char *text, int flags)
{
	struct match m = { text, flags };
	const char *star = NULL, *star_text = NULL, *behind, *after;
	wint_t c;

	for (;;) {
		if (*pattern == '*' && !is_leading_period(&m, text)) {
			while (*pattern == '*')
				pattern++;
			star = pattern;
			star_text = text;
			continue;
		}
		if (*text == 0 && *pattern == 0)
			return 0;
		if (*pattern == 0 && *text == '/' && (flags & FNM_LEADING_DIR) != 0)
			return 0;
		after = text;
		behind = *pattern != 0 && *text != 0 ? single(&m, pattern, &after) : NULL;
		if (behind != NULL) {
			pattern = behind;
			text = after;
			continue;
		}
		if (star == NULL || *star_text == 0 || (*star_text == '/' && (flags & FNM_PATHNAME) != 0))
			return FNM_NOMATCH;
		pattern = star;
		text = star_text = next(star_text, &c);
	}
}
