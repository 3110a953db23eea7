// LIBC: lib/libc/misc/getopt.c
/*
 * getopt and getopt_long against the host's: random arguments, read once to the end, or begun anew in between.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libc_host.h"
#include "unit.h"

char *m_getenv(const char *name) { return getenv(name); }
size_t m_strlen(const char *s) { return strlen(s); }
size_t m_strcspn(const char *s, const char *set) { return strcspn(s, set); }
char *m_strchr(const char *s, int c) { return strchr(s, c); }
int m_strcmp(const char *a, const char *b) { return strcmp(a, b); }
int m_strncmp(const char *a, const char *b, size_t n) { return strncmp(a, b, n); }
int m_fprintf(FILE *f, const char *format, ...) { (void)f; (void)format; return 0; }
FILE *m_stderr;

extern char *m_optarg;
extern int m_optind, m_opterr, m_optopt;
int m_getopt(int, char *const *, const char *);
int m_getopt_long(int, char *const *, const char *, const struct option *, int *);
int m_getopt_long_only(int, char *const *, const char *, const struct option *, int *);

#define ARGUMENTS_MOST	8

static const struct option longs[] = {
	{ "alpha", no_argument, NULL, 'a' }, { "alpine", required_argument, NULL, 'p' }, { "beta", optional_argument, NULL, 'b' },
	{ "gamma", required_argument, NULL, 1000 }, { NULL, 0, NULL, 0 },
};

static const char *const arguments[] = {
	"-a", "-b", "-c", "-ab", "-bx", "-dval", "-d", "-abc", "-z", "--", "-", "file", "other", "--alpha", "--alp", "--al", "--beta",
	"--beta=3", "--gamma", "--gamma=x", "--none", "--alpha=1", "-gamma", "-alpha", "x=1",
};

static const char *const options[] = { "abc:d::", ":ab:cd::", "+abc:", "-abc:d:", "ab:" };

static int
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* One call of each. */
static int
call_agrees(int kind, int count, char **ours, char **theirs, const char *letters)
{
	int our_index = -1, their_index = -1, a, b;

	if (kind == 0) {
		a = m_getopt(count, ours, letters);
		b = getopt(count, theirs, letters);
	} else if (kind == 1) {
		a = m_getopt_long(count, ours, letters, longs, &our_index);
		b = getopt_long(count, theirs, letters, longs, &their_index);
	} else {
		a = m_getopt_long_only(count, ours, letters, longs, &our_index);
		b = getopt_long_only(count, theirs, letters, longs, &their_index);
	}
	CHECK_EQ(a, b);
	CHECK_EQ(m_optind, optind);
	if (b == '?' || b == ':') {
		CHECK_EQ(m_optopt, optopt);
	} else if (b != -1) {
		CHECK_EQ(our_index, their_index);
		CHECK(same_text(m_optarg, optarg));
	}
	for (int i = 0; i < count && b == -1; i++)
		CHECK(strcmp(ours[i], theirs[i]) == 0);
	return b;
}

/* One list of arguments, to its end. */
static void
list_agrees(int kind, const char *letters)
{
	char *ours[ARGUMENTS_MOST + 1] = { "program" }, *theirs[ARGUMENTS_MOST + 1];
	int count = 1 + (int)random_below(ARGUMENTS_MOST);

	for (int k = 1; k < count; k++)
		ours[k] = (char *)arguments[random_below(sizeof(arguments) / sizeof(arguments[0]))];
	ours[count] = NULL;
	memcpy(theirs, ours, sizeof(theirs));
	while (call_agrees(kind, count, ours, theirs, letters) != -1)
		;
}

/* Most programs that read a second list say optind = 1, after the first was read to its end. */
static void
reading_agrees(void)
{
	for (long i = cases(20000); i > 0; i--) {
		const char *letters = options[random_below(sizeof(options) / sizeof(options[0]))];
		int kind = (int)random_below(3);

		optind = m_optind = 0;
		list_agrees(kind, letters);
		optind = m_optind = 1;
		list_agrees(kind, letters);
	}
}

/* NULL ends the arguments, wherever the count says that they end; operands are not taken for more than they are (POSIX.1-2017 getopt). */
static void
a_null_ends_the_arguments(void)
{
	char *given[] = { "program", "-a", "file", "-c", NULL, "-b", NULL };

	m_optind = 0;
	CHECK_EQ(m_getopt(6, given, "abc:"), 'a');
	CHECK_EQ(m_getopt(6, given, ":abc:"), ':');
	CHECK_EQ(m_optopt, 'c');
	CHECK_EQ(m_getopt(6, given, "abc:"), -1);
	CHECK_STR(given[m_optind], "file");
	m_optind = 5;
	CHECK_EQ(m_getopt(6, given, "+abc:"), 'b');
	m_optind = 4;
	CHECK_EQ(m_getopt(6, given, "+abc:"), -1);
	CHECK_EQ(m_optind, 4);
}

int
main(void)
{
	opterr = m_opterr = 0;
	TEST(reading_agrees);
	TEST(a_null_ends_the_arguments);
	setenv("POSIXLY_CORRECT", "1", 1);
	TEST(reading_agrees);
	return unit_done();
}
