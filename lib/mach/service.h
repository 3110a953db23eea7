/*
 * A server's main loop: receives from a port or port set, hands requests to generated
 * demultiplexers, notifications to the server's functions, and replies in the same trap that
 * receives the next message.
 *
 * With several threads the functions run concurrently: each locks what it touches. A thread that
 * may block for long takes its reply port, returns MIG_NO_REPLY and answers later, or says that
 * it waits (service_wait_begin), and the pool gets another thread. The pool has a limit; where those
 * who wait shall never be all of it, whoever is about to wait asks first (service_wait_place).
 */
#ifndef LIB_MACH_SERVICE_H
#define LIB_MACH_SERVICE_H

#include "mach/cthread.h"
#include "mach/mig.h"

/* What a server is made of. Everything but port and servers may be NULL. */
struct service {
	mach_port_t port;			/* receive right or port set */
	const mig_server_t *servers;		/* { io_server, tty_server, NULL } */
	uint32_t threads;			/* the caller of service_run included; 0 means 1 */
	uint32_t most;				/* threads when some of them wait; 0: no more than `threads` */
	void *context;				/* rq->context */

	/*
	 * Kernel notifications (label 0 was checked). `port`: the receive right the notification
	 * came to.
	 */
	void (*no_senders)(mach_port_t port, uint32_t mscount);
	/* One reference to the dead name is the function's. */
	void (*dead_name)(mach_port_t port, mach_port_t name);
	void (*port_destroyed)(mach_port_t port, mach_port_t receive);	/* owns the receive right */
	void (*send_once)(mach_port_t port);

	/*
	 * Any other message, before the demultiplexers see it (interrupts, exceptions, pager
	 * upcalls): true: dealt with.
	 */
	bool (*other)(struct mig_request *rq);

	/*
	 * For functions that ask for a place to wait. What a port stands for: a number that no other
	 * thing has, ever, 0 for nothing; a request put aside whose port stands for something else by
	 * then is handled with rq->port MACH_PORT_NULL.
	 */
	uint64_t (*identity)(mach_port_t port);
	void (*errand)(void);			/* service_want_errand */

	/* The pool's own; 0 at the start. */
	uint32_t running, waiting;		/* threads; atomic */
	uint32_t wanted;			/* gsync word: nonzero wakes who starts more */
	struct mutex lock;			/* of the rest; over nothing */
	struct condition room;			/* a place is free, or less is put aside */
	uint32_t places;			/* taken */
	struct service_request *aside, *aside_last;
	uint32_t aside_bytes;
	bool errand_wanted;
};

/*
 * Purpose: serves until receiving from the port fails for good (the port died).
 * Returns: the failing mach_msg's code; other threads of the pool end with the same one.
 */
kern_return_t
service_run(struct service *service);

/*
 * Around a wait of unknown length in a function of the service: the pool has a thread that does not wait all the same, up to its `most`. Nothing
 * in threads that are not of a pool. Needs no memory: another thread starts the new one.
 */
void
service_wait_begin(void);
void
service_wait_end(void);

/*
 * Purpose: a place among the threads that may wait, until the message is dealt with; some of the pool's threads never get one, so however
 * many requests have to wait, others are handled meanwhile.
 * Conditions: asked before the function changes anything: with false it undoes what it has begun and returns MIG_LATER, whereupon the
 * request is put aside, without a thread, and handled again from its beginning in its turn. May be asked again, and with locks held.
 * Returns: true always in threads that are not of a pool that grows.
 */
bool
service_wait_place(void);

/* Has service->errand() called soon by a thread that may wait. Conditions: in a request, to which a place was just refused. */
void
service_want_errand(void);

/* Handles one received message as service_run does: for servers with a loop of their own. */
void
service_handle(const struct service *service, struct mig_request *rq);

/* --- bootstrap client: the port is the start-up page's --- */

/* Takes the receive right of this server's service from init. MACH_PORT_NULL: refused. */
mach_port_t
service_check_in(const char *name);

/* A send right to a service, or MACH_PORT_NULL. Requests queue until the service is up. */
mach_port_t
service_look_up(const char *name);

/* A granted privileged port ("host", "device", "console"), or MACH_PORT_NULL. */
mach_port_t
service_grant(const char *name);

/* Tells init that what is ordered after this unit may start. */
void
service_ready(void);

#endif
