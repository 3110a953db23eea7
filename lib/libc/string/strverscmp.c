/*
 * Order of names with numbers in them (GNU): runs of digits count as numbers. Digits after a zero are a fraction, so that "000" < "00" < "01"
 * < "0" < "1".
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at the text's beginning. */
static size_t
run_length(const char *text)
{
	size_t n = 0;

	while (is_digit(text[n]))
		n++;
	return n;
}

int
strverscmp(const char *a, const char *b)
{
	size_t at = 0, run = 0;			/* where they differ; where the run of digits there begins */
	size_t left, right;

	for (; a[at] == b[at]; at++) {
		if (a[at] == 0)
			return 0;
		if (!is_digit(a[at]))
			run = at + 1;
	}
	left = run_length(a + at);
	right = run_length(b + at);
	if (a[run] != '0' && b[run] != '0') {
		if (at > run || (left > 0 && right > 0)) {
			if (left != right)
				return left < right ? -1 : 1;
		}
	} else if (at > run && strspn(a + run, "0") >= at - run && (left == 0) != (right == 0)) {
		return left == 0 ? 1 : -1;	/* nothing but zeros so far: a shorter fraction is the larger one */
	}
	return (unsigned char)a[at] - (unsigned char)b[at];
}
