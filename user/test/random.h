/*
 * Random numbers of test programs: a sequence for each seed. The last argument, "seed=N", is the seed: it is printed, so that a run can be
 * had again.
 */
#ifndef USER_TEST_RANDOM_H
#define USER_TEST_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;

/* Takes the seed from the arguments, if it is there: *argc is what is left. */
static inline void
seed_take(int *argc, char **argv)
{
	if (*argc < 2 || strncmp(argv[*argc - 1], "seed=", 5) != 0)
		return;
	seed = strtoul(argv[--*argc] + 5, NULL, 10);
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);				/* a child would say it, too */
}

/* 0 .. limit - 1 */
static inline unsigned
random_below(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % limit;
}

#endif
