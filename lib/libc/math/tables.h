/* Tables of the elementary functions, see tables.c. */
#ifndef LIBC_MATH_TABLES_H
#define LIBC_MATH_TABLES_H

#include <stdint.h>

/* A number as the sum of two doubles, the second at most half a unit in the last place of the first. */
struct pair {
	double hi, lo;
};

extern const struct pair __exp_table[32];	/* 2^(j/32) */
extern const struct pair __log_table[47];	/* log(c), c = (45 + j)/64 */
extern const struct pair __atan_table[33];	/* atan(j/32) */
extern const uint64_t __two_over_pi[20];	/* the first 1280 bits of 2/pi */

#endif
