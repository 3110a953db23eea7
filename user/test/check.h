/*
 * For test programs that run from the shell: CHECK counts, says what failed and goes on; check_report ends main. The host counts on the line
 * "NAME: N checks passed" and on the status.
 */
#ifndef USER_TEST_CHECK_H
#define USER_TEST_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

static unsigned checks_passed __attribute__((unused)), checks_failed __attribute__((unused));

#define CHECK(condition)	check(condition, #condition, __FILE__, __LINE__)
#define EQUAL(got, wanted)	check_equal((long)(got), (long)(wanted), #got, __FILE__, __LINE__)
/* A call that fails with -1 and this errno. */
#define FAILS(call, error)	check_fails((long)(call), error, #call, __FILE__, __LINE__)

static inline int
check_count(int good)
{
	__atomic_add_fetch(good ? &checks_passed : &checks_failed, 1, __ATOMIC_RELAXED);
	return good;
}

static inline void
check(int good, const char *what, const char *file, int line)
{
	if (!check_count(good))
		printf("%s:%d: %s does not hold\n", file, line, what);
}

static inline void
check_equal(long got, long wanted, const char *what, const char *file, int line)
{
	if (!check_count(got == wanted))
		printf("%s:%d: %s is %ld, not %ld\n", file, line, what, got, wanted);
}

static inline void
check_fails(long got, int error, const char *what, const char *file, int line)
{
	int seen = errno;

	if (!check_count(got == -1 && seen == error))
		printf("%s:%d: %s gives %ld (%s), wanted -1 (%s)\n", file, line, what, got, got == -1 ? strerror(seen) : "",
			strerror(error));
}

/* Prints the sum; main returns what this returns. */
static inline int
check_report(const char *name)
{
	if (checks_failed != 0)
		printf("%s: %u checks failed\n", name, checks_failed);
	else
		printf("%s: %u checks passed\n", name, checks_passed);
	return checks_failed != 0;
}

#endif
