/*
 * What the files of init share. One thread does everything, so there are no locks; another one waits for the end (shutdown.c).
 */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include "mach/mig.h"
#include "unit.h"

#define UNITS_MAX	32
#define SERVICES_MAX	32

struct unit {
	struct unit_spec spec;
	uint32_t state;			/* UNIT_* of <proto/types.h> */
	bool ready;			/* bootstrap_ready came from its present task */
	bool can_start;			/* false: not any more, or never */
	uint32_t restarts;
	uint32_t failures;		/* ends in a row before it was ready */
	uint32_t label;			/* of the present task's token */
	mach_port_t bootstrap;		/* receive right: names the unit; also for exceptions */
	task_t task;			/* NULL: none */
	mach_port_t dma;		/* owns its memory for devices; outlives its tasks */
	uint64_t started_at;		/* nanoseconds */
	uint64_t start_at;		/* UNIT_STOPPED: not before; UINT64_MAX: not at all */
	char last_words[96];		/* the exception that killed it */
};

struct named_service {
	char name[UNIT_NAME_MAX];
	struct unit *owner;
	mach_port_t port;		/* send right, and the receive right while no task has it */
	bool away;			/* the owner's task has the receive right */
};

extern struct unit units[UNITS_MAX];
extern uint32_t unit_count;
extern mach_port_t port_set;		/* all receive rights that init listens to */
extern mach_port_t notify_port;		/* dead names of tasks, returning receive rights */

/* --- names.c: the name server --- */

/* A receive right in the port set, with a send right under the same name. */
mach_port_t
listen_port(void);

/* Makes the service ports of all units, and the public port. */
void
names_init(void);

/* A send right init holds to a service, or MACH_PORT_NULL. */
mach_port_t
names_port(const char *name);

/* Whether a task has the receive right of a service. */
bool
names_is_served(const char *name);

/* The receive right of a service came back. */
void
names_returned(mach_port_t port);

/* A unit's services come no more: who waits for them, or asks for them, gets an error. */
void
names_give_up(const struct unit *owner);

/* --- shutdown.c --- */

/* Starts the thread that switches the machine off when bootstrap_shutdown asks for it. */
void
shutdown_init(void);

/* --- start.c --- */

/* Starts the unit's task. On failure prints why; the unit is UNIT_FAILED, and cannot start any more if its program is to blame. */
void
unit_start(struct unit *unit);

/* --- supervise.c --- */

/* Returns NULL: no such unit. */
struct unit *
unit_named(const char *name);

/*
 * Starts what can be started now. Returns when to look again (nanoseconds), UINT64_MAX: not
 * before something happens.
 */
uint64_t
supervise(void);

/* A task's dead name arrived. */
void
supervise_death(mach_port_t task);

/* An exception of a unit's task. */
bool
supervise_exception(struct mig_request *rq);

/* Prints and stops the machine with a failing status. */
_Noreturn void
halt(const char *why);

#endif
