/*
 * The lock of the C library: the mutex of lib/mach, zeroes when free. Not recursive; released by the thread that took it.
 */
#ifndef LIB_POSIX_LOCK_H
#define LIB_POSIX_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct libc_lock {
	uint32_t state;
	uint32_t losses;
};

void __lock_take(struct libc_lock *lock);
bool __lock_try(struct libc_lock *lock);
void __lock_release(struct libc_lock *lock);

/* In the child of a fork, by the thread that has it: nobody is left who waits. */
void __lock_forget_waiters(struct libc_lock *lock);

/*
 * The same for locks that are never held for long: no signal handler runs in a thread that holds one, so that none can jump out with it. The
 * functions that use such a lock may be called by handlers.
 */
void __lock_take_critical(struct libc_lock *lock);
void __lock_release_critical(struct libc_lock *lock);

#endif
