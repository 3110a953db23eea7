/*
 * jitter=SEED on the command line: other orders of events. A sequence of numbers for each CPU says where things go another way than
 * usual; what a CPU draws depends on its own steps alone. Under -icount the same seed makes nearly the same run, so an order that breaks
 * something can be had again.
 *
 * In all builds time slices have random lengths. In debug builds CPUs are held up as well, and threads give up their CPU, where another
 * order is possible: around locks, at wake-ups, in messages.
 */
#ifndef SYNC_JITTER_H
#define SYNC_JITTER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the command line. Without jitter= nothing below does anything. Conditions: before any CPU but the first runs. */
void jitter_init(void);

/*
 * Returns: the length of the next time slice, in place of `ns`: that, or the half of it, and so on down to 1/128, so that threads of one
 * level interrupt each other in other places with every seed.
 */
uint64_t jitter_slice(uint64_t ns);

#ifdef DEBUG

/* Now and then lets other CPUs go first. Conditions: as for taking a spinlock. */
void jitter_delay(void);

/* Returns: now and then true. For what may be done in two ways: block or go on, fast or slow. */
bool jitter_chance(void);

#else

static inline void
jitter_delay(void)
{
}

static inline bool
jitter_chance(void)
{
	return false;
}

#endif

#endif
