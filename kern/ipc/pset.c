/*
 * Port sets (pset.h): membership. Receiving from them is in mqueue.c.
 */
#include "ipc/pset.h"

#include "ipc/mqueue.h"
#include "mm/kalloc.h"

static uint32_t sets_existing;

uint32_t
set_total(void)
{
	return __atomic_load_n(&sets_existing, __ATOMIC_RELAXED);
}

struct ipc_set *
set_create(void)
{
	struct ipc_set *set = kalloc(sizeof *set, KALLOC_PORT);

	if (set == NULL)
		return NULL;
	refcount_set(&set->refs, 1);
	spin_init(&set->lock, "port set", RANK_SET);
	set->alive = true;
	list_init(&set->members);
	list_init(&set->ready);
	waitq_init(&set->receivers);
	__atomic_add_fetch(&sets_existing, 1, __ATOMIC_RELAXED);
	return set;
}

void
set_take(struct ipc_set *set)
{
	refcount_take(&set->refs);
}

void
set_drop(struct ipc_set *set)
{
	if (!refcount_drop(&set->refs))
		return;
	__atomic_sub_fetch(&sets_existing, 1, __ATOMIC_RELAXED);
	kfree(set);
}

void
set_leave(struct ipc_port *port)
{
	struct ipc_set *set = port->set;

	if (set == NULL)
		return;
	spin_lock(&set->lock);
	list_remove(&port->set_link);
	if (list_linked(&port->ready_link))
		list_remove(&port->ready_link);
	port->set = NULL;
	spin_unlock(&set->lock);
}

void
set_join(struct ipc_set *set, struct ipc_port *port, struct ipc_chores *chores)
{
	mqueue_wake_receivers(&port->receivers, MACH_RCV_PORT_CHANGED);
	spin_lock(&set->lock);
	list_append(&set->members, &port->set_link);
	port->set = set;
	mqueue_serve_set(port, chores);
	spin_unlock(&set->lock);
}

/*
 * The first member, with a bare reference, or NULL. The space is locked, so no port joins
 * meanwhile.
 */
static struct ipc_port *
any_member(struct ipc_set *set)
{
	struct ipc_port *port = NULL;

	spin_lock(&set->lock);
	set->alive = false;
	if (!list_empty(&set->members)) {
		port = list_entry(list_first(&set->members), struct ipc_port, set_link);
		port_take(port);
	}
	spin_unlock(&set->lock);
	return port;
}

void
set_end(struct ipc_set *set)
{
	struct ipc_port *port;

	while ((port = any_member(set)) != NULL) {
		port_lock(port);
		if (port->set == set)
			set_leave(port);
		port_unlock(port);
		port_drop(port);
	}
	spin_lock(&set->lock);
	mqueue_wake_receivers(&set->receivers, MACH_RCV_PORT_DIED);
	spin_unlock(&set->lock);
	set_drop(set);
}
