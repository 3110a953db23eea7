// LIBC: lib/libc/regex/*.c lib/libc/misc/locale*.c lib/libc/ctype/*.c lib/libc/string/*.c
// LIBC: lib/libc/wchar/iswalpha.c lib/libc/wchar/mbrtowc.c lib/libc/wchar/utf8.c
/*
 * Regular expressions: known answers of POSIX's rules, and random patterns whose whole match is the host's, in the C locale and with UTF-8.
 */
#include <locale.h>
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
char *m_setlocale(int, const char *);
void *m_calloc(size_t count, size_t size) { return calloc(count, size); }
void *m_malloc(size_t size) { return malloc(size); }
void *m_realloc(void *block, size_t size) { return realloc(block, size); }
char *m_getenv(const char *name) { return getenv(name); }
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
	error = m_regexec(&regex, text, 6, matches, 0);
	if (error == REG_NOMATCH) {
		strcpy(out, "no");
	} else if (error != 0) {
		snprintf(out, sizeof(out), "error %d in the text", error);
	} else {
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
		{ "^**$", "***", 0, "(0,3)" }, { "*\\{2\\}", "a**", 0, "(1,3)" }, { "a\\|\\(**\\)", "***", 0, "(0,3)(0,3)" },
		{ "^*a", "*a", 0, "(0,2)" }, { "a\\)", "a)", 0, "error 8" }, { "a)", "a)", 1, "(0,2)" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(answer(cases[i].pattern, cases[i].text, cases[i].flags), cases[i].wanted) != 0)
			fprintf(stderr, "pattern %s, text %s\n", cases[i].pattern, cases[i].text);
		CHECK_STR(answer(cases[i].pattern, cases[i].text, cases[i].flags), cases[i].wanted);
	}
}

/* What patterns and texts are made of. */
struct alphabet {
	const char *letters[5], *sets[5];
};

static const struct alphabet ascii = { { "a", "b", "c", "A", " " }, { "ab", "^a", "b-c", "[:alpha:]", "^[:space:]b" } };
static const struct alphabet utf8 = { { "a", "\u00e4", "\u00c4", "\u65e5", " " },
	{ "a\u00e4", "^\u00e4", "\u00e0-\u00ff", "[:alpha:]b", "^\u65e5[:space:]" } };

static const char *
one_of(const char *const *texts, unsigned count)
{
	return texts[random_below(count)];
}

/* A pattern without operators at doubtful places. */
static void
random_pattern(const struct alphabet *alphabet, char **at, int depth)
{
	for (int n = 1 + random_below(3); n > 0; n--) {
		switch (random_below(depth > 0 ? 6 : 4)) {
		case 0: case 1: *at += sprintf(*at, "%s", one_of(alphabet->letters, 5)); break;
		case 2: *(*at)++ = '.'; break;
		case 3: *at += sprintf(*at, "[%s]", one_of(alphabet->sets, 5)); break;
		case 4:
			*(*at)++ = '(';
			random_pattern(alphabet, at, depth - 1);
			*(*at)++ = ')';
			break;
		case 5:
			*(*at)++ = '(';
			random_pattern(alphabet, at, depth - 1);
			*(*at)++ = '|';
			random_pattern(alphabet, at, depth - 1);
			*(*at)++ = ')';
			break;
		}
		if (random_below(3) == 0)
			*at += sprintf(*at, "%s", (const char *[]){ "*", "+", "?", "{1,2}", "{2}", "{0,3}", "{2,}" }[random_below(7)]);
	}
	**at = 0;
}

static void
compare(const struct alphabet *alphabet)
{
	int differ = 0;

	for (long i = cases(6000); i > 0; i--) {
		char pattern[800], text[40] = "", *at = pattern, theirs[40] = "no", ours[40];
		int flags = REG_EXTENDED | (random_below(3) == 0 ? REG_ICASE : 0);
		regmatch_t match;
		regex_t regex;

		random_pattern(alphabet, &at, 2);
		for (int k = random_below(11); k > 0; k--)
			strcat(text, one_of(alphabet->letters, 5));
		if (regcomp(&regex, pattern, flags) != 0)
			continue;
		if (regexec(&regex, text, 1, &match, 0) == 0)
			snprintf(theirs, sizeof(theirs), "(%d,%d)", (int)match.rm_so, (int)match.rm_eo);
		regfree(&regex);
		snprintf(ours, sizeof(ours), "%s", answer(pattern, text, flags & REG_ICASE ? 3 : 1));
		if (strchr(ours, ')') != NULL)
			strchr(ours, ')')[1] = 0;
		if (strcmp(ours, theirs) != 0 && differ++ < 5)
			fprintf(stderr, "pattern %s, text %s: %s, not %s\n", pattern, text, ours, theirs);
	}
	CHECK_EQ(differ, 0);
}

static void
random_patterns_match_alike(void)
{
	compare(&ascii);
}

static void
in_utf8(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	CHECK_STR(m_setlocale(LC_CTYPE, "C.UTF-8"), "C.UTF-8");
	compare(&utf8);
	CHECK_STR(answer("^.$", "\u00e4", 1), "(0,2)");
	CHECK_STR(answer("(.)\\1", "x\u65e5\u65e5", 1), "(1,7)(1,4)");
	CHECK_STR(answer("[^\u00e4]", "\u00e4\u00e5", 1), "(2,4)");
	CHECK_STR(answer("[[.\u00e4.]-\u00ef]+", "x\u00e5\u00ef", 1), "(1,5)");
	CHECK_STR(answer("\u00c4", "\u00e4", 3), "(0,2)");
	CHECK_STR(answer("(.)\\1", "x\u00e4\u00c4", 3), "(1,5)(1,3)");
	CHECK_STR(answer("(.b)\\1", "\u00e4b\u00e5B", 3), "no");
	CHECK_STR(answer("\\<b", "a\x80" "b", 1), "(2,3)");
	CHECK_STR(answer("\u00e4\\>", "\u00e4\u00e4\x80", 1), "(2,4)");
	CHECK_STR(answer("[a-\xff]", "b", 1), "error 11");
	CHECK_STR(answer(".", "\xff", 1), "no");
	CHECK_STR(answer("b", "\xff\xe4zb", 1), "(3,4)");
	CHECK_STR(answer("a\xff", "a\xff", 1), "no");
	m_setlocale(LC_CTYPE, "C");
	CHECK_STR(answer("^..$", "\u00e4", 1), "(0,2)");
	CHECK_STR(answer("a\xff[\xe0-\xf0]", "a\xff\xe4", 1), "(0,3)");
	setlocale(LC_CTYPE, "C");
}

/* A pattern of something and many others behind it. */
static const char *
answer_to_many(const char *first, const char *other, int count)
{
	char *pattern = malloc(strlen(first) + (size_t)count * strlen(other) + 1), *at = stpcpy(pattern, first);
	const char *result;

	while (count-- > 0)
		at = stpcpy(at, other);
	result = answer(pattern, "ab", 1);
	free(pattern);
	return result;
}

static void
deep_trees_have_limits(void)
{
	CHECK_STR(answer_to_many("c", "|b", 40000), "(1,2)");
	CHECK_STR(answer_to_many("c", "|b", 100000), "error 12");
	CHECK_STR(answer_to_many("a", "*", 200), "(0,1)");
	CHECK_STR(answer_to_many("a", "*", 201), "error 12");
	CHECK_STR(answer_to_many("a", "{1}", 100000), "error 12");
	CHECK_STR(answer_to_many("a*", "a*?", 1000), "(0,1)");
	CHECK_STR(answer_to_many("(a*)*", "|(b*)*", 1000), "(0,1)(0,1)(-1,-1)(-1,-1)(-1,-1)(-1,-1)");
	CHECK_STR(answer_to_many("", "(", 201), "error 12");
	CHECK_STR(answer_to_many("a{0}", "{255}", 100), "(0,0)");
}

/* Texts and patterns that would take for ever, or a stack without end, if each way was tried. */
static void
time_and_memory_have_limits(void)
{
	static const char *const patterns[] = { "(a|b)*c", "(a*)*c", "((a|b)(a|b))*c", "(a|aa|aaa)+$", "^(([a-b]+)+)+c$", "a{0,200}a{200}$", "(x+x+)+y" };
	static const char *const wanted[] = { "no", "no", "no", "(0,30000)(29999,30000)", "no", "(29600,30000)", "no" };
	static char text[30001];
	m_match matches[2];
	m_regex regex;

	memset(text, 'a', 30000);
	for (unsigned i = 0; i < 7; i++)
		CHECK_STR(answer(patterns[i], text, 1), wanted[i]);
	text[29999] = 'c';
	CHECK_STR(answer("(a|b)*c", text, 1), "(0,30000)(29998,29999)");
	CHECK_STR(answer("(((a{255}){255}){255}){255}", text, 1), "error 12");
	CHECK_EQ(m_regcomp(&regex, "b*(x)?", 1), 0);
	matches[0] = (m_match){ 2, 5 };
	CHECK(m_regexec(&regex, "abbbbx", 2, matches, 4) == 0 && matches[0].rm_so == 2 && matches[0].rm_eo == 5 && matches[1].rm_so == -1);
	m_regfree(&regex);
	CHECK_STR(answer("((a*)*)\\2b", "aab", 1), "(0,3)(0,2)(2,2)");
}

/* Where no text that a group might have leads to a match, a back reference costs no more than another instruction. */
static void
hopeless_back_references_end(void)
{
	static char text[6001];

	memset(text, 'a', 6000);
	CHECK_STR(answer("\\(.*\\)x\\1", text, 0), "no");
	CHECK_STR(answer("(.*)x\\1", text, 3), "no");
	CHECK_STR(answer("\\(a*\\)*\\1b", text + 5970, 0), "no");
	CHECK_STR(answer("(a.)\\1", "ba\na\n", 1), "(1,5)(1,3)");
	CHECK_STR(answer("^(a*)(\\1|c)d$", "aacd", 1), "(0,4)(0,2)(2,3)");
}

int
main(void)
{
	TEST(known_answers);
	TEST(random_patterns_match_alike);
	TEST(in_utf8);
	TEST(time_and_memory_have_limits);
	TEST(hopeless_back_references_end);
	TEST(deep_trees_have_limits);
	return unit_done();
}
