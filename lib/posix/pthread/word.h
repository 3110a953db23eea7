/*
 * Waiting on a word of memory: what every object of this folder is made of.
 */
#ifndef LIB_POSIX_PTHREAD_WORD_H
#define LIB_POSIX_PTHREAD_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WORD_EVERYBODY	UINT32_MAX

/* A point in time of one of the clocks; until NULL: for ever. */
struct word_deadline {
	const struct timespec *until;
	clockid_t clock;
};

static inline bool
word_has_clock(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

/* 0 (woken, interrupted by a signal, or *word was not `expected`: look again), ETIMEDOUT, or EINVAL: until is no time. */
int word_wait(uint32_t *word, uint32_t expected, uint32_t shared, struct word_deadline deadline);

/* As word_wait, but EINTR when a signal handler ran. */
int word_wait_interruptible(uint32_t *word, uint32_t expected, uint32_t shared, struct word_deadline deadline);

void word_wake(uint32_t *word, uint32_t count, uint32_t shared);

#endif
