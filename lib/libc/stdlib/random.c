/* random(3): the generator of random_r.c, one for all threads. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "posix/lock.h"

#define DEFAULT_SEED	1

static int32_t first_array[1 + 31];
static struct random_data data;		/* without an array until it is used */
static struct libc_lock lock;

static void
begin(void)
{
	__lock_take(&lock);
	if (data.__array == NULL)
		initstate_r(DEFAULT_SEED, (char *)first_array, sizeof(first_array), &data);
}

long
random(void)
{
	int32_t result;

	begin();
	random_r(&data, &result);
	__lock_release(&lock);
	return result;
}

void
srandom(unsigned seed)
{
	begin();
	srandom_r(seed, &data);
	__lock_release(&lock);
}

char *
initstate(unsigned seed, char *state, size_t size)
{
	char *old;

	begin();
	old = (char *)data.__array;
	if (initstate_r(seed, state, size, &data) != 0)
		old = NULL;
	__lock_release(&lock);
	return old;
}

char *
setstate(char *state)
{
	char *old;

	begin();
	old = (char *)data.__array;
	if (setstate_r(state, &data) != 0)
		old = NULL;
	__lock_release(&lock);
	return old;
}
