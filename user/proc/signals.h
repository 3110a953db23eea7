/*
 * Signals: generation, what is pending, default actions; delivery to threads. All with the table's
 * lock held.
 *
 * What the process has asked for stands in its signal page, which it may change at any time: each
 * word is read once, and decides nothing but what happens to the process itself.
 */
#ifndef PROC_SIGNALS_H
#define PROC_SIGNALS_H

#include "proctab.h"

/* siginfo_t codes of signals that are sent (POSIX.1-2017 2.4.3), and that the system itself sends (Linux: SI_KERNEL) */
#define SI_USER		0
#define SI_KERNEL	0x80

#define STOPS	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))

/* --- signal.c --- */

/*
 * Purpose: sends p a signal. slot: the thread it is for, or -1. info->signal 0: nothing is sent.
 * Returns: 0; EAGAIN: too many are queued.
 */
kern_return_t
signal_send(struct process *p, int32_t slot, const struct signal_info *info);

/* The same for one of a group, or of all (SIGNAL_ALL): children that it is just getting are sent it, too. */
kern_return_t
signal_send_group(struct process *p, int32_t group, const struct signal_info *info);

/* Acts on what is pending as far as it can be. p may be ending afterwards. */
void
signal_flush(struct process *p);

/* Takes one of `set` for that thread; signal 0: none. */
void
signal_take(struct process *p, uint32_t slot, uint64_t set, struct signal_info *info);

struct signal_action
signal_action(const struct process *p, int32_t signal);

/* Whether all the threads it could go to block it. */
bool
signal_is_blocked(const struct process *p, int32_t slot, int32_t signal);

/* Like process_end, but the task is the caller's to terminate. */
void
process_note_end(struct process *p, int32_t status);

/* The process ends with this wait status, unless it does so already. */
void
process_end(struct process *p, int32_t status);

/* --- askers.c --- */

/* p is sent a signal as one of that group, or of all (SIGNAL_ALL): so are children that are being made. */
void
askers_note(const struct process *p, int32_t group, const struct signal_info *info);

/* --- timer.c --- */

/* The limit of CPU time is another one now. Returns false: there is no memory to watch it. With the lock held. */
bool
timers_limit(struct process *p);

/* The timers numbered `from` and higher are gone. */
void
timers_release(struct process *p, int32_t from);

/* --- deliver.c --- */

/* A signal page of p's own, its contents as a new program's. False: no memory. */
bool
page_create(struct process *p, uint64_t ignored, uint64_t blocked);

/* Copies what a fork's child has of its parent's page. */
void
page_inherit(struct process *child, const struct process *parent, uint32_t slot);

/* Writes what the process can read there: ids of itself and its relations. */
void
page_update(const struct process *p);

void
page_release(struct process *p);

/* How many slots are worth a look. */
uint32_t
page_slots(const struct process *p);

/* Tells who waits for signals in the page that there are others. */
void
page_publish(struct process *p);

/*
 * Purpose: makes a thread enter its handler.
 * Returns: false: the thread is gone, blocks the signal, or asks not to be interrupted now.
 */
bool
deliver(struct process *p, uint32_t slot, const struct signal_action *action,
	const struct signal_info *info);

/*
 * Purpose: a thread that waits for its exception to be handled enters the signal's handler instead.
 * Returns: false: there is no handler, or none that can be entered.
 */
bool
deliver_fault(struct process *p, thread_t thread, const struct signal_info *info);

#endif
