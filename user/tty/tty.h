/*
 * What the files of the terminal server share.
 *
 * A terminal has a line discipline and a device: the console, or the master of a pseudo-terminal. Who waits stands on a side: those who have
 * the terminal open on the slave's, those who have the master on the other. The console has no master.
 *
 * Whatever changes a terminal ends with terminal_pump, which moves what can be moved: input to who reads, output to the device, and wakes
 * who polls.
 *
 * Locks: `lock` guards everything but sessions (jobs.c) and the order of console output, which is `output_lock`'s. Order: lock, then
 * output_lock. Terminals are never freed, only used again.
 */
#ifndef TTY_TTY_H
#define TTY_TTY_H

#include "ldisc.h"
#include "mach/cthread.h"
#include "mach/mig.h"
#include "mach/poll_list.h"

#define RDEV_OWN	0x500u		/* /dev/tty: the terminal of who opens it; numbers as on Linux */
#define RDEV_CONSOLE	0x501u
#define RDEV_MASTER	0x502u		/* /dev/ptmx: a new pseudo-terminal */
#define RDEV_SLAVE	0x8800u		/* /dev/pts/0 and on */
#define PTYS_MAX	64u
#define TERMINALS_MAX	(PTYS_MAX + 1)

enum { SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGCONT = 18, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGWINCH = 28 };

enum side_number { SLAVE, MASTER, SIDES };

struct side {
	struct reader *readers, **readers_last;
	struct wait *waits, **waits_last;
	uint32_t reader_count, wait_count;
	uint64_t deadline;		/* nanoseconds: the first reader's time (VTIME) is over; 0: never */
	struct poll_list polls;
};

struct terminal {
	struct ldisc line;
	struct side side[SIDES];
	struct pty *pty;		/* NULL: the console */
	uint64_t rdev;
	uint32_t pending;		/* signals (1 << number) on their way to the foreground group */
	bool sending;			/* some just now */
	bool stopping;			/* SIGTSTP is among them: what is typed behind the key is not for those that it stops */
	/* jobs.c: guarded by its lock */
	int32_t session, foreground;	/* 0: none */
	mach_port_t leader;		/* dies with the session's leader; NULL: no session */
};

/* What an open file is open for. */
struct end {
	struct terminal *terminal;	/* NULL: the port is no open file any more */
	enum side_number side;
	uint32_t flags;			/* IO_O_* */
};

extern struct mutex lock;
extern mach_port_t notify_port;		/* dead names of reply ports */

/* --- terminal.c; with the lock held --- */

extern struct terminal console_terminal;

void
terminal_init(struct terminal *terminal, uint64_t rdev);

/* The console (0) and the pseudo-terminals, used or not; NULL: it was never made. Needs no lock. */
struct terminal *
terminal_number(uint32_t n);

/* What is typed, or written to the master. */
void
terminal_input(struct terminal *terminal, const uint8_t *bytes, uint32_t count);

/* Bytes for the device, as they are; those without room are dropped. */
void
terminal_put(struct terminal *terminal, const char *bytes, uint32_t size);

/* How many bytes the device takes now. */
uint32_t
terminal_room(const struct terminal *terminal);

/* What can be moved is moved. */
void
terminal_pump(struct terminal *terminal);

/* What a poll says: IO_POLL_*. */
uint32_t
terminal_events(const struct terminal *terminal, enum side_number side);

/* --- main.c --- */

/*
 * Requests are handled by several threads: an interrupt may be through before the request it is for, which asks the process server first,
 * has begun to wait. So who sees that the number of them changed meanwhile ends with EINTR; the library asks again if it was not meant.
 */
uint32_t
interrupts_seen(void);

void
interrupts_add(void);

/* --- console.c --- */

/* Starts the thread that reads the console. */
void
console_start(mach_port_t console, struct terminal *terminal);

/* Writes bytes as they are. Takes output_lock. */
void
console_put(const char *bytes, uint32_t size);

/* Room was made in the line: the console thread may go on. With the lock held. */
void
console_resume(void);

/* --- pty.c: pseudo-terminals; with the lock held --- */

/* Purpose: a new one, locked, for the user `uid`. Returns 0; ENOSPC; ENOMEM. */
kern_return_t
pty_create(uint32_t uid, struct terminal **terminal);

/* It could not be opened. */
void
pty_abandon(struct terminal *terminal);

/* The n-th, used or not; NULL: it was never made. Needs no lock. */
struct terminal *
pty_number(uint32_t n);

/* The terminal of a device number, or NULL. */
struct terminal *
pty_find(uint64_t rdev);

/* Whether the user may open its slave: 0; EIO: it is locked, or hung up; EACCES. */
kern_return_t
pty_may_open(const struct terminal *terminal, uint32_t uid);

/* An open file more, and one less. The last one of the master hangs up: whoever has the terminal is told by jobs_post. */
void
pty_opened(struct terminal *terminal, enum side_number side);
void
pty_closed(struct terminal *terminal, enum side_number side);

/* Whether the other side is gone for good (SLAVE), or until somebody opens it again (MASTER). */
bool
pty_hung_up(const struct terminal *terminal, enum side_number side);

/* Who made it, and may open it. */
uint32_t
pty_owner(const struct terminal *terminal);
void
pty_lock(struct terminal *terminal, bool locked);

/* What the terminal put out and nobody has read: how much; some of it; as if it had not been taken; away with it. */
uint32_t
pty_available(const struct terminal *terminal);
uint32_t
pty_take(struct terminal *terminal, void *data, uint32_t size);
void
pty_untake(struct terminal *terminal, uint32_t size);
void
pty_flush(struct terminal *terminal);

uint32_t
pty_room(const struct terminal *terminal);
void
pty_put(struct terminal *terminal, const char *bytes, uint32_t size);

/* --- opens.c: open files; with the lock held --- */

/* `service` stands for the console for ever, open for reading and writing; the others join `set`. */
void
opens_start(mach_port_t set, mach_port_t service, struct terminal *console);

/* Purpose: a new open file, whose port is to be sent with MAKE_SEND. Returns 0; ENFILE; ENOMEM. */
kern_return_t
open_create(struct terminal *terminal, enum side_number side, uint32_t flags, mach_port_t *port);

/*
 * Open files of a pseudo-terminal (NULL: of any) that are closed, as the kernel knows, are so for everybody, wherever their notification is: who
 * has seen a side closed finds it closed.
 */
void
opens_settle(const struct terminal *terminal);

/* Settles. */
struct end
open_end(mach_port_t port);

void
open_set_flags(mach_port_t port, uint32_t flags);

/* Takes the lock. */
void
open_no_senders(mach_port_t port, uint32_t mscount);

/* The terminal that a request is for, without the lock. NULL: none. *side may be NULL. */
struct terminal *
open_terminal(const struct mig_request *rq, enum side_number *side);

/* --- readers.c: reads that wait --- */

/* Starts the thread that ends reads whose time (VTIME) is over. */
void
readers_start(void);

/* All of the following with the lock held. */

/* Purpose: keeps a read for later. `ool`: it is answered out of line. Returns: MIG_NO_REPLY; an errno value if there are too many. */
kern_return_t
reader_add(struct terminal *terminal, enum side_number side, struct mig_request *rq, uint32_t size, bool ool);

/* Takes what a read gets now: bytes; 0: end of file. */
uint32_t
reader_take(struct terminal *terminal, enum side_number side, void *data, uint32_t size);

/* Whether a read would end at once; it may be an end of file, or, at a master, EIO. */
bool
readers_ready(const struct terminal *terminal, enum side_number side);

/* Answers those that can be answered, in their order. Returns whether there were any. */
bool
readers_serve(struct terminal *terminal, enum side_number side);

/* Sets the time at which the first reader has waited long enough. */
void
readers_set_deadline(struct terminal *terminal);

/* The client is gone: its input stays for others. */
void
reader_dead(struct terminal *terminal, mach_port_t reply_port);

/* Ends all that wait on a side. */
void
readers_end(struct terminal *terminal, enum side_number side, kern_return_t error);

/* Ends the waiting reads of a client with EINTR. */
void
readers_interrupt(struct terminal *terminal, uint32_t label);

/* --- output.c: writes, and what waits behind them; with the lock held --- */

/* Purpose: writes, or keeps the request until there is room. As io_write. */
kern_return_t
output_write(const struct end *end, struct mig_request *rq, const void *data, uint32_t size, bool ool, uint32_t *written);

/* Whether a write, or a poll for one, would have to wait. */
bool
output_waits(const struct terminal *terminal, enum side_number side);

/* Purpose: keeps a request that shall be done after all output: tty_drain, or tty_set_settings. Returns MIG_NO_REPLY; ENOMEM. */
kern_return_t
output_after(struct terminal *terminal, struct mig_request *rq, const struct tty_settings *settings, uint32_t when);

/* What waits goes on as far as it can. Returns whether anything did. */
bool
output_run(struct terminal *terminal, enum side_number side);

/* What waits to be written is dropped; its writers hear that all was written, or `error`. */
void
output_flush(struct terminal *terminal, enum side_number side, kern_return_t error);

void
output_interrupt(struct terminal *terminal, uint32_t label);

void
output_dead(struct terminal *terminal, mach_port_t reply_port);

/* New settings, now. The caller pumps. */
void
settings_apply(struct terminal *terminal, const struct tty_settings *settings, uint32_t when);

/*
 * --- jobs.c: who may use a terminal; all without the lock, where nothing else is said. What is found out from the process server holds for
 * the terminal of a request only while its file is open. ---
 */

/* Starts the thread that sends what jobs_post asks for. */
void
jobs_start(void);

/* The foreground group; 0: none. Also with the lock held. */
int32_t
jobs_foreground(const struct terminal *terminal);

/* Sends a signal to a group; 0: to none. */
void
jobs_signal_group(int32_t group, int32_t signal);

/*
 * Sends a signal to the foreground group soon, by another thread. SIGHUP goes to the session's leader, with SIGCONT, and ends that it is the
 * session's terminal. With the lock held.
 */
void
jobs_post(struct terminal *terminal, int32_t signal);

/* A dead name: if a session's leader died with that port, the foreground group of its terminal is told, which is nobody's then. */
void
jobs_dead(mach_port_t life);

/* Whether it is a session's controlling terminal; and it is nobody's any more. Also with the lock held. */
bool
jobs_any(const struct terminal *terminal);
void
jobs_forget(struct terminal *terminal);

/* Whether the sender may read: 0; EINTR: it was sent SIGTTIN; EIO. */
kern_return_t
jobs_may_read(struct terminal *terminal, const struct mig_request *rq);

/* Whether the sender may change the terminal, or write to it when TOSTOP says so: 0; EINTR: it was sent SIGTTOU; EIO. */
kern_return_t
jobs_may_change(struct terminal *terminal, const struct mig_request *rq);

/* The session of a process; 0: of a server, whose terminal is the console. */
int32_t
jobs_session(uint32_t label);

/* The terminal that is the controlling one of a session, or NULL. Also with the lock held. */
struct terminal *
jobs_terminal(int32_t session);

/*
 * A process opens the terminal as the open file `file`: a session's leader without a terminal gets this one, unless flags have IO_O_NOCTTY.
 */
void
jobs_open(struct terminal *terminal, mach_port_t file, uint32_t label, uint32_t flags);

/* The terminal becomes the controlling one of the sender, which leads a session, or is that no more. EPERM; ENOTTY. */
kern_return_t
jobs_take(struct terminal *terminal, const struct mig_request *rq);
kern_return_t
jobs_give_up(struct terminal *terminal, const struct mig_request *rq);

/* ENOTTY: it is not the sender's controlling terminal, unless it has the `master`. EINTR, EIO: as jobs_may_change. */
kern_return_t
jobs_get(struct terminal *terminal, bool master, const struct mig_request *rq, int32_t *of_session, int32_t *group);
/* EPERM: no such group. */
kern_return_t
jobs_set_foreground(struct terminal *terminal, const struct mig_request *rq, int32_t group);

#endif
