/*
 * Notifications: the messages the kernel sends about a port or a name, through a send-once right a
 * task has registered.
 *
 * The message is made when the request is, so a notification never fails. It holds the send-once
 * right meanwhile (kmsg->remote). There is one request of a kind: no-senders and port-destroyed per
 * port (port.h), dead-name per entry (struct ipc_request); an entry that goes before its port dies
 * turns its dead-name request into a port-deleted notification. The fifth, send-once, has no
 * request: mqueue.c.
 */
#ifndef IPC_NOTIFY_H
#define IPC_NOTIFY_H

#include <mach/notify.h>
#include "ipc/kmsg.h"
#include "ipc/space.h"

struct notify_request {
	mach_port_t name;
	mach_msg_id_t id;	/* MACH_NOTIFY_DEAD_NAME, _NO_SENDERS, _PORT_DESTROYED */
	mach_port_mscount_t sync;
	bool cancel;				/* only take the present registration away */
};

/*
 * Whether a request makes sense for the entry (may be NULL). Conditions: space locked, entry up to
 * date. Returns what the trap returns.
 */
kern_return_t notify_check(const struct notify_request *request, const struct ipc_entry *entry);

/*
 * Purpose: carry out a checked request. Conditions: space locked. message: notify_create's, with
 * its right; NULL when cancelling.
 * Returns: the message registered before, with its send-once right, or NULL.
 */
struct ipc_kmsg *notify_register(const struct notify_request *request, struct ipc_entry *entry,
    struct ipc_request *record,
    struct ipc_kmsg *message, struct ipc_chores *chores);

/* An empty notification. Returns NULL: no memory. */
struct ipc_kmsg *notify_create(mach_msg_id_t id);

/*
 * The entry goes: whoever asked for its port's death hears that the name is gone. Frees the
 * request. Conditions: space locked, port not.
 */
void request_cancel(struct ipc_port *port, struct ipc_request *request, struct ipc_chores *chores);

#endif
