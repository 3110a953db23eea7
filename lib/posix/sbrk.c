/*
 * The break (X/Open of old): the end of a range of memory that grows and shrinks there. The range is reserved by the first call and is memory up
 * to the break; the heap of malloc has nothing to do with it. One thread at a time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

#define RESERVED	((size_t)1 << 30)	/* bytes, or the half, the quarter ... of it that is free */
#define LEAST		((size_t)1 << 20)

static char *start, *now, *end;

static bool
reserve(void)
{
	for (size_t size = RESERVED; start == NULL && size >= LEAST; size /= 2) {
		void *range = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (range == MAP_FAILED)
			continue;
		start = now = range;
		end = start + size;
	}
	return start != NULL;
}

static char *
page_end(const char *place)
{
	uintptr_t mask = (uintptr_t)getpagesize() - 1;

	return (char *)(((uintptr_t)place + mask) & ~mask);
}

/* What is given back is zeroes when the break passes it again. */
static int
move(char *to)
{
	char *had = page_end(now), *has = page_end(to);

	if (has > had && !memory_data_take((size_t)(has - had))) {
		errno = ENOMEM;
		return -1;
	}
	if (has > had && mprotect(had, (size_t)(has - had), PROT_READ | PROT_WRITE) < 0) {
		memory_data_give((size_t)(has - had));
		return -1;
	}
	if (has < had && mmap(has, (size_t)(had - has), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return -1;
	if (has < had)
		memory_data_give((size_t)(had - has));
	now = to;
	return 0;
}

int
brk(void *address)
{
	char *to = address;

	if (!reserve() || to < start || to > end) {
		errno = ENOMEM;
		return -1;
	}
	return move(to);
}

void *
sbrk(intptr_t increment)
{
	char *was;

	if (!reserve() || increment > end - now || increment < start - now) {
		errno = ENOMEM;
		return (void *)-1;
	}
	was = now;
	return move(now + increment) == 0 ? was : (void *)-1;
}
