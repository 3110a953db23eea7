/*
 * Thread-local storage of statically linked programs: each thread has one block, filled from the
 * program's PT_TLS segment.
 *
 *	aarch64 (variant I)	 thread pointer -> | 16 bytes | TLS data ...          |
 *	x86_64 (variant II)	 | TLS data ...    | <- thread pointer: its own address |
 *
 * The layouts are those of the ELF TLS ABI; what differs by architecture stands in <arch>/tls.c.
 */
#ifndef LIB_MACH_TLS_H
#define LIB_MACH_TLS_H

#include <mach/thread_status.h>
#include <mach/types.h>

struct tls_image {
	const void *data;		/* initialised part */
	uint64_t file_size, size;	/* bytes, without and with the zeroed part */
	uint64_t align;			/* power of two */
};

/* The program's image, from its program headers (set once by startup_init). */
extern struct tls_image tls_image;

/* Bytes a block needs, from an address aligned to TLS_ALIGN_MAX. */
#define TLS_ALIGN_MAX	64u

vm_size_t
tls_block_size(void);

/* Fills a zeroed block; returns the value of the thread pointer. */
uint64_t
tls_block_fill(void *block);

/*
 * Purpose: goes on in go_on() with the thread pointer set. Where the CPU lets programs set it, it
 * is the same thread on the same stack; else a new thread takes over, since only a stopped
 * thread's state can be set.
 */
_Noreturn void
tls_enter(uint64_t pointer, void (*go_on)(void));

/* Register state that calls function(argument) on a fresh stack (`sp` is its end, 16-aligned). */
void thread_state_call(struct thread_state *state, void (*function)(void *), void *argument,
	uint64_t sp, uint64_t tls);

/* Register state at a program's entry point: the stack pointer is at argc. */
void
thread_state_start(struct thread_state *state, uint64_t pc, uint64_t sp);

/*
 * Ends the calling thread without touching its stack once *done is set: *done = 1,
 * gsync_wake(done), thread_terminate(port). The stack may be freed by whoever sees *done.
 */
_Noreturn void
thread_finish(uint32_t *done, thread_t port);

#endif
