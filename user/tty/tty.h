/*
 * What the files of the terminal server share.
 *
 * Locks: `lock` guards everything but the order of console output, which is `output_lock`'s. Order: lock, then output_lock.
 */
#ifndef TTY_TTY_H
#define TTY_TTY_H

#include "ldisc.h"
#include "mach/cthread.h"
#include "mach/mig.h"
#include "mach/poll_list.h"

extern struct mutex lock;
extern struct ldisc line;
extern struct poll_list polls;
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

/* --- opens.c: open files; with the lock held --- */

/* `service` stands for the terminal for ever, open for reading and writing; the others join `set`. */
void
opens_start(mach_port_t set, mach_port_t service);

/* Purpose: a new open file, whose port is to be sent with MAKE_SEND. Returns 0; ENFILE; ENOMEM. */
kern_return_t
open_create(uint32_t flags, mach_port_t *port);

/* The flags (IO_O_*) of an open file, as they are; 0 if there is none. */
uint32_t
open_flags(mach_port_t port);

void
open_set_flags(mach_port_t port, uint32_t flags);

void
open_no_senders(mach_port_t port, uint32_t mscount);

/* --- readers.c: reads that wait --- */

/* Starts the thread that ends reads whose time (VTIME) is over. */
void
readers_start(void);

/* All of the following with the lock held. */

/* Purpose: keeps a read for later. `ool`: it is answered out of line. Returns: MIG_NO_REPLY; an errno value if there are too many. */
kern_return_t
reader_add(struct mig_request *rq, uint32_t size, bool ool);

/* Whether a read has to stand behind others. */
bool
readers_waiting(void);

/* Answers those that can be answered, in their order, and wakes who polls. */
void
readers_serve(void);

/* The client is gone: its input stays for others. */
void
reader_dead(mach_port_t reply_port);

/* Ends the waiting reads of a client with EINTR. */
void
readers_interrupt(uint32_t label);

/* --- output.c: output, and what waits behind stopped output; with the lock held --- */

/* Purpose: writes, or keeps the request until output goes on. As io_write. */
kern_return_t
output_write(struct mig_request *rq, const void *data, uint32_t size, bool ool, uint32_t *written);

/* Whether a write, or a poll for one, would have to wait. */
bool
output_waits(void);

/* Purpose: keeps a request that shall be done after all output: tty_drain, or tty_set_settings. Returns MIG_NO_REPLY; ENOMEM. */
kern_return_t
output_after(struct mig_request *rq, const struct tty_settings *settings, uint32_t when);

/* Output may go on. */
void
output_run(void);

/* What waits to be written is dropped; its writers hear that all was written. */
void
output_flush(void);

void
output_interrupt(uint32_t label);

void
output_dead(mach_port_t reply_port);

/* New settings, now. */
void
settings_apply(const struct tty_settings *settings, uint32_t when);

/* --- jobs.c: who may use the terminal; all without the lock --- */

/* Sends a signal to the foreground group. */
void
jobs_signal(int32_t signal);

/* Whether the sender may read: 0; EINTR: it was sent SIGTTIN; EIO. */
kern_return_t
jobs_may_read(const struct mig_request *rq);

/* Whether the sender may change the terminal, or write to it when TOSTOP says so: 0; EINTR: it was sent SIGTTOU; EIO. */
kern_return_t
jobs_may_change(const struct mig_request *rq);

/*
 * A process opens the terminal, `own`: as its controlling one. A session's leader without a terminal gets this one, unless flags have
 * IO_O_NOCTTY. Returns 0; ENXIO.
 */
kern_return_t
jobs_open(uint32_t label, uint32_t flags, bool own);

/* The terminal becomes the controlling one of the sender, which leads a session, or is that no more. EPERM; ENOTTY. */
kern_return_t
jobs_take(const struct mig_request *rq);
kern_return_t
jobs_give_up(const struct mig_request *rq);

/* ENOTTY: it is not the sender's controlling terminal. EPERM: no such group. EINTR, EIO: as jobs_may_change. */
kern_return_t
jobs_get(const struct mig_request *rq, int32_t *of_session, int32_t *group);
kern_return_t
jobs_set_foreground(const struct mig_request *rq, int32_t group);

#endif
