/*
 * Kernel objects behind ports: which functions belong to which type, and look-ups by name for
 * traps.
 */
#include "ipc/kobject.h"

#include <mach/notify.h>

#include "ipc/space.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"

static const struct kobject_ops *types[KOBJECT_TYPES];

/*
 * What a reply function gets when the send-once right was destroyed. It holds nothing and is
 * nobody's.
 */
static struct ipc_kmsg unanswered_notice = {
	.flags = KMSG_STATIC,
	.header = {.msgh_size = sizeof(mach_msg_header_t), .msgh_id = MACH_NOTIFY_SEND_ONCE},
};

void
kobject_register(enum kobject_type type, const struct kobject_ops *ops)
{
	types[type] = ops;
}

const char *
kobject_type_name(unsigned type)
{
	return type < KOBJECT_TYPES && types[type] != NULL ? types[type]->name : "kernel object";
}

static void
object_take(struct ipc_port *port)
{
	const struct kobject_ops *ops = types[port->kobject];

	if (ops != NULL && ops->take != NULL)
		ops->take(port->object);
}

static void
object_drop(unsigned type, void *object)
{
	const struct kobject_ops *ops = types[type];

	if (ops != NULL && ops->drop != NULL)
		ops->drop(object);
}

void
kobject_deliver(struct ipc_port *port, struct ipc_kmsg *message)
{
	const struct kobject_ops *ops = types[port->kobject];
	void *object = port->object;

	object_take(port);
	port_unlock(port);
	ops->deliver(object, message);
	object_drop(KOBJECT_REPLY, object);
}

static void
no_senders(struct ipc_port *port)
{
	const struct kobject_ops *ops = types[port->kobject];
	void *object;

	if (ops == NULL || ops->no_senders == NULL)
		return;
	port_lock(port);
	if (!port->alive) {
		port_unlock(port);
		return;
	}
	object = port->object;
	object_take(port);
	port_unlock(port);
	ops->no_senders(port, object);
	object_drop(port->kobject, object);
}

static void
unanswered(struct ipc_port *port)
{
	port_lock(port);
	if (port->alive)
		kobject_deliver(port, &unanswered_notice);
	else
		port_unlock(port);
}

void
kobject_event(struct ipc_port *port)
{
	unsigned events;

	port_lock(port);
	events = port->events;
	port->events = 0;
	port_unlock(port);
	if (events & EVENT_UNANSWERED)
		unanswered(port);
	if (events & EVENT_NO_SENDERS)
		no_senders(port);
	port_drop(port);
}

struct ipc_port *
kobject_constant(mach_port_t name)
{
	struct task *task = current_task();
	struct ipc_port *port = NULL;

	if (name == MACH_PORT_TASK_SELF)
		return port_make_send(task->self_port);
	if (name != MACH_PORT_HOST_SELF)
		return NULL;
	spin_lock(&task->lock);
	port = port_copy_send(task->special[TASK_HOST_PORT]);
	spin_unlock(&task->lock);
	return port;
}

static void *
constant_object(mach_port_t name, enum kobject_type type)
{
	struct ipc_port *port = kobject_constant(name);
	void *object = NULL;

	if (!ipc_port_valid(port))
		return NULL;
	port_lock(port);
	if (port->alive && port->kobject == type) {
		object_take(port);
		object = port->object;
	}
	port_unlock(port);
	port_release_send(port);
	return object;
}

void *
kobject_lookup(mach_port_t name, enum kobject_type type)
{
	struct ipc_space *space = current_task()->space;
	struct ipc_entry *entry;
	struct ipc_port *port;
	void *object = NULL;

	if (name >= MACH_PORT_NAME_RESERVED)
		return constant_object(name, type);
	spin_lock(&space->lock);
	entry = space_lookup(space, name);
	if (entry == NULL || (entry->type & ENTRY_SEND) == 0) {
		spin_unlock(&space->lock);
		return NULL;
	}
	port = entry->port;
	port_lock(port);
	if (port->alive && port->kobject == type) {
		object_take(port);
		object = port->object;
	}
	port_unlock(port);
	spin_unlock(&space->lock);
	return object;
}

struct task *
kobject_lookup_task(mach_port_t name)
{
	struct task *task;

	if (name == MACH_PORT_TASK_SELF) {
		task_take(current_task());
		return current_task();
	}
	task = kobject_lookup(name, KOBJECT_TASK);
	if (task != NULL && !task->alive) {
		task_drop(task);
		return NULL;
	}
	return task;
}
