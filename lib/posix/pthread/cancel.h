/*
 * Cancellation. A request is a word of the thread's signal slot, and an internal signal that nobody can block. It takes effect where the thread asks
 * (pthread_testcancel), or while it waits in a call that POSIX names: between cancel_begin and cancel_end even out of the handler. Such a
 * window holds nothing that must be given back but what a clean-up handler gives back. Handlers of the program close it for their time.
 *
 * A call whose answer brings a right is such a window only until it is sent: then the answer may have come, and nobody would give the right back.
 * There a request ends the wait as a handler without SA_RESTART does (EINTR), and takes effect when the call has brought nothing.
 */
#ifndef LIB_POSIX_PTHREAD_CANCEL_H
#define LIB_POSIX_PTHREAD_CANCEL_H

#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

/* Does not return if the thread shall end. */
void cancel_begin(void);
void cancel_end(void);

/* Around calls whose answers bring rights; after one that has failed a request takes effect, and cancel_take_end does not return. */
void cancel_take_begin(void);
void cancel_take_end(bool taken);

/* While the library holds a lock of its own, a thread does not end. */
void cancel_hold(void);
void cancel_release(void);

/* How many windows the thread is in. */
uint32_t cancel_windows(void);
/* For the handler: closes the window for a while. */
uint32_t cancel_suspend(void);
void cancel_resume(uint32_t windows);
/* The signal came; windows: from cancel_suspend. */
void cancel_arrived(uint32_t windows);

/* A new thread takes no request of an old one in its slot. */
void cancel_forget(uint32_t slot);
/* Where a thread goes whose clean-up handlers have run. */
void cancel_begin_thread(sigjmp_buf *end);
/* From now on the thread ends, requested or not. */
void cancel_end_thread(void);

/* thread.c: runs the calling thread's clean-up handlers. */
void __pthread_clean_up(void);

#endif
