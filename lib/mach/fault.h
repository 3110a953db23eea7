/*
 * Handling exception messages (<mach/exception.h>): for supervisors, which report a fault and let
 * the task die.
 */
#ifndef LIB_MACH_FAULT_H
#define LIB_MACH_FAULT_H

#include "mach/mig.h"

struct exception {
	int32_t exception, code;	/* EXC_*, and what it says about it */
	uint64_t subcode;		/* EXC_BAD_ACCESS: the address */
	uint64_t pc;			/* where the thread stands, 0 if it cannot be told */
	thread_t thread;		/* send rights: exception_done() */
	task_t task;
};

/*
 * Purpose: takes a message apart that came to an exception port.
 * Conditions: the thread keeps waiting until exception_refuse() or exception_resume(). Whoever has a right
 * to the port can make it the exception port of a task of his: whose fault it is the task says.
 * Returns: false: it is no exception message of the kernel (nothing happened).
 */
bool
exception_take(struct mig_request *rq, struct exception *e);

/* Releases the rights to thread and task. */
void
exception_done(const struct exception *e);

/* Passes the exception on: the kernel ends the task. */
void
exception_refuse(struct mig_request *rq);

/* The thread goes on, with the registers it has now. */
void
exception_resume(struct mig_request *rq);

/* "segmentation fault at 0x0 (pc 0x80001234)" */
void
exception_describe(const struct exception *e, char *buffer, size_t size);

#endif
