// LIBC: lib/libc/regex/*.c lib/libc/misc/char_class.c lib/libc/ctype/*.c lib/libc/string/*.c
/*
 * Regular expressions: known answers of POSIX's rules, and random patterns whose whole match is the host's.
 */
#include <regex.h>

#include "libc_host.h"
#include "unit.h"

typedef struct {
	size_t re_nsub;
	void *program;
} m_regex;
typedef struct {
	long rm_so, rm_eo;
} m_match;

int m_regcomp(m_regex *, const char *, int), m_regexec(const m_regex *, const char *, size_t, m_match *, int);
void m_regfree(m_regex *);
void *m_calloc(size_t count, size_t size) { return calloc(count, size); }
void *m_malloc(size_t size) { return malloc(size); }
void m_free(void *block) { free(block); }

/* The matches as "(0,3)(1,2)", "no" or "error N". */
static const char *
answer(const char *pattern, const char *text, int flags)
{
	static char out[400];
	m_match matches[6];
	m_regex regex;
	int error = m_regcomp(&regex, pattern, flags);

	if (error != 0) {
		snprintf(out, sizeof(out), "error %d", error);
		return out;
	}
	strcpy(out, "no");
	if (m_regexec(&regex, text, 6, matches, 0) == 0) {
		*out = 0;
		for (size_t i = 0; i <= regex.re_nsub && i < 6; i++)
			snprintf(out + strlen(out), sizeof(out) - strlen(out), "(%ld,%ld)", matches[i].rm_so, matches[i].rm_eo);
	}
	m_regfree(&regex);
	return out;
}

static void
known_answers(void)
{
	static const struct {
		const char *pattern, *text;
		int flags;
		const char *wanted;
	} cases[] = {
		{ "abc", "xabcy", 0, "(1,4)" }, { "a*", "baaa", 0, "(0,0)" }, { "a|ab", "ab", 1, "(0,2)" },
		{ "(a|ab)(c|bcd)", "abcd", 1, "(0,4)(0,1)(1,4)" }, { "x*|b", "b", 1, "(0,1)" }, { "^a.c$", "abc", 1, "(0,3)" },
		{ "[[:digit:]]+", "ab123c", 1, "(2,5)" }, { "a\\{2,3\\}", "caaaa", 0, "(1,4)" }, { "a{2,3}", "caaaa", 1, "(1,4)" },
		{ "\\(a\\)\\1", "baa", 0, "(1,3)(1,2)" }, { "(ab)*", "ababx", 1, "(0,4)(2,4)" }, { "(a*)*", "b", 1, "(0,0)(0,0)" },
		{ "(a*)+", "b", 1, "(0,0)(0,0)" }, { "[^a-c]", "abcd", 1, "(3,4)" }, { "[]x]", "]", 1, "(0,1)" }, { "a]", "a]", 1, "(0,2)" },
		{ "*a", "*a", 0, "(0,2)" }, { "a\\+", "aa", 0, "(0,2)" }, { "a+b?c", "aac", 1, "(0,3)" }, { "(", "", 1, "error 8" },
		{ "[a", "", 1, "error 7" }, { "a{3,2}", "", 1, "error 10" }, { "\\(", "", 0, "error 8" }, { "*a", "", 1, "error 13" },
		{ "[b-a]", "", 1, "error 11" }, { "\\", "", 1, "error 5" }, { "ABC", "xabc", 3, "(1,4)" }, { "^b", "a\nb", 5, "(2,3)" },
		{ "a$", "a\nb", 5, "(0,1)" }, { ".", "\n", 5, "no" }, { "[[:foo:]]", "", 1, "error 4" }, { "", "abc", 1, "(0,0)" },
		{ "(a|b)*c|(a|ab)*c", "abc", 1, "(0,3)(1,2)(-1,-1)" }, { "a.*b", "xaxbxbx", 1, "(1,6)" }, { "\\<b", "ab b", 0, "(3,4)" },
		{ "(foo|bar)(baz)?", "xxbarbaz", 1, "(2,8)(2,5)(5,8)" }, { "\\.c$", "main.c", 0, "(4,6)" }, { "()", "a", 1, "(0,0)(0,0)" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(answer(cases[i].pattern, cases[i].text, cases[i].flags), cases[i].wanted) != 0)
			fprintf(stderr, "pattern %s, text %s\n", cases[i].pattern, cases[i].text);
		CHECK_STR(answer(cases[i].pattern, cases[i].text, cases[i].flags), cases[i].wanted);
	}
}

/* A pattern without operators at doubtful places. */
static void
random_pattern(char **at, int depth)
{
	for (int n = 1 + random_below(3); n > 0; n--) {
		switch (random_below(depth > 0 ? 6 : 4)) {
		case 0: case 1: *(*at)++ = 'a' + (char)random_below(3); break;
		case 2: *(*at)++ = '.'; break;
		case 3: *at += sprintf(*at, "[%s]", (const char *[]){ "ab", "^a", "b-c" }[random_below(3)]); break;
		case 4:
			*(*at)++ = '(';
			random_pattern(at, depth - 1);
			*(*at)++ = ')';
			break;
		case 5:
			*(*at)++ = '(';
			random_pattern(at, depth - 1);
			*(*at)++ = '|';
			random_pattern(at, depth - 1);
			*(*at)++ = ')';
			break;
		}
		if (random_below(3) == 0)
			*at += sprintf(*at, "%s", (const char *[]){ "*", "+", "?", "{1,2}" }[random_below(4)]);
	}
	**at = 0;
}

static void
random_patterns_match_alike(void)
{
	int differ = 0;

	for (long i = cases(3000); i > 0; i--) {
		char pattern[300], text[12], *at = pattern, theirs[40] = "no", ours[40];
		int length = random_below(11);
		regmatch_t match;
		regex_t regex;

		random_pattern(&at, 2);
		for (int k = 0; k < length; k++)
			text[k] = 'a' + (char)random_below(3);
		text[length] = 0;
		if (regcomp(&regex, pattern, REG_EXTENDED) != 0)
			continue;
		if (regexec(&regex, text, 1, &match, 0) == 0)
			snprintf(theirs, sizeof(theirs), "(%d,%d)", (int)match.rm_so, (int)match.rm_eo);
		regfree(&regex);
		snprintf(ours, sizeof(ours), "%s", answer(pattern, text, 1));
		if (strchr(ours, ')') != NULL)
			strchr(ours, ')')[1] = 0;
		if (strcmp(ours, theirs) != 0 && differ++ < 5)
			fprintf(stderr, "pattern %s, text %s: %s, not %s\n", pattern, text, ours, theirs);
	}
	CHECK_EQ(differ, 0);
}

int
main(void)
{
	TEST(known_answers);
	TEST(random_patterns_match_alike);
	return unit_done();
}
