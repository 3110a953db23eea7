/*
 * What the files of the terminal server share.
 *
 * Locks: `lock` guards the line discipline and the readers, `output_lock` the order of output.
 * Order: lock, then output_lock.
 */
#ifndef TTY_TTY_H
#define TTY_TTY_H

#include "ldisc.h"
#include "mach/cthread.h"
#include "mach/mig.h"

extern struct mutex lock;
extern struct ldisc line;
extern mach_port_t notify_port;		/* dead names of reply ports */

/* --- console.c --- */

/* Starts the thread that reads the console. */
void
console_start(mach_port_t console);

/* Writes bytes as they are. Takes output_lock. */
void
console_put(const char *bytes, uint32_t size);

/* Room was made in the line: the console thread may go on. With the lock held. */
void
console_resume(void);

/* The group that ^C, ^\ and ^Z go to; 0: nobody. */
void
console_set_foreground(int32_t group);

/* --- readers.c: reads that wait --- */

/* Starts the thread that ends reads whose time (VTIME) is over. */
void
readers_start(void);

/* All of the following with the lock held. */

/*
 * Purpose: keeps a read for later. `ool`: it is answered out of line.
 * Returns: MIG_NO_REPLY, or an errno value if there are too many.
 */
kern_return_t
reader_add(struct mig_request *rq, uint32_t size, bool ool);

/* Whether a read has to stand behind others. */
bool
readers_waiting(void);

/* Answers those that can be answered, in their order. */
void
readers_serve(void);

/* The client is gone: its input stays for others. */
void
reader_dead(mach_port_t reply_port);

/* Ends the waiting reads of a client with EINTR. */
void
readers_interrupt(uint32_t label);

#endif
