/*
 * mach_port_request_notification (MACH.md section 2, the table).
 *
 * The message of the notification is made before anything is locked; then the caller's send-once
 * right and the target's name are looked up together, so that an error leaves everything as it was.
 */
#include "arch/usercopy.h"
#include "ipc/kobject.h"
#include "ipc/notify.h"
#include "ipc/right.h"
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "trap/handlers.h"

static bool
put_user(const void *user, const void *value, size_t bytes)
{
	return copyout((uint64_t)(uintptr_t)user, value, bytes);
}

/*
 * The caller's send-once right for a notification. Conditions: its space locked. Returns NULL: it
 * has none of the kind.
 */
static struct ipc_entry *
notify_source(struct ipc_space *space, mach_port_t name, unsigned disposition)
{
	struct ipc_entry *entry = space_lookup(space, name);

	if (right_kind(disposition) != MACH_MSG_TYPE_PORT_SEND_ONCE || entry == NULL ||
		(entry->type & ENTRY_DEAD) != 0)
		return NULL;
	return right_copyin_possible(entry, disposition) ? entry : NULL;
}

/* What a registration needs besides the rights; made before anything is locked or changed. */
struct registration {
	struct notify_request request;
	struct ipc_kmsg *message;
	struct ipc_request *record; /* dead-name requests only */
};

static bool
registration_prepare(struct registration *registration)
{
	bool dead_name = registration->request.id == MACH_NOTIFY_DEAD_NAME;

	registration->message = NULL;
	registration->record = NULL;
	if (registration->request.cancel)
		return true;
	registration->message = notify_create(registration->request.id);
	if (registration->message != NULL && dead_name)
		registration->record = kalloc(sizeof *registration->record, KALLOC_PORT);
	if (registration->message != NULL && (!dead_name || registration->record != NULL))
		return true;
	if (registration->message != NULL)
		kmsg_free(registration->message);
	return false;
}

static void
registration_free(struct registration *registration)
{
	if (registration->message != NULL)
		kmsg_free(registration->message);
	kfree(registration->record);
}

/* Whether the one who gets the notification has room for it now: later it has to be taken. */
static bool
has_room(struct ipc_port *port, const struct ipc_kmsg *message)
{
	bool room;

	port_lock(port);
	room = port_could_pay(port, message->charged);
	port_unlock(port);
	return room;
}

/* Conditions: both spaces locked. On failure nothing has changed. */
static kern_return_t
register_locked(struct ipc_space *caller, struct ipc_space *target,
	struct registration *registration, mach_port_t notify, unsigned disposition,
	struct ipc_kmsg **previous, struct ipc_chores *chores)
{
	struct ipc_entry *entry = space_lookup(target, registration->request.name), *source;
	kern_return_t result = notify_check(&registration->request, entry);

	if (result != KERN_SUCCESS)
		return result;
	if (!registration->request.cancel) {
		source = notify_source(caller, notify, disposition);
		if (source == NULL ||
			(source == entry && disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE))
			return KERN_INVALID_CAPABILITY;
		if (!has_room(source->port, registration->message))
			return KERN_RESOURCE_SHORTAGE;
		right_copyin(caller, source, disposition, &registration->message->remote, chores);
		registration->message->remote_kind = MACH_MSG_TYPE_PORT_SEND_ONCE;
	}
	*previous = notify_register(
		&registration->request, entry, registration->record, registration->message, chores);
	return KERN_SUCCESS;
}

/* The send-once right of a registration that is over goes back to the caller. */
static void
return_previous(struct ipc_kmsg *message, mach_port_t *user)
{
	mach_port_t name = MACH_PORT_NULL;

	if (message != NULL) {
		space_copyout(current_task()->space, message->remote, MACH_MSG_TYPE_PORT_SEND_ONCE,
			&name);
		message->remote = NULL;
		kmsg_free(message);
	}
	put_user(user, &name, sizeof name);
}

kern_return_t
trap_mach_port_request_notification(task_t task, mach_port_t name, mach_msg_id_t id,
	mach_port_mscount_t sync, mach_port_t notify, uint32_t disposition, mach_port_t *previous)
{
	struct registration registration = {.request = {name, id, sync, notify == MACH_PORT_NULL}};
	struct ipc_space *caller = current_task()->space;
	struct ipc_kmsg *replaced = NULL;
	struct ipc_chores chores;
	struct task *target;
	kern_return_t result;

	if (!put_user(previous, &(mach_port_t){MACH_PORT_NULL}, sizeof *previous))
		return KERN_INVALID_ADDRESS;
	target = kobject_lookup_task(task);
	if (target == NULL)
		return KERN_INVALID_TASK;
	if (!registration_prepare(&registration)) {
		task_drop(target);
		return KERN_RESOURCE_SHORTAGE;
	}
	chores_init(&chores);
	spaces_lock(caller, target->space);
	result = register_locked(
		caller, target->space, &registration, notify, disposition, &replaced, &chores);
	spaces_unlock(caller, target->space);
	if (result != KERN_SUCCESS)
		registration_free(&registration);
	chores_do(&chores);
	task_drop(target);
	if (result == KERN_SUCCESS)
		return_previous(replaced, previous);
	return result;
}
