/*
 * mach_port_insert_right and mach_port_extract_right: rights go from one task into another (MACH.md
 * section 2, the table).
 *
 * Both spaces are locked together, so that everything can be checked before anything is changed.
 */
#include "arch/usercopy.h"
#include "ipc/kobject.h"
#include "ipc/right.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "trap/handlers.h"

static bool
put_user(const void *user, const void *value, size_t bytes)
{
	return copyout((uint64_t)(uintptr_t)user, value, bytes);
}

/* Whether the entry keeps the port's name after a right of the disposition was taken from it. */
static bool
keeps_name(const struct ipc_entry *entry, unsigned disposition)
{
	if (disposition == MACH_MSG_TYPE_MOVE_SEND)
		return entry->type != ENTRY_SEND || entry->urefs > 1;
	return disposition != MACH_MSG_TYPE_MOVE_RECEIVE || entry->type != ENTRY_RECEIVE;
}

/*
 * Whether `name` of the target space can take a right to `port`: SUCCESS (free, and reserved), or
 * it has the port already; `source` is the caller's entry the right comes from, NULL for a
 * constant.
 */
static kern_return_t
insert_possible(struct ipc_space *target, mach_port_t name, struct ipc_port *port,
	const struct ipc_entry *source, unsigned disposition)
{
	unsigned kind = right_kind(disposition);
	struct ipc_entry *present =
		kind == MACH_MSG_TYPE_PORT_SEND_ONCE ? NULL : names_find(&target->names, port);
	struct ipc_entry *entry = space_lookup(target, name);

	if (entry != NULL && entry != present)
		return KERN_NAME_EXISTS;
	if (present != NULL && entry == NULL &&
		(present != source || keeps_name(source, disposition)))
		return KERN_RIGHT_EXISTS;
	if (entry == NULL)
		return space_reserve_name(target, name);
	/* A move within one name changes nothing that could overflow. */
	if (kind == MACH_MSG_TYPE_PORT_SEND && entry->urefs >= MACH_PORT_UREFS_MAX &&
		!(entry == source && disposition == MACH_MSG_TYPE_MOVE_SEND))
		return KERN_UREFS_OVERFLOW;
	return KERN_SUCCESS;
}

/* The caller's right that is to be inserted. */
static kern_return_t
insert_source(
	struct ipc_space *space, mach_port_t name, unsigned disposition, struct ipc_entry **source)
{
	*source = space_lookup(space, name);
	if (!MACH_PORT_VALID(name) || (*source != NULL && ((*source)->type & ENTRY_DEAD) != 0))
		return KERN_INVALID_CAPABILITY;
	return *source != NULL && right_copyin_possible(*source, disposition) ? KERN_SUCCESS
									      : KERN_INVALID_RIGHT;
}

/* A receive right brings its queue along: the new holder must be able to pay for it. */
static kern_return_t
pay_for(struct ipc_port *port, unsigned kind, struct task *task)
{
	bool paid = true;

	if (kind == MACH_MSG_TYPE_PORT_RECEIVE) {
		port_lock(port);
		paid = port_move_account(port, task);
		port_unlock(port);
	}
	return paid ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

/* Conditions: both spaces locked, everything checked. */
static kern_return_t
insert(struct ipc_space *target, mach_port_t name, struct ipc_port *port, unsigned disposition,
	struct ipc_chores *chores)
{
	unsigned kind = right_kind(disposition);
	kern_return_t result;

	result = right_copyout_name(target, port, kind, name, chores);
	if (result != KERN_SUCCESS)
		port_release_right(port, kind, chores);
	return result;
}

static kern_return_t
insert_locked(struct ipc_space *caller, struct ipc_space *target, mach_port_t name,
	mach_port_t right, unsigned disposition, struct ipc_chores *chores)
{
	struct ipc_entry *source;
	struct ipc_port *port;
	kern_return_t result;

	if (!target->alive)
		return KERN_INVALID_TASK;
	result = insert_source(caller, right, disposition, &source);
	if (result == KERN_SUCCESS)
		result = insert_possible(target, name, source->port, source, disposition);
	if (result != KERN_SUCCESS)
		return result;
	source = names_lookup(&caller->names, right); /* its table may have grown */
	result = pay_for(source->port, right_kind(disposition), target->task);
	if (result != KERN_SUCCESS)
		return result;
	right_copyin(caller, source, disposition, &port, chores);
	return insert(target, name, port, disposition, chores);
}

static kern_return_t
insert_constant(struct ipc_space *target, mach_port_t name, mach_port_t constant,
	unsigned disposition, struct ipc_chores *chores)
{
	struct ipc_port *port = NULL;
	kern_return_t result;

	if (disposition == MACH_MSG_TYPE_COPY_SEND || disposition == MACH_MSG_TYPE_MOVE_SEND)
		port = kobject_constant(constant);
	if (!ipc_port_valid(port))
		return KERN_INVALID_RIGHT;
	spin_lock(&target->lock);
	result = target->alive ? insert_possible(target, name, port, NULL, disposition)
			       : KERN_INVALID_TASK;
	if (result == KERN_SUCCESS)
		result = insert(target, name, port, disposition, chores);
	else
		port_release_right(port, MACH_MSG_TYPE_PORT_SEND, chores);
	spin_unlock(&target->lock);
	return result;
}

kern_return_t
trap_mach_port_insert_right(task_t task, mach_port_t name, mach_port_t right, uint32_t disposition)
{
	struct ipc_space *caller = current_task()->space;
	struct ipc_chores chores;
	struct task *target;
	kern_return_t result;

	if (!names_legal(name) || right_kind(disposition) == 0)
		return KERN_INVALID_VALUE;
	target = kobject_lookup_task(task);
	if (target == NULL)
		return KERN_INVALID_TASK;
	chores_init(&chores);
	if (kobject_constant_name(right)) {
		result = insert_constant(target->space, name, right, disposition, &chores);
	} else {
		spaces_lock(caller, target->space);
		result = insert_locked(caller, target->space, name, right, disposition, &chores);
		spaces_unlock(caller, target->space);
	}
	chores_do(&chores);
	task_drop(target);
	return result;
}

/* Conditions: both spaces locked. */
static kern_return_t
extract_locked(struct ipc_space *caller, struct ipc_space *target, mach_port_t name,
	unsigned disposition, mach_port_t *extracted, struct ipc_chores *chores)
{
	struct ipc_entry *entry = space_lookup(target, name), *own = NULL;
	unsigned kind = right_kind(disposition);
	struct ipc_port *port;
	kern_return_t result;

	if (entry == NULL)
		return KERN_INVALID_NAME;
	if ((entry->type & ENTRY_DEAD) != 0 || !right_copyin_possible(entry, disposition))
		return KERN_INVALID_RIGHT;
	if (kind != MACH_MSG_TYPE_PORT_SEND_ONCE)
		own = names_find(&caller->names, entry->port);
	if (own != NULL && own != entry && kind == MACH_MSG_TYPE_PORT_SEND &&
		own->urefs >= MACH_PORT_UREFS_MAX)
		return KERN_UREFS_OVERFLOW;
	if (own == NULL) {
		result = space_reserve(caller);
		if (result != KERN_SUCCESS)
			return result;
		entry = names_lookup(&target->names, name);
	}
	result = pay_for(entry->port, kind, caller->task);
	if (result != KERN_SUCCESS)
		return result;
	right_copyin(target, entry, disposition, &port, chores);
	result = right_copyout(caller, port, kind, extracted, chores);
	if (result != KERN_SUCCESS)
		port_release_right(port, kind, chores);
	return result;
}

static kern_return_t
extract_constant(mach_port_t name, unsigned disposition, mach_port_t *extracted)
{
	struct ipc_port *port = NULL;

	if (disposition == MACH_MSG_TYPE_COPY_SEND || disposition == MACH_MSG_TYPE_MOVE_SEND)
		port = kobject_constant(name);
	if (!ipc_port_valid(port))
		return KERN_INVALID_RIGHT;
	return space_copyout(current_task()->space, port, MACH_MSG_TYPE_PORT_SEND, extracted);
}

static kern_return_t
extract(task_t task, mach_port_t name, unsigned disposition, mach_port_t *extracted)
{
	struct ipc_space *caller = current_task()->space;
	struct ipc_chores chores;
	struct task *target = kobject_lookup_task(task);
	kern_return_t result;

	if (target == NULL)
		return KERN_INVALID_TASK;
	/* A constant stands for what the caller is: whoever looks into another task by a name that came from there must not give that away. */
	if (kobject_constant_name(name) && target->space == caller) {
		result = extract_constant(name, disposition, extracted);
	} else {
		chores_init(&chores);
		spaces_lock(caller, target->space);
		result = extract_locked(caller, target->space, name, disposition, extracted, &chores);
		spaces_unlock(caller, target->space);
		chores_do(&chores);
	}
	task_drop(target);
	return result;
}

kern_return_t
trap_mach_port_extract_right(task_t task, mach_port_t name, uint32_t disposition,
	mach_port_t *right, uint32_t *right_type)
{
	mach_port_t extracted = MACH_PORT_NULL;
	uint32_t kind = right_kind(disposition);
	kern_return_t result;

	if (kind == 0)
		return KERN_INVALID_VALUE;
	/* A right whose name cannot be told would be lost. */
	if (!put_user(right, &extracted, sizeof extracted) ||
		!put_user(right_type, &kind, sizeof kind))
		return KERN_INVALID_ADDRESS;
	result = extract(task, name, disposition, &extracted);
	if (result == KERN_SUCCESS)
		put_user(right, &extracted, sizeof extracted);
	return result;
}
