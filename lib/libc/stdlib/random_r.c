/*
 * random_r: the additive feedback generator of 4.3BSD's random(3), so that a program with a seed of its own prints here what it prints elsewhere.
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
 *
 * A struct random_data of zeroes has no array yet: EINVAL for all but initstate_r.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define KINDS		5

static const struct kind {
	unsigned bytes, degree, separation;
} kinds[KINDS] = { { 8, 0, 0 }, { 32, 7, 3 }, { 64, 15, 1 }, { 128, 31, 3 }, { 256, 63, 1 } };

static int
invalid(void)
{
	errno = EINVAL;
	return -1;
}

static void
advance(const struct random_data *data, unsigned *index)
{
	if (++*index == kinds[data->__kind].degree)
		*index = 0;
}

static int32_t
next(struct random_data *data)
{
	int32_t *table = data->__array + 1;
	uint32_t sum;

	if (data->__kind == 0) {
		table[0] = ((uint32_t)table[0] * 1103515245u + 12345u) & INT32_MAX;
		return table[0];
	}
	sum = (uint32_t)table[data->__front] + (uint32_t)table[data->__rear];
	table[data->__front] = (int32_t)sum;
	advance(data, &data->__front);
	advance(data, &data->__rear);
	return (int32_t)(sum >> 1);
}

/* Schrage's way to x * 16807 modulo 2^31 - 1 without a product that is too large; as it was, also for negative seeds. */
static int32_t
minimal_standard(int32_t x)
{
	int32_t after = 16807 * (x % 127773) - 2836 * (x / 127773);

	return after < 0 ? after + INT32_MAX : after;
}

static void
seed_table(struct random_data *data, unsigned seed)
{
	const struct kind *kind = &kinds[data->__kind];
	int32_t *table = data->__array + 1;

	table[0] = seed == 0 ? 1 : (int32_t)seed;
	if (data->__kind == 0)
		return;
	for (unsigned i = 1; i < kind->degree; i++)
		table[i] = minimal_standard(table[i - 1]);
	data->__front = kind->separation;
	data->__rear = 0;
	for (unsigned i = 0; i < 10 * kind->degree; i++)
		next(data);
}

static void
note_place(const struct random_data *data)
{
	data->__array[0] = (int32_t)(KINDS * data->__rear + data->__kind);
}

int
random_r(struct random_data *restrict data, int32_t *restrict result)
{
	if (data == NULL || data->__array == NULL || result == NULL)
		return invalid();
	*result = next(data);
	return 0;
}

int
srandom_r(unsigned seed, struct random_data *data)
{
	if (data == NULL || data->__array == NULL)
		return invalid();
	seed_table(data, seed);
	return 0;
}

int
initstate_r(unsigned seed, char *restrict state, size_t size, struct random_data *restrict data)
{
	unsigned fits = KINDS;

	while (fits > 0 && size < kinds[fits - 1].bytes)
		fits--;
	if (fits == 0 || state == NULL || data == NULL)
		return invalid();
	if (data->__array != NULL)
		note_place(data);
	*data = (struct random_data){ .__array = (int32_t *)(void *)state, .__kind = fits - 1 };
	seed_table(data, seed);
	note_place(data);
	return 0;
}

int
setstate_r(char *restrict state, struct random_data *restrict data)
{
	int32_t *words = (int32_t *)(void *)state;
	unsigned kind, rear;

	if (state == NULL || data == NULL || data->__array == NULL)
		return invalid();
	note_place(data);			/* it may be the same array */
	kind = (unsigned)words[0] % KINDS;
	rear = (unsigned)words[0] / KINDS;
	if (rear != 0 && rear >= kinds[kind].degree)
		return invalid();
	*data = (struct random_data){ words, kind, kind == 0 ? 0 : (rear + kinds[kind].separation) % kinds[kind].degree, rear };
	return 0;
}
