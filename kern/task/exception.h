/*
 * Exceptions as messages (MACH.md section 3): to the thread's exception port, then the task's, else the task ends.
 */
#ifndef TASK_EXCEPTION_H
#define TASK_EXCEPTION_H

#include <mach/exception.h>
#include <stdint.h>

/*
 * Purpose: report an exception of the running thread and wait for the verdict.
 * Conditions: no locks. Returns when the thread shall go on (perhaps with other registers) or after an abort, in which case a fault simply
 * happens again; a task nobody helps is terminated, and then it returns too (the thread dies on its way to user mode).
 */
void exception_raise(int exception, int code, uint64_t subcode);

void exception_init(void);

#endif
