/*
 * The signal page: memory that a process shares with proc, and nobody else. Its address stands in the start-up page; a fork's child has one
 * of its own at the same address.
 *
 * Here a process also reads what is asked often: its ids, and the limits that its library enforces.
 *
 * The process writes its signal actions and each thread's mask here, so that neither sigaction nor sigprocmask needs a message. proc reads
 * them when a signal comes, believes nothing else of it, and keeps what it has decided, and which signals are pending, to itself: the
 * words `pending` are hints that tell a thread to ask (proc_signal_take).
 *
 * A signal is delivered to a thread by stopping it, storing its registers in its slot and setting them so that it goes on in
 * `trampoline` (argument: the slot's address) on its stack, or its alternate stack. A thread whose slot is `busy` (the last one was not taken
 * out yet) or that is in a critical section is left alone: it asks when it comes out.
 */
#ifndef PROTO_SIGNAL_PAGE_H
#define PROTO_SIGNAL_PAGE_H

#include <mach/thread_status.h>
#include <mach/types.h>

#define SIGNALS			64	/* the highest signal number */
#define SIGNAL_PAGE_SIZE	32768u	/* bytes */
#define SIGNAL_SLOTS		56u	/* threads beyond these get no signals */
#define SIGNAL_RED_ZONE		128u	/* bytes below the stack pointer that a thread may use (System V ABI AMD64) */

#define SIGNAL_BIT(signal)	(1ull << ((signal) - 1))

/* handlers that are none, flags, and codes; values as in <signal.h> of this system */
#define SIGNAL_DEFAULT		0u
#define SIGNAL_IGNORE		1u
#define SIGNAL_NOCLDSTOP	0x1u
#define SIGNAL_NOCLDWAIT	0x2u
#define SIGNAL_ONSTACK		0x08000000u

struct signal_action {
	uint64_t handler;		/* SIGNAL_DEFAULT, SIGNAL_IGNORE, or an address */
	uint64_t mask;
	uint32_t flags;			/* SA_* */
	uint32_t pad;
};

struct signal_info {
	int32_t signal, code;
	int32_t pid;			/* sender, or the child */
	uint32_t uid;
	int32_t status;			/* of the child */
	int32_t timer;
	uint64_t value;			/* sigqueue's; the address of a fault */
};

struct signal_slot {
	mach_port_t thread;		/* the process's name of the thread; MACH_PORT_NULL: free, or not yet known */
	uint32_t critical;		/* greater 0: the thread shall not be interrupted */
	uint32_t busy;			/* info and state were stored and not taken out yet: set by proc, cleared by the thread */
	uint32_t claimed;		/* the process's own: the slot is some thread's */
	uint64_t mask;			/* blocked signals */
	uint64_t pending;		/* hint: signals that wait for this thread */
	uint64_t stack, stack_size;	/* alternate stack; size 0: none */
	struct signal_info info;
	struct thread_state state;
};

struct signal_page {
	int32_t pid, parent, group, session;	/* for the process to read */
	uint32_t slot_count;		/* slots from here on were never used */
	uint32_t sequence;		/* changes whenever `pending` or a slot's does; proc wakes who waits for it */
	uint64_t pending;		/* hint: signals that wait for any thread */
	uint64_t trampoline;		/* 0: the process takes no signals yet */
	uint64_t too_large, too_much, too_much_data;	/* for the process to read: RLIMIT_FSIZE, AS and DATA, each and 1; 0: no limit */
	uint64_t too_many_files;	/* RLIMIT_NOFILE in the same way */
	uint64_t user_time, system_time;	/* for the process to read: ns, of the images that exec has replaced */
	struct signal_action actions[SIGNALS + 1];
	struct signal_slot slots[SIGNAL_SLOTS];
};

_Static_assert(sizeof(struct signal_page) <= SIGNAL_PAGE_SIZE, "fits");

#endif
