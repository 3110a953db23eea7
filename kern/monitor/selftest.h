/*
 * Built-in checks of the kernel, run by `selftest NAME SEED`.
 *
 * A check prints what it observes (addresses, orders, sequences), so that whoever knows the seed
 * can judge for himself, and complains about what it finds wrong. Checks are arrays that end with a
 * NULL name; selftest.c lists the arrays.
 */
#ifndef MONITOR_SELFTEST_H
#define MONITOR_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

struct selftest {
	const char *name;
	const char *what;			/* one line */
	void (*run)(uint64_t seed);
};

/* Prints "selftest: ..." if it does not hold and counts it. Returns it. */
bool selftest_check(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The next number below `limit` of the sequence that *state, never 0, began:
 * x ^= x << 13, x ^= x >> 7, x ^= x << 17; then x mod limit.
 */
uint64_t selftest_random(uint64_t *state, uint64_t limit);

#endif
