/*
 * Tasks that fill memory and look at it again. They are ordinary: without the share of memory that system tasks have.
 */
#ifndef USER_TEST_FILLER_H
#define USER_TEST_FILLER_H

#include "mach/mach.h"

#include <stdbool.h>

void fillers_begin(void);
void fillers_end(void);

/*
 * A task that fills so many pages, looks at and fills again `rewrites` of them, drawn from the seed, looks at all, reports and ends.
 * `waits`: it reports when all are filled too, and goes on by filler_go_on.
 */
task_t filler_start(uint32_t seed, uint64_t pages, uint64_t rewrites, bool waits);
void filler_go_on(task_t filler);

/* An ordinary task with this one's memory and rights, without a thread. */
task_t filler_task(void);

/* The next report: pages found wrong; all ones: none came. */
uint32_t filler_report(void);

/* A child of one that waits, with what it has filled; it goes on from there. */
task_t filler_copy(task_t filler, unsigned number);

#endif
