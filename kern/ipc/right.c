/*
 * Rights in a name space (right.h).
 *
 * Order matters when the last right goes: what still needs the port (a request on the entry, the
 * hash) is undone first, because giving up the right may free the port's remains.
 */
#include "ipc/right.h"

#include "init/panic.h"
#include "ipc/mqueue.h"
#include "ipc/notify.h"
#include "ipc/pset.h"

unsigned
right_kind(unsigned disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_RECEIVE: return MACH_MSG_TYPE_PORT_RECEIVE;
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MAKE_SEND: return MACH_MSG_TYPE_PORT_SEND;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE: return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default: return 0;
	}
}

/* --- taking entries away --- */

static void
entry_remove(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	if (entry->request != NULL)
		request_cancel(entry->port, entry->request, chores);
	if (entry->type & (ENTRY_SEND | ENTRY_RECEIVE))
		names_unhash(&space->names, entry);
	names_free(&space->names, entry);
}

/* The entry loses its send right without giving it up. */
static void
entry_lose_send(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	entry->urefs = 0;
	if (entry->type & ENTRY_RECEIVE)
		entry->type = ENTRY_RECEIVE;
	else
		entry_remove(space, entry, chores);
}

static void
entry_drop_send(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	struct ipc_port *port = entry->port;

	entry_lose_send(space, entry, chores);
	port_lock(port);
	port_drop_send(port, chores);
	port_unlock(port);
}

/*
 * Both rights of an entry go: the port is about to die, so nobody needs to hear that this was the
 * last sender. Conditions: no port-destroyed request saves it.
 */
static void
entry_drop_send_quietly(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	struct ipc_port *port = entry->port;

	entry_lose_send(space, entry, chores);
	port_lock(port);
	port->send_rights--;
	port_unlock(port);
}

static void
entry_drop_send_once(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	struct ipc_port *port = entry->port;

	entry_remove(space, entry, chores);
	port_lock(port);
	port_abandon_send_once(port, chores);
	port_unlock(port);
}

/* The entry loses its receive right; the port has no holder then. Send rights stay. */
static struct ipc_port *
entry_lose_receive(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	struct ipc_port *port = entry->port;

	port_lock(port);
	set_leave(port);
	mqueue_wake_receivers(&port->receivers, MACH_RCV_PORT_DIED);
	port->receiver = NULL;
	port->name = MACH_PORT_NULL;
	port_unlock(port);
	if (entry->type & ENTRY_SEND)
		entry->type = ENTRY_SEND;
	else
		entry_remove(space, entry, chores);
	return port;
}

static void
entry_drop_dead(struct ipc_space *space, struct ipc_entry *entry, uint32_t references,
	struct ipc_chores *chores)
{
	entry->urefs -= references;
	if (entry->urefs == 0)
		entry_remove(space, entry, chores);
}

/* --- copy in --- */

bool
right_copyin_possible(const struct ipc_entry *entry, unsigned disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_COPY_SEND: return (entry->type & (ENTRY_SEND | ENTRY_DEAD)) != 0;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return (entry->type & (ENTRY_SEND_ONCE | ENTRY_DEAD)) != 0;
	default: return (entry->type & ENTRY_RECEIVE) != 0;
	}
}

static void
copyin_dead(struct ipc_space *space, struct ipc_entry *entry, unsigned disposition,
	struct ipc_chores *chores)
{
	if (disposition != MACH_MSG_TYPE_COPY_SEND)
		entry_drop_dead(space, entry, 1, chores);
}

static void
move_send(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	/* LAB 2.2 begin [until then: given move_send.c]: one reference leaves the entry and travels
	 * on as a right. The entry itself counts as one right of the port, whatever its references:
	 * with the last one the entry's right travels, before that a new one does.
	 */
	struct ipc_port *port = entry->port;

	if (entry->urefs == 1) {
		entry_lose_send(space, entry, chores);
		return;
	}
	entry->urefs--;
	port_lock(port);
	port->send_rights++;
	port_unlock(port);
	/* LAB 2.2 end */
}

static void
move_receive(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	struct ipc_port *port = entry_lose_receive(space, entry, chores);

	port_lock(port);
	port->seqno = 0;
	port->make_send_count = 0;
	port_unlock(port);
}

void
right_copyin(struct ipc_space *space, struct ipc_entry *entry, unsigned disposition,
	struct ipc_port **port, struct ipc_chores *chores)
{
	if (entry->type == ENTRY_DEAD) {
		*port = IPC_PORT_DEAD;
		copyin_dead(space, entry, disposition, chores);
		return;
	}
	*port = entry->port;
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_RECEIVE: move_receive(space, entry, chores); return;
	case MACH_MSG_TYPE_MOVE_SEND: move_send(space, entry, chores); return;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE: entry_remove(space, entry, chores); return;
	}
	port_lock(*port);
	if (disposition == MACH_MSG_TYPE_MAKE_SEND_ONCE)
		(*port)->send_once_rights++;
	else
		(*port)->send_rights++;
	if (disposition == MACH_MSG_TYPE_MAKE_SEND)
		(*port)->make_send_count++;
	port_unlock(*port);
}

/* --- copy out --- */

/* The entry gains a send right: a reference more if it has one already. */
static void
entry_gain_send(struct ipc_entry *entry, struct ipc_port *port, struct ipc_chores *chores)
{
	/* LAB 2.2 begin [until then: given gain_send.c]: the reverse: a right that arrives becomes the
	 * entry's right, or, if it has one, another reference, which sticks at its maximum.
	 */
	if (entry->urefs < MACH_PORT_UREFS_MAX)
		entry->urefs++;
	if ((entry->type & ENTRY_SEND) == 0) {
		entry->type |= ENTRY_SEND;
		return;
	}
	port_lock(port);
	port_drop_send(port, chores);
	port_unlock(port);
	/* LAB 2.2 end */
}

static kern_return_t
entry_gain_receive(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port)
{
	bool paid;

	port_lock(port);
	paid = port_move_account(port, space->task);
	if (paid) {
		port->receiver = space;
		port->name = names_name(&space->names, entry);
		entry->type |= ENTRY_RECEIVE;
	}
	port_unlock(port);
	return paid ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

static void
entry_gain_send_once(struct ipc_entry *entry)
{
	entry->type = ENTRY_SEND_ONCE;
	entry->urefs = 1;
}

/* Fills a fresh entry (type 0 yet) or adds to one for the same port. */
static kern_return_t
entry_gain(struct ipc_space *space, struct ipc_entry *entry, struct ipc_port *port, unsigned kind,
	struct ipc_chores *chores)
{
	kern_return_t result = KERN_SUCCESS;
	bool fresh = entry->port == NULL;

	entry->port = port;
	if (kind == MACH_MSG_TYPE_PORT_SEND)
		entry_gain_send(entry, port, chores);
	else if (kind == MACH_MSG_TYPE_PORT_SEND_ONCE)
		entry_gain_send_once(entry);
	else
		result = entry_gain_receive(space, entry, port);
	if (result != KERN_SUCCESS && fresh)
		names_free(&space->names, entry);
	else if (fresh && kind != MACH_MSG_TYPE_PORT_SEND_ONCE)
		names_hash(&space->names, entry);
	return result;
}

kern_return_t
right_copyout(struct ipc_space *space, struct ipc_port *port, unsigned kind, mach_port_t *name,
	struct ipc_chores *chores)
{
	struct ipc_entry *entry = NULL;
	kern_return_t result;

	if (!space->alive)
		return KERN_INVALID_TASK;
	if (kind != MACH_MSG_TYPE_PORT_SEND_ONCE)
		entry = names_find(&space->names, port);
	if (entry == NULL) {
		result = space_reserve(space);
		if (result != KERN_SUCCESS)
			return result;
		entry = names_alloc(&space->names, 0);
	}
	*name = names_name(&space->names, entry);
	return entry_gain(space, entry, port, kind, chores);
}

kern_return_t
right_copyout_name(struct ipc_space *space, struct ipc_port *port, unsigned kind, mach_port_t name,
	struct ipc_chores *chores)
{
	struct ipc_entry *entry = names_lookup(&space->names, name);

	if (entry == NULL)
		entry = names_alloc_at(&space->names, name, 0);
	return entry_gain(space, entry, port, kind, chores);
}

/* --- user references --- */

kern_return_t
right_deallocate(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	if (entry->type & ENTRY_DEAD)
		entry_drop_dead(space, entry, 1, chores);
	else if (entry->type & ENTRY_SEND_ONCE)
		entry_drop_send_once(space, entry, chores);
	else if ((entry->type & ENTRY_SEND) == 0)
		return KERN_INVALID_RIGHT;
	else if (entry->urefs > 1)
		entry->urefs--;
	else
		entry_drop_send(space, entry, chores);
	return KERN_SUCCESS;
}

static void
destroy_set(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	struct ipc_set *set = entry->set;

	entry_remove(space, entry, chores);
	set_end(set);
}

void
right_destroy(struct ipc_space *space, struct ipc_entry *entry, struct ipc_chores *chores)
{
	if (entry->type & ENTRY_SET) {
		destroy_set(space, entry, chores);
		return;
	}
	if (entry->type & ENTRY_DEAD) {
		entry_drop_dead(space, entry, entry->urefs, chores);
		return;
	}
	if (entry->type & ENTRY_SEND_ONCE) {
		entry_drop_send_once(space, entry, chores);
		return;
	}
	if (entry->type == (ENTRY_SEND | ENTRY_RECEIVE))
		(entry->port->port_destroyed != NULL ? entry_drop_send : entry_drop_send_quietly)(space, entry, chores);
	if (entry->type & ENTRY_SEND)
		entry_drop_send(space, entry, chores);
	else
		port_orphan(entry_lose_receive(space, entry, chores), chores);
}

/* Receive rights and sets: one, which can only go. */
static kern_return_t
delta_single(struct ipc_space *space, struct ipc_entry *entry, mach_port_delta_t delta,
	struct ipc_chores *chores)
{
	if (delta == 0)
		return KERN_SUCCESS;
	if (delta != -1)
		return KERN_INVALID_VALUE;
	if (entry->type & ENTRY_SET)
		destroy_set(space, entry, chores);
	else if (entry->type & ENTRY_RECEIVE)
		port_orphan(entry_lose_receive(space, entry, chores), chores);
	else
		entry_drop_send_once(space, entry, chores);
	return KERN_SUCCESS;
}

static kern_return_t
delta_counted(struct ipc_space *space, struct ipc_entry *entry, mach_port_delta_t delta,
	struct ipc_chores *chores)
{
	int64_t references = (int64_t)entry->urefs + delta;

	if (references < 0)
		return KERN_INVALID_VALUE;
	if (references > (int64_t)MACH_PORT_UREFS_MAX)
		return KERN_UREFS_OVERFLOW;
	if (references > 0)
		entry->urefs = (uint16_t)references;
	else if (entry->type & ENTRY_DEAD)
		entry_drop_dead(space, entry, entry->urefs, chores);
	else
		entry_drop_send(space, entry, chores);
	return KERN_SUCCESS;
}

kern_return_t
right_delta(struct ipc_space *space, struct ipc_entry *entry, mach_port_right_t right,
	mach_port_delta_t delta, struct ipc_chores *chores)
{
	if ((entry->type & (1u << right)) == 0)
		return KERN_INVALID_RIGHT;
	if (right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME)
		return delta_counted(space, entry, delta, chores);
	return delta_single(space, entry, delta, chores);
}
