/*
 * TASK_INHERIT_RIGHTS, what fork needs (MACH.md: task_create): the child's table has the same slots
 * as the parent's. Pure send rights and dead names are copied with their references under the same
 * names. Whatever cannot be shared (receive rights, sets, send-once rights) becomes a free slot
 * with the next generation, so that the child's stale uses of the name are noticed.
 */
#include "init/panic.h"
#include "ipc/right.h"
#include "ipc/space.h"
#include "task/task.h"

static bool
inherited(const struct ipc_entry *entry)
{
	return entry->type == ENTRY_SEND || entry->type == ENTRY_DEAD;
}

/* How many names the child will have. Brings the parent's entries up to date. */
static uint32_t
count_inherited(struct ipc_space *parent)
{
	struct name_table *names = &parent->names;
	uint32_t index, count = 0;

	for (index = 1; index < names->size; index++) {
		space_refresh(parent, &names->entries[index]);
		count += inherited(&names->entries[index]);
	}
	return count;
}

static void
inherit_entry(struct ipc_space *child, const struct ipc_entry *from, uint32_t index)
{
	struct ipc_entry *entry = &child->names.entries[index];

	if (!inherited(from)) {
		entry->generation =
			from->type == 0 ? from->generation : (uint8_t)(from->generation + 1);
		return;
	}
	entry->generation = from->generation;
	entry->type = from->type;
	entry->urefs = from->urefs;
	entry->next = 0;
	if (from->type == ENTRY_DEAD)
		return;
	entry->port = from->port;
	port_lock(entry->port);
	entry->port->send_rights++;
	port_unlock(entry->port);
	names_hash(&child->names, entry);
}

static void
inherit_entries(struct ipc_space *child, struct ipc_space *parent)
{
	uint32_t index;

	for (index = 1; index < parent->names.size; index++)
		inherit_entry(child, &parent->names.entries[index], index);
	names_relink(&child->names);
}

static kern_return_t
make_room(struct ipc_space *child, struct ipc_space *parent)
{
	uint32_t last = parent->names.size - 1;

	if (count_inherited(parent) > child->task->limit[TASK_NAMES])
		return KERN_NO_SPACE;
	return last < child->names.size ? KERN_SUCCESS
					: space_reserve_name(child, MACH_PORT_MAKE(last, 0));
}

/*
 * The child is not visible to anybody yet, so its lock, of the same rank as the parent's, is free.
 */
kern_return_t
space_inherit(struct ipc_space *child, struct ipc_space *parent)
{
	kern_return_t result;

	spin_lock(&parent->lock);
	spin_lock_second(&child->lock);
	debug_assert(child->names.used == 0);
	result = parent->alive ? make_room(child, parent) : KERN_INVALID_TASK;
	if (result == KERN_SUCCESS)
		inherit_entries(child, parent);
	spin_unlock(&child->lock);
	spin_unlock(&parent->lock);
	return result;
}
