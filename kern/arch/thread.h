/*
 * Machine state of a thread: the trap frame with its user registers, the saved kernel context, the floating-point state.
 *
 * Every thread has a kernel stack of KSTACK_SIZE bytes with an unmapped guard page below. The trap frame of a user thread stands at
 * the very top of it:
 *
 *	top    +--------------------+
 *	       | struct trap_frame  |	user registers, valid while the thread is in the kernel
 *	       +--------------------+
 *	       | kernel C frames    |
 *	       |        ...         |
 *	bottom +--------------------+
 *	       | guard page         |	not mapped
 *	       +--------------------+
 *
 * A trap frame begins with the eight words of a system call's arguments; its number is the ninth.
 */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include <mach/thread_status.h>
#include <stdbool.h>
#include <stdint.h>

#define KSTACK_SIZE	16384u		/* bytes */

struct thread;
struct trap_frame;			/* arch/<arch>/arch_thread.h */

#include "arch_thread.h"		/* struct trap_frame, struct arch_thread and struct arch_float (in struct thread as .arch and .floats) */

/* Prepares a new thread so that its first switch calls entry(argument) on its kernel stack (top given). entry never returns. */
void arch_thread_init(struct thread *thread, uint64_t stack_top, void (*entry)(void *), void *argument);

/*
 * Saves the running kernel context in prev and continues next's. Returns (in prev's later life) the thread that ran before it was
 * switched back in. Saves prev's floating-point state if it was used, makes next's usable or trapping, sets next's kernel stack
 * and TLS base. Interrupts masked; the pmap is switched by the caller.
 */
struct thread *arch_thread_switch(struct thread *prev, struct thread *next);

/*
 * The same in pieces, for the IPC fast path, where both threads wait in a system call with nothing on their kernel stacks worth keeping. Inline in
 * arch/<arch>/arch_thread.h.
 *
 * arch_thread_room: `bytes` (a multiple of 16) directly below the trap frame of a thread with nothing on its stack.
 * arch_thread_park: if the thread is switched to in the ordinary way again, it calls resume() on its stack, empty but for that room.
 * arch_user_switch: the user's state but for the trap frame (TLS base, floating point).
 * arch_thread_continue: calls function(next) on next's stack, empty but for that room. The function gives the stack of the thread before free.
 * arch_trap_result: the system call's result, unless the registers were set meanwhile (thread_set_state).
 * arch_user_resume: to user mode with that result and the registers of the frame; nothing may be pending for the thread, so nobody has set its registers
 * (who does has AST_SUSPEND pending, which goes only when the thread has acted on it). Once the CPU is off the stack of the thread before, whose on_cpu
 * this is, it is set to 0.
 */
static inline void *arch_thread_room(struct arch_thread *thread, unsigned bytes);
static inline void arch_thread_park(struct arch_thread *thread, void (*resume)(void), unsigned room);
static inline void arch_user_switch(struct arch_thread *prev, struct arch_thread *next);
_Noreturn static inline void arch_thread_continue(struct arch_thread *next, unsigned room, void (*function)(struct thread *));
static inline void arch_trap_result(struct arch_thread *thread, uint64_t result);
_Noreturn static inline void arch_user_resume(struct arch_thread *next, uint64_t result, volatile int *on_cpu);

/* First entry of a user thread: from the C function `entry` into user mode with the registers of its trap frame. */
_Noreturn void arch_thread_enter_user(struct thread *thread);

/* The user trap frame of a thread that is in the kernel. */
struct trap_frame *arch_thread_frame(struct thread *thread);

/* A zeroed user state: user mode, interrupts on. */
void arch_thread_reset_user(struct thread *thread);

/* User state to and from the public layout. Conditions: the thread is stopped or waiting in the kernel, or is the caller. */
void arch_thread_get_state(struct thread *thread, struct thread_state *state);
void arch_thread_set_state(struct thread *thread, const struct thread_state *state);	/* ignores what a user may not set */
void arch_thread_get_float(struct thread *thread, struct thread_float_state *state);
void arch_thread_set_float(struct thread *thread, const struct thread_float_state *state);

/* First use of floating point (called by the trap code): marks the thread and enables the unit. */
void arch_float_first_use(struct thread *thread);

#endif
