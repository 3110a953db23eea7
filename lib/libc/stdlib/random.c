/*
 * random: the additive feedback generator of 4.3BSD's random(3), so that a program with a seed of its own prints here what it prints elsewhere.
 *
 *	x[i] = x[i - degree] + x[i - separation] modulo 2^32; the upper 31 bits are the result
 *
 * The first `degree` words are those of the "minimal standard" generator (Park and Miller, CACM 31, 10: x * 16807 modulo 2^31 - 1), then ten times
 * as many results are dropped. The smallest kind is a linear congruential generator. An array of the caller begins with a word of ours, the
 * rest is the table:
 *
 *	0           4
 *	+-----------+------+------+---
 *	| 5 * rear  | x[.] | x[.] |		rear: index of x[i - degree]; kind: of kinds[]
 *	|   + kind  |      |      |
 *	+-----------+------+------+---
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "posix/lock.h"

#define KINDS		5
#define DEFAULT_KIND	3
#define DEFAULT_SEED	1

static const struct kind {
	unsigned bytes, degree, separation;
} kinds[KINDS] = { { 8, 0, 0 }, { 32, 7, 3 }, { 64, 15, 1 }, { 128, 31, 3 }, { 256, 63, 1 } };

static int32_t first_array[1 + 31];
static int32_t *array;			/* in use; NULL: not even the first yet */
static unsigned kind, front, rear;
static struct libc_lock lock;

/* --- with the lock held --- */

static void
advance(unsigned *index)
{
	if (++*index == kinds[kind].degree)
		*index = 0;
}

static long
next(void)
{
	int32_t *table = array + 1;
	uint32_t sum;

	if (kind == 0) {
		table[0] = ((uint32_t)table[0] * 1103515245u + 12345u) & INT32_MAX;
		return table[0];
	}
	sum = (uint32_t)table[front] + (uint32_t)table[rear];
	table[front] = (int32_t)sum;
	advance(&front);
	advance(&rear);
	return sum >> 1;
}

/* Schrage's way to x * 16807 modulo 2^31 - 1 without a product that is too large; as it was, also for negative seeds. */
static int32_t
minimal_standard(int32_t x)
{
	int32_t after = 16807 * (x % 127773) - 2836 * (x / 127773);

	return after < 0 ? after + INT32_MAX : after;
}

static void
seed_table(unsigned seed)
{
	int32_t *table = array + 1;

	table[0] = seed == 0 ? 1 : (int32_t)seed;
	if (kind == 0)
		return;
	for (unsigned i = 1; i < kinds[kind].degree; i++)
		table[i] = minimal_standard(table[i - 1]);
	front = kinds[kind].separation;
	rear = 0;
	for (unsigned i = 0; i < 10 * kinds[kind].degree; i++)
		next();
}

static void
note_place(void)
{
	array[0] = (int32_t)(KINDS * rear + kind);
}

static void
need_array(void)
{
	if (array != NULL)
		return;
	array = first_array;
	kind = DEFAULT_KIND;
	seed_table(DEFAULT_SEED);
}

/* --- the interface --- */

long
random(void)
{
	long result;

	__lock_take(&lock);
	need_array();
	result = next();
	__lock_release(&lock);
	return result;
}

void
srandom(unsigned seed)
{
	__lock_take(&lock);
	need_array();
	seed_table(seed);
	__lock_release(&lock);
}

char *
initstate(unsigned seed, char *state, size_t size)
{
	unsigned fits = KINDS;
	char *old;

	while (fits > 0 && size < kinds[fits - 1].bytes)
		fits--;
	if (fits == 0) {
		errno = EINVAL;
		return NULL;
	}
	__lock_take(&lock);
	need_array();
	note_place();
	old = (char *)array;
	array = (int32_t *)(void *)state;
	kind = fits - 1;
	front = rear = 0;
	seed_table(seed);
	note_place();
	__lock_release(&lock);
	return old;
}

char *
setstate(char *state)
{
	int32_t *words = (int32_t *)(void *)state;
	unsigned its_kind, its_rear;
	char *old;

	__lock_take(&lock);
	need_array();
	note_place();			/* it may be the same array */
	old = (char *)array;
	its_kind = (unsigned)words[0] % KINDS;
	its_rear = (unsigned)words[0] / KINDS;
	if (its_rear != 0 && its_rear >= kinds[its_kind].degree) {
		errno = EINVAL;
		old = NULL;
	} else {
		array = words;
		kind = its_kind;
		rear = its_rear;
		front = kind == 0 ? 0 : (rear + kinds[kind].separation) % kinds[kind].degree;
	}
	__lock_release(&lock);
	return old;
}
