/*
 * Host unit tests: a test is a C program of test functions with checks, run under ASan and UBSan.
 *
 *	// SOURCES: kern/mm/buddy.c lib/line/edit.c	files under test, compiled unchanged
 *	// CFLAGS: -Iinc/libc -DLIMIT=4			further compiler flags, if any
 *	#include "unit.h"
 *
 *	static void
 *	buddies_join_again(void)
 *	{
 *		CHECK(order == 3);
 *		CHECK_EQ(free_frames(), 64);
 *	}
 *
 *	int
 *	main(void)
 *	{
 *		TEST(buddies_join_again);
 *		return unit_done();
 *	}
 *
 * A failed check is reported and the function goes on; REQUIRE leaves the function at once. Each TEST counts once.
 * Tests that draw numbers draw unit_stress() times as many as usual: STRESS=N in the environment. Where a sequence begins with
 * unit_seed(), SEED=N in the environment makes it another one; a test that fails then says which it was.
 */
#ifndef GRADE_UNIT_UNIT_H
#define GRADE_UNIT_UNIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int unit_passed, unit_failed, unit_bad;

static inline unsigned
unit_stress(void)
{
	const char *wanted = getenv("STRESS");
	int factor = wanted != NULL ? atoi(wanted) : 1;

	return factor > 0 ? (unsigned)factor : 1;
}

static int unit_drawn;

static inline unsigned long
unit_seed(void)
{
	const char *wanted = getenv("SEED");

	unit_drawn = 1;
	return wanted != NULL ? strtoul(wanted, NULL, 0) : 1;
}

static inline void
unit_complain(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: false: %s\n", file, line, what);
	unit_bad++;
}

static inline void
unit_compare(const char *file, int line, const char *what, long long got, long long want)
{
	if (got == want)
		return;
	fprintf(stderr, "%s:%d: %s: got %lld (0x%llx), expected %lld (0x%llx)\n", file, line, what,
		got, (unsigned long long)got, want, (unsigned long long)want);
	unit_bad++;
}

static inline void
unit_compare_str(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (got && want && strcmp(got, want) == 0)
		return;
	fprintf(stderr, "%s:%d: %s: got \"%s\", expected \"%s\"\n", file, line, what,
		got ? got : "(null)", want ? want : "(null)");
	unit_bad++;
}

static inline void
unit_run(const char *name, void (*test)(void))
{
	unit_bad = 0;
	test();
	if (unit_bad == 0) {
		unit_passed++;
		return;
	}
	unit_failed++;
	fprintf(stderr, "FAILED: %s\n", name);
	if (unit_drawn)
		fprintf(stderr, "\tagain: STRESS=%u SEED=%lu\n", unit_stress(), unit_seed());
}

/* Prints the summary line; returns the exit status of the program. */
static inline int
unit_done(void)
{
	fflush(stderr);
	printf("%d passed, %d failed\n", unit_passed, unit_failed);
	return unit_failed != 0 || unit_passed == 0;
}

#define CHECK(cond) do { if (!(cond)) unit_complain(__FILE__, __LINE__, #cond); } while (0)
#define REQUIRE(cond) do { if (!(cond)) { unit_complain(__FILE__, __LINE__, #cond); return; } } while (0)
#define CHECK_EQ(got, want) \
	unit_compare(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define CHECK_STR(got, want) unit_compare_str(__FILE__, __LINE__, #got, got, want)
#define TEST(function) unit_run(#function, function)

#endif
