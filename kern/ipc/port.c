/*
 * Ports: life, death, the counts of rights, who pays (port.h).
 */
#include "ipc/port.h"

#include "init/panic.h"
#include "ipc/kmsg.h"
#include "ipc/mqueue.h"
#include "ipc/pset.h"
#include "mm/kalloc.h"
#include "task/task.h"

static uint32_t ports_existing;

uint32_t
port_total(void)
{
	return __atomic_load_n(&ports_existing, __ATOMIC_RELAXED);
}

struct ipc_port *
port_create(struct task *account)
{
	struct ipc_port *port;

	if (account != NULL && !task_charge(account, TASK_KERNEL_MEMORY, sizeof *port))
		return NULL;
	port = kalloc(sizeof *port, KALLOC_PORT);
	if (port == NULL) {
		if (account != NULL)
			task_uncharge(account, TASK_KERNEL_MEMORY, sizeof *port);
		return NULL;
	}
	refcount_set(&port->refs, 1);
	spin_init(&port->lock, "port", RANK_PORT);
	port->alive = true;
	mqueue_init(port);
	list_node_init(&port->set_link);
	list_node_init(&port->ready_link);
	list_node_init(&port->chore_link);
	list_init(&port->requests);
	list_init(&port->watches);
	port->charged = sizeof *port;
	port->account = account;
	if (account != NULL)
		task_take(account);
	__atomic_add_fetch(&ports_existing, 1, __ATOMIC_RELAXED);
	return port;
}

struct ipc_port *
port_create_ordinary(void)
{
	return port_create(NULL);
}

void
port_take(struct ipc_port *port)
{
	refcount_take(&port->refs);
}

void
port_drop(struct ipc_port *port)
{
	if (refcount_drop(&port->refs))
		port_free(port);
}

void
port_free(struct ipc_port *port)
{
	debug_assert(!port->alive && port->send_rights == 0 && port->send_once_rights == 0);
	__atomic_sub_fetch(&ports_existing, 1, __ATOMIC_RELAXED);
	kfree(port);
}

void
port_unlock(struct ipc_port *port)
{
	bool over = !port->alive && !port->life_over &&
		    (port->send_rights | port->send_once_rights) == 0 && waitq_empty(&port->receivers);

	if (over)
		port->life_over = true;
	spin_unlock(&port->lock);
	if (over)
		port_drop(port);
}

bool
port_alive(const struct ipc_port *port)
{
	return port_lives(port);
}

unsigned
port_send_rights(struct ipc_port *port)
{
	return __atomic_load_n(&port->send_rights, __ATOMIC_RELAXED);
}

/* --- accounts --- */

bool
port_could_pay(const struct ipc_port *port, uint64_t bytes)
{
	const struct task *account = port->account;

	return account == NULL || account->used[TASK_KERNEL_MEMORY] + bytes <= account->limit[TASK_KERNEL_MEMORY];
}

void
port_charge(struct ipc_port *port, uint64_t bytes)
{
	if (port->account != NULL)
		__atomic_add_fetch(
			&port->account->used[TASK_KERNEL_MEMORY], bytes, __ATOMIC_RELAXED);
	port->charged += bytes;
}

/* A dead port has no account any more: all was given back when it died. */
void
port_uncharge(struct ipc_port *port, uint64_t bytes)
{
	if (!port->alive)
		return;
	debug_assert(port->charged >= bytes);
	if (port->account != NULL)
		task_uncharge(port->account, TASK_KERNEL_MEMORY, bytes);
	port->charged -= bytes;
}

static void
account_close(struct ipc_port *port)
{
	struct task *account = port->account;

	port->account = NULL;
	if (account == NULL)
		return;
	task_uncharge(account, TASK_KERNEL_MEMORY, port->charged);
	task_drop(account);
}

bool
port_move_account(struct ipc_port *port, struct task *account)
{
	if (port->account == account)
		return true;
	if (!task_charge(account, TASK_KERNEL_MEMORY, port->charged))
		return false;
	account_close(port);
	task_take(account);
	port->account = account;
	return true;
}

/* --- rights --- */

static void
event_add(struct ipc_port *port, unsigned event, struct ipc_chores *chores)
{
	port->events |= event;
	if (port->events & EVENT_LISTED)
		return;
	port->events |= EVENT_LISTED;
	port_take(port);
	list_append(&chores->events, &port->chore_link);
}

static void
no_senders_fire(struct ipc_port *port, struct ipc_chores *chores)
{
	struct ipc_kmsg *message = port->no_senders;

	/* LAB 2.8 begin [until then: (void)message]: the last send right is gone: the notification, if one is registered, is due. Its body is
	 * the make-send count. One registration, one notification.
	 */
	if (message != NULL) {
		port->no_senders = NULL;
		*(uint32_t *)kmsg_body(message) = port->make_send_count;
		list_append(&chores->notices, &message->link);
	}
	/* LAB 2.8 end */
	if (port->kobject != KOBJECT_NONE)
		event_add(port, EVENT_NO_SENDERS, chores);
}

void
port_drop_send(struct ipc_port *port, struct ipc_chores *chores)
{
	assert(port->send_rights > 0);
	if (--port->send_rights == 0 && port->alive)
		no_senders_fire(port, chores);
}

void
port_drop_send_once(struct ipc_port *port)
{
	assert(port->send_once_rights > 0);
	port->send_once_rights--;
}

void
port_abandon_send_once(struct ipc_port *port, struct ipc_chores *chores)
{
	port_drop_send_once(port);
	if (!port->alive)
		return;
	if (port->kobject == KOBJECT_NONE)
		mqueue_notify_send_once(port, chores);
	else if (port->kobject == KOBJECT_REPLY)
		event_add(port, EVENT_UNANSWERED, chores);
}

void
port_release_right(struct ipc_port *port, unsigned disposition, struct ipc_chores *chores)
{
	if (!ipc_port_valid(port))
		return;
	if (disposition == MACH_MSG_TYPE_PORT_RECEIVE) {
		transit_end(port);
		port_orphan(port, chores);
		return;
	}
	port_lock(port);
	if (disposition == MACH_MSG_TYPE_PORT_SEND)
		port_drop_send(port, chores);
	else
		port_abandon_send_once(port, chores);
	port_unlock(port);
}

struct ipc_port *
port_make_send(struct ipc_port *port)
{
	bool alive;

	port_lock(port);
	alive = port->alive;
	if (alive) {
		port->send_rights++;
		port->make_send_count++;
	}
	port_unlock(port);
	return alive ? port : IPC_PORT_DEAD;
}

struct ipc_port *
port_copy_send(struct ipc_port *port)
{
	if (!ipc_port_valid(port))
		return port;
	port_lock(port);
	port->send_rights++;
	port_unlock(port);
	return port;
}

void
port_release_send(struct ipc_port *port)
{
	struct ipc_chores chores;

	if (!ipc_port_valid(port))
		return;
	chores_init(&chores);
	port_release_right(port, MACH_MSG_TYPE_PORT_SEND, &chores);
	chores_do(&chores);
}

struct ipc_port *
port_make_send_once(struct ipc_port *port)
{
	bool alive;

	port_lock(port);
	alive = port->alive;
	if (alive)
		port->send_once_rights++;
	port_unlock(port);
	return alive ? port : IPC_PORT_DEAD;
}

void
port_release_send_once(struct ipc_port *port)
{
	struct ipc_chores chores;

	chores_init(&chores);
	port_release_right(port, MACH_MSG_TYPE_PORT_SEND_ONCE, &chores);
	chores_do(&chores);
}

/* --- death --- */

void
port_orphan(struct ipc_port *port, struct ipc_chores *chores)
{
	list_append(&chores->ports, &port->chore_link);
}

static void
requests_fire(struct ipc_port *port, struct ipc_chores *chores)
{
	/* LAB 2.8 begin [until then: (void)port; (void)chores]: the port dies: every request on its list has its message sent. The request
	 * itself stays with its entry, without a message (space.c, bury).
	 */
	struct list_node *node;

	while ((node = list_pop(&port->requests)) != NULL) {
		struct ipc_request *request = container_of(node, struct ipc_request, link);

		list_append(&chores->notices, &request->message->link);
		request->message = NULL;
	}
	/* LAB 2.8 end */
}

static void
watches_fire(struct ipc_port *port)
{
	struct list_node *node;

	port_lock(port);
	while ((node = list_pop(&port->watches)) != NULL) {
		struct port_watch *watch = container_of(node, struct port_watch, link);

		spin_unlock(&port->lock);
		watch->died(watch);
		port_lock(port);
	}
	port_unlock(port);
}

/* The point of no return. Conditions: port locked; it is unlocked. */
static void
port_die(struct ipc_port *port, struct ipc_chores *chores)
{
	set_leave(port);
	__atomic_store_n(&port->alive, false, __ATOMIC_RELEASE);
	port->receiver = NULL;
	port->object = NULL;
	mqueue_destroy(port, chores);
	account_close(port);
	requests_fire(port, chores);
	if (port->no_senders != NULL)
		kmsg_discard(port->no_senders, chores);
	port->no_senders = NULL;
	port_take(port);
	port_unlock(port);
	watches_fire(port);
	port_drop(port);
}

void
port_end(struct ipc_port *port, struct ipc_chores *chores)
{
	struct ipc_kmsg *message;

	port_lock(port);
	message = port->port_destroyed;
	if (message == NULL) {
		port_die(port, chores);
		return;
	}
	port->port_destroyed = NULL;
	port_unlock(port);
	kmsg_set_port(message, 0, port, MACH_MSG_TYPE_PORT_RECEIVE);
	list_append(&chores->notices, &message->link);
}

/* --- watches --- */

bool
port_watch_add(struct ipc_port *port, struct port_watch *watch)
{
	bool alive;

	watch->port = port;
	port_lock(port);
	alive = port->alive;
	if (alive)
		list_append(&port->watches, &watch->link);
	else
		list_node_init(&watch->link);
	port_unlock(port);
	return alive;
}

bool
port_watch_remove(struct port_watch *watch)
{
	bool linked;

	port_lock(watch->port);
	linked = list_linked(&watch->link);
	if (linked)
		list_remove(&watch->link);
	port_unlock(watch->port);
	return linked;
}

/* --- kernel-object ports --- */

struct ipc_port *
kobject_port_create(enum kobject_type type, void *object)
{
	struct ipc_port *port = port_create(NULL);

	if (port == NULL)
		return NULL;
	port->kobject = (uint8_t)type;
	port->object = object;
	port_take(port);
	return port;
}

void
kobject_port_destroy(struct ipc_port *port)
{
	struct ipc_chores chores;

	chores_init(&chores);
	port_lock(port);
	if (port->alive)
		port_die(port, &chores);
	else
		port_unlock(port);
	port_drop(port);
	chores_do(&chores);
}
