/*
 * The mach_port_* traps that change the names of one task (MACH.md section 2, the table).
 *
 * Each looks up the task (the caller or another through its task port), works on that task's space
 * under its lock, and lets the consequences (chores) run when the lock is free.
 */
#include "arch/usercopy.h"
#include "ipc/kobject.h"
#include "ipc/mqueue.h"
#include "ipc/pset.h"
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

/* --- one task, one name --- */

/* A call in progress on one space. */
struct call {
	struct task *task;
	struct ipc_space *space;
	struct ipc_chores chores;
};

/* Finds the task and locks its space. Returns INVALID_TASK: nothing to undo. */
static kern_return_t
call_begin(struct call *call, mach_port_t task)
{
	call->task = kobject_lookup_task(task);
	if (call->task == NULL)
		return KERN_INVALID_TASK;
	call->space = call->task->space;
	chores_init(&call->chores);
	spin_lock(&call->space->lock);
	if (call->space->alive)
		return KERN_SUCCESS;
	spin_unlock(&call->space->lock);
	task_drop(call->task);
	return KERN_INVALID_TASK;
}

static kern_return_t
call_end(struct call *call, kern_return_t result)
{
	spin_unlock(&call->space->lock);
	chores_do(&call->chores);
	task_drop(call->task);
	return result;
}

/* --- making names --- */

static kern_return_t
fill_entry(struct ipc_space *space, struct ipc_entry *entry, mach_port_right_t right, void *made)
{
	mach_port_t name = names_name(&space->names, entry);
	struct ipc_port *port = made;
	struct ipc_set *set = made;

	if (right == MACH_PORT_RIGHT_RECEIVE) {
		entry->port = port;
		entry->type = ENTRY_RECEIVE;
		port->receiver = space;
		port->name = name;
		names_hash(&space->names, entry);
	} else if (right == MACH_PORT_RIGHT_PORT_SET) {
		entry->set = set;
		entry->type = ENTRY_SET;
		set->name = name;
	} else {
		entry->type = ENTRY_DEAD;
		entry->urefs = 1;
	}
	return KERN_SUCCESS;
}

/* Takes the name (NULL: any) for a new right of the kind. Conditions: space locked. */
static kern_return_t
allocate(struct ipc_space *space, mach_port_right_t right, mach_port_t *name)
{
	kern_return_t result =
		*name != MACH_PORT_NULL ? space_reserve_name(space, *name) : space_reserve(space);
	struct ipc_entry *entry;
	void *made = NULL;

	if (result != KERN_SUCCESS)
		return result;
	if (right == MACH_PORT_RIGHT_RECEIVE)
		made = port_create(space->task);
	else if (right == MACH_PORT_RIGHT_PORT_SET)
		made = set_create();
	if (made == NULL && right != MACH_PORT_RIGHT_DEAD_NAME)
		return KERN_RESOURCE_SHORTAGE;
	entry = *name != MACH_PORT_NULL ? names_alloc_at(&space->names, *name, 0)
					: names_alloc(&space->names, 0);
	*name = names_name(&space->names, entry);
	return fill_entry(space, entry, right, made);
}

static kern_return_t
allocate_in(mach_port_t task, mach_port_right_t right, mach_port_t *name)
{
	struct call call;
	kern_return_t result;

	if (right != MACH_PORT_RIGHT_RECEIVE && right != MACH_PORT_RIGHT_PORT_SET &&
		right != MACH_PORT_RIGHT_DEAD_NAME)
		return KERN_INVALID_VALUE;
	result = call_begin(&call, task);
	if (result != KERN_SUCCESS)
		return result;
	return call_end(&call, allocate(call.space, right, name));
}

mach_port_t
trap_mach_reply_port(void)
{
	mach_port_t name = MACH_PORT_NULL;

	return allocate_in(MACH_PORT_TASK_SELF, MACH_PORT_RIGHT_RECEIVE, &name) == KERN_SUCCESS
		       ? name
		       : MACH_PORT_NULL;
}

kern_return_t
trap_mach_port_allocate(task_t task, mach_port_right_t right, mach_port_t *name)
{
	mach_port_t made = MACH_PORT_NULL;
	kern_return_t result;

	result = allocate_in(task, right, &made);
	if (result != KERN_SUCCESS || put_user(name, &made, sizeof made))
		return result;
	trap_mach_port_destroy(task, made);
	return KERN_INVALID_ADDRESS;
}

kern_return_t
trap_mach_port_allocate_name(task_t task, mach_port_right_t right, mach_port_t name)
{
	return names_legal(name) ? allocate_in(task, right, &name) : KERN_INVALID_VALUE;
}

/* --- user references --- */

kern_return_t
trap_mach_port_deallocate(task_t task, mach_port_t name)
{
	struct ipc_entry *entry;
	struct call call;
	kern_return_t result;

	result = call_begin(&call, task);
	if (result != KERN_SUCCESS)
		return result;
	if (kobject_constant_name(name))
		return call_end(&call, KERN_SUCCESS);
	entry = space_lookup(call.space, name);
	return call_end(&call, entry != NULL ? right_deallocate(call.space, entry, &call.chores)
					     : KERN_INVALID_NAME);
}

kern_return_t
trap_mach_port_destroy(task_t task, mach_port_t name)
{
	struct ipc_entry *entry;
	struct call call;
	kern_return_t result;

	result = call_begin(&call, task);
	if (result != KERN_SUCCESS)
		return result;
	if (kobject_constant_name(name))
		return call_end(&call, KERN_SUCCESS);
	entry = space_lookup(call.space, name);
	if (entry == NULL)
		return call_end(&call, KERN_INVALID_NAME);
	right_destroy(call.space, entry, &call.chores);
	return call_end(&call, KERN_SUCCESS);
}

kern_return_t
trap_mach_port_mod_refs(
	task_t task, mach_port_t name, mach_port_right_t right, mach_port_delta_t delta)
{
	struct ipc_entry *entry;
	struct call call;
	kern_return_t result;

	if (right > MACH_PORT_RIGHT_DEAD_NAME)
		return KERN_INVALID_VALUE;
	result = call_begin(&call, task);
	if (result != KERN_SUCCESS)
		return result;
	if (kobject_constant_name(name))
		return call_end(
			&call, right == MACH_PORT_RIGHT_SEND ? KERN_SUCCESS : KERN_INVALID_RIGHT);
	entry = space_lookup(call.space, name);
	return call_end(&call, entry != NULL
				       ? right_delta(call.space, entry, right, delta, &call.chores)
				       : KERN_INVALID_NAME);
}

kern_return_t
trap_mach_port_get_refs(
	task_t task, mach_port_t name, mach_port_right_t right, mach_port_urefs_t *refs)
{
	mach_port_urefs_t count = 1;
	struct ipc_entry *entry;
	struct call call;
	kern_return_t result;
	uint8_t type = ENTRY_SEND;

	if (right > MACH_PORT_RIGHT_DEAD_NAME)
		return KERN_INVALID_VALUE;
	result = call_begin(&call, task);
	if (result != KERN_SUCCESS)
		return result;
	entry = space_lookup(call.space, name);
	if (entry == NULL && !kobject_constant_name(name))
		return call_end(&call, KERN_INVALID_NAME);
	if (entry != NULL) {
		type = entry->type;
		count = right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME
				? entry->urefs
				: 1;
	}
	result = call_end(&call, type & (1u << right) ? KERN_SUCCESS : KERN_INVALID_RIGHT);
	if (result == KERN_SUCCESS && !put_user(refs, &count, sizeof count))
		return KERN_INVALID_ADDRESS;
	return result;
}

/* --- limits and sets --- */

kern_return_t
trap_mach_port_set_qlimit(task_t task, mach_port_t name, uint32_t qlimit)
{
	struct ipc_entry *entry;
	struct call call;
	kern_return_t result;

	if (qlimit < MACH_PORT_QLIMIT_MIN || qlimit > MACH_PORT_QLIMIT_MAX)
		return KERN_INVALID_VALUE;
	result = call_begin(&call, task);
	if (result != KERN_SUCCESS)
		return result;
	entry = space_lookup(call.space, name);
	if (entry == NULL)
		return call_end(&call, KERN_INVALID_NAME);
	if ((entry->type & ENTRY_RECEIVE) == 0)
		return call_end(&call, KERN_INVALID_RIGHT);
	port_lock(entry->port);
	mqueue_set_limit(entry->port, qlimit);
	port_unlock(entry->port);
	return call_end(&call, KERN_SUCCESS);
}

/* Conditions: space locked. */
static kern_return_t
move_member(struct ipc_port *port, struct ipc_set *set, struct ipc_chores *chores)
{
	kern_return_t result = KERN_SUCCESS;

	port_lock(port);
	if (set == NULL && port->set == NULL) {
		result = KERN_NOT_IN_SET;
	} else if (port->set != set) {
		set_leave(port);
		if (set != NULL)
			set_join(set, port, chores);
	}
	port_unlock(port);
	return result;
}

kern_return_t
trap_mach_port_move_member(task_t task, mach_port_t member, mach_port_t set_name)
{
	struct ipc_entry *entry, *set = NULL;
	struct call call;
	kern_return_t result;

	result = call_begin(&call, task);
	if (result != KERN_SUCCESS)
		return result;
	entry = space_lookup(call.space, member);
	if (set_name != MACH_PORT_NULL)
		set = space_lookup(call.space, set_name);
	if (entry == NULL || (set_name != MACH_PORT_NULL && set == NULL))
		return call_end(&call, KERN_INVALID_NAME);
	if ((entry->type & ENTRY_RECEIVE) == 0 || (set != NULL && (set->type & ENTRY_SET) == 0))
		return call_end(&call, KERN_INVALID_RIGHT);
	return call_end(
		&call, move_member(entry->port, set != NULL ? set->set : NULL, &call.chores));
}
