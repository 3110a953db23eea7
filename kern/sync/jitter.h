/*
 * jitter=SEED, debug builds: CPUs are held up, and threads give up their CPU, where another order of events is possible: around
 * locks, at wake-ups, in messages. Under -icount the same seed makes nearly the same run, so an order that breaks something can be had
 * again.
 */
#ifndef SYNC_JITTER_H
#define SYNC_JITTER_H

#include <stdbool.h>

#ifdef DEBUG

/* Reads the command line. Without jitter= nothing below does anything. */
void jitter_init(void);

/* Now and then lets other CPUs go first. Conditions: as for taking a spinlock. */
void jitter_delay(void);

/* Returns: now and then true. For what may be done in two ways: block or go on, fast or slow. */
bool jitter_chance(void);

#else

static inline void
jitter_init(void)
{
}

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
