/*
 * The two-way algorithm (Crochemore and Perrin, "Two-way string-matching", JACM 38, 1991): the part is cut at a
 * critical place; its right side is compared forward, then its left side backward. A mismatch on the right moves
 * the part behind the mismatch; one on the left by the period.
 */
#include <stdbool.h>
#include <string.h>

#include "search.h"

/* The start of the greatest suffix of the part, by byte order or by its reverse, and the suffix's period. */
static size_t
greatest_suffix(const unsigned char *part, size_t size, bool reverse, size_t *period)
{
	size_t start = 0, candidate = 1, matched = 0;

	*period = 1;
	while (candidate + matched < size) {
		unsigned char a = part[candidate + matched], b = part[start + matched];

		if (a == b) {
			if (++matched == *period) {
				candidate += *period;
				matched = 0;
			}
		} else if (reverse ? a > b : a < b) {
			candidate += matched + 1;
			matched = 0;
			*period = candidate - start;
		} else {
			start = candidate++;
			matched = 0;
			*period = 1;
		}
	}
	return start;
}

static size_t
critical_place(const unsigned char *part, size_t size, size_t *period)
{
	size_t period_a, period_b;
	size_t a = greatest_suffix(part, size, false, &period_a), b = greatest_suffix(part, size, true, &period_b);

	*period = a > b ? period_a : period_b;
	return a > b ? a : b;
}

void *
__string_search(const void *text, size_t size, const void *part, size_t part_size)
{
	const unsigned char *t = text, *p = part;
	size_t period, cut, at = 0, known = 0;
	bool periodic;

	if (part_size == 0)
		return (void *)text;
	if (part_size > size)
		return NULL;
	cut = critical_place(p, part_size, &period);
	periodic = cut + period <= part_size && memcmp(p, p + period, cut) == 0;
	if (!periodic)
		period = (cut > part_size - cut ? cut : part_size - cut) + 1;
	while (at <= size - part_size) {
		size_t i = cut > known ? cut : known;

		while (i < part_size && p[i] == t[at + i])
			i++;
		if (i < part_size) {
			at += i - cut + 1;
			known = 0;
			continue;
		}
		for (i = cut; i > known && p[i - 1] == t[at + i - 1]; i--)
			continue;
		if (i <= known)
			return (void *)(t + at);
		at += period;
		known = periodic ? part_size - period : 0;
	}
	return NULL;
}
