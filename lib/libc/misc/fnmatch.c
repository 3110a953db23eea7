/*
 * Shell patterns (POSIX.1-2017 2.13). A '*' tries the shortest text first and only the last one is tried again, so the
 * time is at most pattern times text.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

#include "char_class.h"

struct match {
	const char *start;		/* of the text */
	int flags;
};

static int
fold(const struct match *m, unsigned char c)
{
	return (m->flags & FNM_CASEFOLD) != 0 ? tolower(c) : c;
}

/* A period that only a period matches. */
static bool
is_leading_period(const struct match *m, const char *text)
{
	return *text == '.' && (m->flags & FNM_PERIOD) != 0 &&
	    (text == m->start || ((m->flags & FNM_PATHNAME) != 0 && text[-1] == '/'));
}

/* One element of a bracket expression. Returns the place behind it. */
static const char *
bracket_element(const struct match *m, const char *p, unsigned char c, bool *found)
{
	unsigned char low, high;

	if (p[0] == '[' && p[1] == ':') {
		const char *end = strstr(p + 2, ":]");

		if (end != NULL) {
			*found |= __char_class(p + 2, end - p - 2, c) || ((m->flags & FNM_CASEFOLD) != 0 &&
			    (__char_class(p + 2, end - p - 2, toupper(c)) || __char_class(p + 2, end - p - 2, tolower(c))));
			return end + 2;
		}
	}
	if (p[0] == '[' && (p[1] == '.' || p[1] == '=') && p[2] != 0 && p[3] == p[1] && p[4] == ']') {
		low = p[2];
		p += 5;
	} else {
		if (*p == '\\' && (m->flags & FNM_NOESCAPE) == 0 && p[1] != 0)
			p++;
		low = *p++;
	}
	high = low;
	if (p[0] == '-' && p[1] != ']' && p[1] != 0) {
		p++;
		if (*p == '\\' && (m->flags & FNM_NOESCAPE) == 0 && p[1] != 0)
			p++;
		high = *p++;
	}
	*found |= (fold(m, low) <= fold(m, c) && fold(m, c) <= fold(m, high)) || (low <= c && c <= high);
	return p;
}

/* Returns the place behind the expression, or NULL when it has no end: then '[' is an ordinary character. */
static const char *
bracket(const struct match *m, const char *p, unsigned char c, bool *matches)
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

/* One pattern element that is no '*'. Returns the place behind it, or NULL: no match. */
static const char *
single(const struct match *m, const char *p, const char *text)
{
	bool matches = false;
	const char *end;
	bool special = (*text == '/' && (m->flags & FNM_PATHNAME) != 0) || is_leading_period(m, text);

	if (*p == '?')
		return special ? NULL : p + 1;
	if (*p == '[' && (end = bracket(m, p, *text, &matches)) != NULL)
		return matches && !special ? end : NULL;
	if (*p == '\\' && (m->flags & FNM_NOESCAPE) == 0) {
		if (p[1] == 0)
			return NULL;
		p++;
	}
	return fold(m, *p) == fold(m, *text) ? p + 1 : NULL;
}

int
fnmatch(const char *pattern, const char *text, int flags)
{
	struct match m = { text, flags };
	const char *star = NULL, *star_text = NULL, *next;

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
		next = *pattern != 0 && *text != 0 ? single(&m, pattern, text) : NULL;
		if (next != NULL) {
			pattern = next;
			text++;
			continue;
		}
		if (star == NULL || *star_text == 0 || (*star_text == '/' && (flags & FNM_PATHNAME) != 0))
			return FNM_NOMATCH;
		pattern = star;
		text = ++star_text;
	}
}
