/*
 * Contexts: to go on elsewhere, on another stack (POSIX.1-2004 <ucontext.h>). What a signal handler's third argument points at is one as well.
 */
#ifndef _UCONTEXT_H
#define _UCONTEXT_H

#include <signal.h>

#if _MACHR_POSIX
__attribute__((__returns_twice__)) int getcontext(ucontext_t *context);
int setcontext(const ucontext_t *context);
int swapcontext(ucontext_t *__restrict from, const ucontext_t *__restrict to);

/* `function` goes to what uc_link is now when it ends: the context itself is not needed once it runs. It takes `count` arguments of type int; pointers are passed as well. */
void makecontext(ucontext_t *context, void (*function)(void), int count, ...);
#endif

#endif
