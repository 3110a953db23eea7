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

/* Ports that open traps which others are refused: arguments of these names. */
enum fuzzer_key { FUZZER_HOST, FUZZER_MASTER, FUZZER_DMA, FUZZER_CONSOLE, FUZZER_KEYS };

struct fuzzer {
	uint64_t random;		/* never 0 */
	unsigned index;
	mach_port_t pool[FUZZER_POOL];	/* names it knows */
	mach_port_t keys[FUZZER_KEYS];	/* NULL: it has none */
	vm_address_t device;		/* where one of fuzzer_places is mapped, or 0 */
	char *scratch;			/* FUZZER_SCRATCH bytes that its calls are about */
	struct message message;
};

extern struct fuzzer fuzzers[FUZZERS];

/*
 * Physical addresses to map: a virtio slot without a device, where there is nothing at all, and further than some processors' tables reach.
 * A device that works could be told to write anywhere.
 */
#define FUZZER_PLACES	3u
extern phys_addr_t fuzzer_places[FUZZER_PLACES];

/* First; before there are tasks with this one's memory. */
void fuzzers_prepare(void);

/* What a thread does for ever: argument is its fuzzer. */
void fuzzer_main(void *argument);

/* Calls made so far, in all tasks. */
uint32_t fuzzers_calls(void);

/* Messages at the limits: sent with more than 4 descriptors, or half of the longest body; refused for one descriptor or byte too many. */
enum fuzzer_message { FUZZER_MANY, FUZZER_LONG, FUZZER_TOO_MANY, FUZZER_TOO_LONG, FUZZER_MESSAGES };

uint32_t fuzzers_messages(enum fuzzer_message kind);

/* Names the traps that were not called, and counts them. Returns the share of traps that succeeded at least once, in percent. */
unsigned fuzzers_report(unsigned *missed);

/* Names the traps with a key among their arguments that were never called with it, and counts them. */
unsigned fuzzers_locked(void);

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
