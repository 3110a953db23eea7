/*
 * Inside the POSIX layer: signals (<proto/signal_page.h> says what proc and a process share).
 *
 * A handler runs in one of two ways. Asynchronously: proc stops the thread, and it goes on in __signal_trampoline, which saves the floating
 * point registers and calls __signal_enter; afterwards the thread takes up its registers as they were. Or, for a signal that came while
 * the thread was in a critical section or had it blocked, as a call out of the function that ends this.
 *
 * Critical sections are for the few locks that a function takes which may be called in a handler, or left by siglongjmp. They do not wait for
 * messages of other processes.
 *
 * Whatever a handler interrupts must bear that the handler makes calls of its own: it gets another reply port. A call that was waiting for
 * a message or in gsync_wait when the handler came goes on waiting, unless it asked to be told (interrupt_begin).
 */
#ifndef LIB_POSIX_SIGNAL_SIGNALS_H
#define LIB_POSIX_SIGNAL_SIGNALS_H

#include <proto/signal_page.h>
#include <signal.h>
#include <stdbool.h>

#include "mach/mig.h"

/* Tells a thread that it is cancelled; programs have no name for it (SIGRTMIN is larger). */
#define SIGNAL_CANCEL		32

/* What cannot be blocked. */
#define SIGNALS_UNBLOCKABLE	(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGNAL_CANCEL))

extern struct signal_page *signal_page;

/* The calling thread's slot; one that proc does not know if it has none. */
struct signal_slot *signal_self(void);
uint32_t signal_slot_number(void);		/* SIGNAL_SLOTS: none */

/* From main's start, and in the child of a fork. */
void signal_start(void);
void signal_fork_child(void);

/*
 * Whoever makes a thread claims a slot for it (SIGNAL_SLOTS: none is left; such a thread gets no signals); the thread takes it, with the mask it
 * shall have, and gives it back at its end. A signal that is sent to it before waits in the slot.
 */
uint32_t signal_slot_claim(void);
void signal_slot_release(uint32_t number);
void signal_thread_start(uint32_t number, uint64_t mask);
void signal_thread_end(void);

void signal_critical_enter(void);
/* Signals that came meanwhile are handled here. */
void signal_critical_leave(void);

/* To the thread of this process that has the slot. Returns 0 or an errno value (ESRCH: it is free); leaves errno as it is. */
int signal_send(uint32_t slot, int signal);

/* Handles what is pending and not blocked. Needed after the mask has become smaller. */
void signal_check(void);

/* Count handlers that ran in this thread: all of them; those without SA_RESTART. A thread may gsync_wait for a change. */
uint32_t *signal_handled(void);
extern _Thread_local uint32_t __signal_interrupts;

static inline uint32_t *
signal_interrupts(void)
{
	return &__signal_interrupts;
}

void signal_info_fill(siginfo_t *to, const struct signal_info *from);

/* The process's proc port. */
mach_port_t proc_port(void);

/*
 * Around one message: when a handler without SA_RESTART runs, the message is not sent any more, or else `cancel` is called once for the
 * port; the call then returns EINTR, or what it has become.
 */
void interrupt_begin(void (*cancel)(mach_port_t port));
void interrupt_end(void);

/* EINTR when a handler ran before `until` (CLOCK_MONOTONIC ns; 0: for ever), otherwise 0. */
int signal_sleep(uint32_t seen, uint64_t until);

#endif
