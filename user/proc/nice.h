/*
 * Nice values become priorities of threads. The kernel knows priorities of threads only, and the better one always runs first: a value above 0
 * is a priority of its own below the users', four values below 0 share one above it. New threads begin at the users' priority: lib/posix sets
 * theirs to what stands in the signal page; what it does not make is found at the next turn.
 *
 * So that nobody starves, and nobody who waits for a lock of one that does, all processes are equal for a tenth of each second (a turn). A
 * process with a value below 0 runs before the servers, too: they have that tenth.
 *
 * Not done: processors are not shared by it. Each has its own queue, and one that has only nice threads runs them although there are better
 * ones in the queue of another.
 *
 * All with the table's lock held.
 */
#ifndef PROC_NICE_H
#define PROC_NICE_H

#include "proctab.h"

/* The priority that p's threads have at present. */
int
nice_priority(const struct process *p);

/* p's value, or its task, is new: its threads get their priority. */
void
nice_apply(const struct process *p);

/* Before p's task is terminated: its threads end by themselves, and shall not wait for others to do so. */
void
nice_hurry(const struct process *p);

/* Begins the other part of a turn if it is time; returns when the next begins (clock_now; UINT64_MAX: there is no need). */
uint64_t
nice_turn(uint64_t now);

#endif
