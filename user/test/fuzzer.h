/*
 * Threads that call the kernel at random: every trap with random and edge arguments, and random messages (boot_fuzz.c says how they are
 * guarded). They use no thread-local data.
 */
#ifndef USER_TEST_FUZZER_H
#define USER_TEST_FUZZER_H

#include "ipc_check.h"

#define FUZZERS		3u
#define FUZZER_POOL	32u
#define FUZZER_SCRATCH	(16 * VM_PAGE_SIZE)

struct fuzzer {
	uint64_t random;		/* never 0 */
	unsigned index;
	mach_port_t pool[FUZZER_POOL];	/* names it knows */
	char *scratch;			/* FUZZER_SCRATCH bytes that its calls are about */
	struct message message;
};

extern struct fuzzer fuzzers[FUZZERS];

/* First; before there are tasks with this one's memory. */
void fuzzers_prepare(void);

/* What a thread does for ever: argument is its fuzzer. */
void fuzzer_main(void *argument);

/* Calls made so far, in all tasks. */
uint32_t fuzzers_calls(void);

/* Names the traps that were not called. Returns the share of traps that succeeded at least once, in percent. */
unsigned fuzzers_report(void);

/* --- random numbers: xorshift64* --- */

static inline uint64_t
draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static inline unsigned
below(uint64_t *state, unsigned bound)
{
	return (unsigned)((draw(state) >> 33) % bound);
}

#endif
