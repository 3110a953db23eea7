/*
 * Shell patterns (POSIX.1-2017 2.13). A '*' tries the shortest text first and only the last one is tried again, so the
 * time is at most pattern times text. Lists of patterns (FNM_EXTMATCH) need another way, which tries everything.
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

/* --- lists of patterns --- */

/* A piece of the pattern or of the text. */
struct span {
	const char *at, *end;
};

static bool matches_all(const struct match *m, struct span pattern, struct span text);

static bool
begins_list(const char *p)
{
	return *p != 0 && strchr("?*+@!", *p) != NULL && p[1] == '(';
}

/* Behind one thing of the pattern that may hold '|' or ')' as ordinary characters. */
static const char *
pass(const struct match *m, const char *p)
{
	bool matches;
	const char *end = *p == '[' ? bracket(m, p, 0, &matches) : NULL;

	if (end != NULL)
		return end;
	return *p == '\\' && (m->flags & FNM_NOESCAPE) == 0 && p[1] != 0 ? p + 2 : p + 1;
}

/* The '|' or ')' that ends an alternative which begins at p, or NULL: the list is not closed, and so is none. */
static const char *
alternative_end(const struct match *m, const char *p)
{
	for (unsigned depth = 0; *p != 0; p = begins_list(p) ? (depth++, p + 2) : pass(m, p)) {
		if (depth == 0 && (*p == '|' || *p == ')'))
			return p;
		depth -= *p == ')';
	}
	return NULL;
}

/* The ')' of a list whose '(' is at p, or NULL. */
static const char *
list_end(const struct match *m, const char *p)
{
	do {
		p = alternative_end(m, p + 1);
	} while (p != NULL && *p == '|');
	return p;
}

/* Whether one of the alternatives from '(' at p on matches the text. */
static bool
matches_one(const struct match *m, const char *p, struct span text)
{
	const char *end;

	do {
		end = alternative_end(m, p + 1);
		if (matches_all(m, (struct span){ p + 1, end }, text))
			return true;
		p = end;
	} while (*end == '|');
	return false;
}

/* The list at pattern.at, which `close` ends, and what follows; `kind` is '*' instead of '+' once it matched. */
static bool
matches_list(const struct match *m, char kind, struct span pattern, const char *close, struct span text)
{
	struct span rest = { close + 1, pattern.end };
	bool one;
	wint_t c;

	if ((kind == '?' || kind == '*') && matches_all(m, rest, text))
		return true;
	for (const char *middle = text.at;; middle = next(middle, &c)) {
		struct span behind = { middle, text.end };

		one = matches_one(m, pattern.at + 1, (struct span){ text.at, middle });
		if (one != (kind == '!') && !(kind == '!' && middle > text.at && is_leading_period(m, text.at))) {
			if (matches_all(m, rest, behind))
				return true;
			if ((kind == '*' || kind == '+') && middle > text.at && matches_list(m, '*', pattern, close, behind))
				return true;
		}
		if (middle == text.end)
			return false;
		if (kind == '!' && *middle == '/' && (m->flags & FNM_PATHNAME) != 0)
			return false;
	}
}

/* Whether what follows a '*' matches some end of the text. */
static bool
matches_star(const struct match *m, struct span rest, struct span text)
{
	wint_t c;

	for (;; text.at = next(text.at, &c)) {
		if (matches_all(m, rest, text))
			return true;
		if (text.at == text.end || is_leading_period(m, text.at) || (*text.at == '/' && (m->flags & FNM_PATHNAME) != 0))
			return false;
	}
}

static bool
matches_all(const struct match *m, struct span pattern, struct span text)
{
	while (pattern.at < pattern.end) {
		const char *close = begins_list(pattern.at) ? list_end(m, pattern.at + 1) : NULL;

		if (close != NULL)
			return matches_list(m, *pattern.at, pattern, close, text);
		if (*pattern.at == '*')
			return matches_star(m, (struct span){ pattern.at + 1, pattern.end }, text);
		pattern.at = text.at < text.end ? single(m, pattern.at, &text.at) : NULL;
		if (pattern.at == NULL)
			return false;
	}
	return text.at == text.end || (*pattern.end == 0 && *text.at == '/' && (m->flags & FNM_LEADING_DIR) != 0);
}

int
fnmatch(const char *pattern, const char *text, int flags)
{
	struct match m = { text, flags };
	const char *star = NULL, *star_text = NULL, *behind, *after;
	wint_t c;

	if ((flags & FNM_EXTMATCH) != 0 && strchr(pattern, '(') != NULL)
		return matches_all(&m, (struct span){ pattern, strchr(pattern, 0) }, (struct span){ text, strchr(text, 0) }) ? 0 : FNM_NOMATCH;
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
