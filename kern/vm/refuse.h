/*
 * refuse=N on the command line of a debug build: every N-th allocation of page faults is refused as if there were no frame for it, but
 * one of a fault at most, as some copy a table of many. A program must not notice: with memory to be had a fault waits and tries again.
 */
#ifndef VM_REFUSE_H
#define VM_REFUSE_H

#include <stdbool.h>

#ifdef DEBUG

/* Reads the command line. Before any program runs. */
void refuse_init(void);

/* Around each fault of the running thread, which may come within another: copies to and from user memory fault. Returns what to end it with. */
bool refuse_begin(void);
void refuse_end(bool before);

#else

static inline void
refuse_init(void)
{
}

static inline bool
refuse_begin(void)
{
	return false;
}

static inline void
refuse_end(bool before)
{
	(void)before;
}

#endif

#endif
