/*
 * Requests for notifications (notify.h).
 */
#include "ipc/notify.h"

#include "mm/kalloc.h"

struct ipc_kmsg *
notify_create(mach_msg_id_t id)
{
	return id == MACH_NOTIFY_PORT_DESTROYED ? kmsg_create(id, 1, 0) : kmsg_create(id, 0, 8);
}

static void
set_value(struct ipc_kmsg *message, uint32_t value)
{
	*(uint32_t *)kmsg_body(message) = value;
}

void
request_cancel(struct ipc_port *port, struct ipc_request *request, struct ipc_chores *chores)
{
	port_lock(port);
	if (request->message != NULL) {
		list_remove(&request->link);
		request->message->header.msgh_id = MACH_NOTIFY_PORT_DELETED;
		list_append(&chores->notices, &request->message->link);
	}
	port_unlock(port);
	kfree(request);
}

/* --- checks --- */

static kern_return_t
check_dead_name(const struct notify_request *request, const struct ipc_entry *entry)
{
	if (entry->type & ENTRY_SET)
		return KERN_INVALID_RIGHT;
	if ((entry->type & ENTRY_DEAD) == 0)
		return KERN_SUCCESS;
	if (request->cancel || request->sync == 0)
		return KERN_INVALID_ARGUMENT;
	return entry->urefs < MACH_PORT_UREFS_MAX ? KERN_SUCCESS : KERN_UREFS_OVERFLOW;
}

kern_return_t
notify_check(const struct notify_request *request, const struct ipc_entry *entry)
{
	if (request->id != MACH_NOTIFY_DEAD_NAME && request->id != MACH_NOTIFY_NO_SENDERS &&
		request->id != MACH_NOTIFY_PORT_DESTROYED)
		return KERN_INVALID_VALUE;
	if (entry == NULL)
		return KERN_INVALID_NAME;
	if (request->id == MACH_NOTIFY_DEAD_NAME)
		return check_dead_name(request, entry);
	return entry->type & ENTRY_RECEIVE ? KERN_SUCCESS : KERN_INVALID_RIGHT;
}

/* --- registering --- */

/* LAB 2.8 begin [until then: given register_dead_name.c]: `message` (NULL: none) becomes the entry's request, on the port's list until the
 * port dies; what was registered before is returned. A request whose message has been sent has none any more (notify.h, port.h).
 * Hint: on a name that is dead already, and on a port that died since the look-up, the notification is due at once (chores->notices). It
 * always brings a reference to the dead name.
 */
/* On a name that is dead already the notification is due at once, with the reference it adds. */
static void
dead_already(struct ipc_entry *entry, struct ipc_request *record, struct ipc_kmsg *message,
	struct ipc_chores *chores)
{
	entry->urefs++;
	list_append(&chores->notices, &message->link);
	kfree(record);
}

static struct ipc_kmsg *
register_dead_name(struct ipc_entry *entry, struct ipc_request *record, struct ipc_kmsg *message,
	struct ipc_chores *chores)
{
	struct ipc_request *old = entry->request;
	struct ipc_port *port = entry->port;
	struct ipc_kmsg *previous = NULL;

	if (entry->type & ENTRY_DEAD) {
		dead_already(entry, record, message, chores);
		return NULL;
	}
	port_lock(port);
	if (old != NULL && old->message != NULL) {
		previous = old->message;
		list_remove(&old->link);
	} else if (old != NULL && entry->urefs < MACH_PORT_UREFS_MAX)
		entry->urefs++;		/* it is on its way, and brings a reference: the name's death will be the new one's */
	entry->request = record;
	if (record != NULL) {
		record->message = port->alive ? message : NULL;
		if (port->alive)
			list_append(&port->requests, &record->link);
		else
			list_append(
				&chores->notices, &message->link); /* it died since the look-up */
	}
	port_unlock(port);
	kfree(old);
	return previous;
}
/* LAB 2.8 end */

static struct ipc_kmsg *
register_no_senders(struct ipc_port *port, mach_port_mscount_t sync, struct ipc_kmsg *message,
	struct ipc_chores *chores)
{
	/* LAB 2.8 begin [until then: (void)port; (void)sync; (void)chores; return message]: the port remembers the message; what it had
	 * is returned. If there are no senders now, and as many rights were made as the caller knows of (sync), it is due at once.
	 */
	struct ipc_kmsg *previous;

	port_lock(port);
	previous = port->no_senders;
	port->no_senders = message;
	if (message != NULL && port->send_rights == 0 && port->make_send_count >= sync) {
		port->no_senders = NULL;
		set_value(message, port->make_send_count);
		list_append(&chores->notices, &message->link);
	}
	port_unlock(port);
	return previous;
	/* LAB 2.8 end */
}

static struct ipc_kmsg *
register_destroyed(struct ipc_port *port, struct ipc_kmsg *message)
{
	struct ipc_kmsg *previous;

	port_lock(port);
	previous = port->port_destroyed;
	port->port_destroyed = message;
	port_unlock(port);
	return previous;
}

struct ipc_kmsg *
notify_register(const struct notify_request *request, struct ipc_entry *entry,
	struct ipc_request *record, struct ipc_kmsg *message, struct ipc_chores *chores)
{
	switch (request->id) {
	case MACH_NOTIFY_DEAD_NAME:
		if (message != NULL)
			set_value(message, request->name);
		return register_dead_name(entry, record, message, chores);
	case MACH_NOTIFY_NO_SENDERS:
		return register_no_senders(entry->port, request->sync, message, chores);
	default: return register_destroyed(entry->port, message);
	}
}
