/*
 * The mach_port_* traps that only look (MACH.md section 2, the table).
 */
#include "arch/usercopy.h"
#include "ipc/kobject.h"
#include "ipc/pset.h"
#include "ipc/right.h"
#include "task/task.h"
#include "trap/handlers.h"

#define NAMES_AT_ONCE 64u /* copied under one hold of the space's lock */

/* The type bits of an entry that is up to date. */
static mach_port_type_t
entry_type(const struct ipc_entry *entry)
{
	return ((mach_port_type_t)entry->type << 16) |
	       (entry->request != NULL ? MACH_PORT_TYPE_DNREQUEST : 0);
}

/* Returns MACH_PORT_TYPE_NONE: no such name. */
static mach_port_type_t
name_type(struct ipc_space *space, mach_port_t name)
{
	mach_port_type_t type = MACH_PORT_TYPE_NONE;
	struct ipc_entry *entry;

	if (name == MACH_PORT_TASK_SELF || name == MACH_PORT_HOST_SELF)
		return MACH_PORT_TYPE_SEND;
	spin_lock(&space->lock);
	entry = space_lookup(space, name);
	if (entry != NULL)
		type = entry_type(entry);
	spin_unlock(&space->lock);
	return type;
}

kern_return_t
trap_mach_port_type(task_t task, mach_port_t name, mach_port_type_t *type)
{
	struct task *target = kobject_lookup_task(task);
	mach_port_type_t found;

	if (target == NULL)
		return KERN_INVALID_TASK;
	found = name_type(target->space, name);
	task_drop(target);
	if (found == MACH_PORT_TYPE_NONE)
		return KERN_INVALID_NAME;
	return copyout((uint64_t)(uintptr_t)type, &found, sizeof found) ? KERN_SUCCESS
									: KERN_INVALID_ADDRESS;
}

/* Some names from *index on, which moves along. Returns how many; 0 at the end. */
static uint32_t
some_names(struct ipc_space *space, uint32_t *index, mach_port_t *names, mach_port_type_t *types)
{
	uint32_t count = 0;

	spin_lock(&space->lock);
	for (; *index < space->names.size && count < NAMES_AT_ONCE; ++*index) {
		struct ipc_entry *entry = &space->names.entries[*index];

		if (entry->type == 0)
			continue;
		space_refresh(space, entry);
		names[count] = names_name(&space->names, entry);
		types[count++] = entry_type(entry);
	}
	spin_unlock(&space->lock);
	return count;
}

/*
 * Fills the user's arrays up to `room` elements. Returns the number of names there are, or -1:
 * cannot be written.
 */
static int64_t
list_names(struct ipc_space *space, mach_port_t *names, mach_port_type_t *types, uint32_t room)
{
	mach_port_type_t some_types[NAMES_AT_ONCE];
	mach_port_t some[NAMES_AT_ONCE];
	uint32_t index = 1, count, fit, total = 0;

	while ((count = some_names(space, &index, some, some_types)) != 0) {
		fit = total >= room ? 0 : room - total < count ? room - total : count;
		if (fit != 0 &&
			(!copyout((uint64_t)(uintptr_t)(names + total), some, fit * sizeof *some) ||
				!copyout((uint64_t)(uintptr_t)(types + total), some_types,
					fit * sizeof *some_types)))
			return -1;
		total += count;
	}
	return total;
}

/*
 * *count: elements of the arrays; on return how many names there are. NO_SPACE: not all of them
 * fitted.
 */
kern_return_t
trap_mach_port_names(task_t task, mach_port_t *names, mach_port_type_t *types, uint32_t *count)
{
	struct task *target;
	uint32_t room, total;
	int64_t found;

	if (!copyin(&room, (uint64_t)(uintptr_t)count, sizeof room))
		return KERN_INVALID_ADDRESS;
	target = kobject_lookup_task(task);
	if (target == NULL)
		return KERN_INVALID_TASK;
	found = list_names(target->space, names, types, room);
	task_drop(target);
	total = (uint32_t)found;
	if (found < 0 || !copyout((uint64_t)(uintptr_t)count, &total, sizeof total))
		return KERN_INVALID_ADDRESS;
	return total <= room ? KERN_SUCCESS : KERN_NO_SPACE;
}

static void
port_status(struct ipc_port *port, struct mach_port_status *status)
{
	port_lock(port);
	*status = (struct mach_port_status){
		.mps_pset = port->set != NULL ? port->set->name : MACH_PORT_NULL,
		.mps_seqno = port->seqno,
		.mps_mscount = port->make_send_count,
		.mps_qlimit = port->queue_limit,
		.mps_msgcount = port->message_count,
		.mps_sorights = port->send_once_rights,
		.mps_srights = port->send_rights != 0,
		.mps_pdrequest = port->port_destroyed != NULL,
		.mps_nsrequest = port->no_senders != NULL,
	};
	port_unlock(port);
}

static kern_return_t
receive_status(struct ipc_space *space, mach_port_t name, struct mach_port_status *status)
{
	kern_return_t result = KERN_SUCCESS;
	struct ipc_entry *entry;

	spin_lock(&space->lock);
	entry = space_lookup(space, name);
	if (entry == NULL)
		result = KERN_INVALID_NAME;
	else if ((entry->type & ENTRY_RECEIVE) == 0)
		result = KERN_INVALID_RIGHT;
	else
		port_status(entry->port, status);
	spin_unlock(&space->lock);
	return result;
}

kern_return_t
trap_mach_port_get_receive_status(task_t task, mach_port_t name, struct mach_port_status *status)
{
	struct task *target = kobject_lookup_task(task);
	struct mach_port_status found;
	kern_return_t result;

	if (target == NULL)
		return KERN_INVALID_TASK;
	result = receive_status(target->space, name, &found);
	task_drop(target);
	if (result != KERN_SUCCESS)
		return result;
	return copyout((uint64_t)(uintptr_t)status, &found, sizeof found) ? KERN_SUCCESS
									  : KERN_INVALID_ADDRESS;
}
