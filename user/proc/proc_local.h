/*
 * What the files of the process server share besides the table.
 */
#ifndef PROC_PROC_LOCAL_H
#define PROC_PROC_LOCAL_H

#include "proctab.h"

extern mach_port_t port_set;		/* all processes, the service, notify_port */
extern mach_port_t notify_port;		/* dead names of tasks */
extern mach_port_t service_port;
extern mach_port_t host;		/* privileged: sets tokens */
extern mach_port_t public_bootstrap;	/* what programs get: look-ups only */

/* --- start.c --- */

/* A process whose port listens; not in the table yet. NULL: no memory. */
struct process *
process_new(void);

/* The end of one that never came to life. */
void
process_discard(struct process *p);

/* --- image.c --- */

/* A program file in memory. */
struct image {
	void *data;			/* mig_free(data, size) */
	uint64_t size;			/* bytes */
};

/*
 * Purpose: opens and reads a program through the client's ports: every call is timed.
 * Returns: 0 or an errno value.
 */
kern_return_t
image_read(mach_port_t dir, mach_port_t root, const char *path, struct image *image);

/* --- faults.c --- */

/* An exception of a process: reports it and ends the process. False: the message is none. */
bool
fault_handle(struct mig_request *rq);

#endif
