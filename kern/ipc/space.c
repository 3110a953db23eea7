/*
 * Port name spaces: creation, growth, end (space.h).
 */
#include "ipc/space.h"

#include "init/panic.h"
#include "ipc/kobject.h"
#include "ipc/pset.h"
#include "ipc/right.h"
#include "mm/kalloc.h"
#include "sched/sched.h"
#include "task/task.h"

struct ipc_space *
space_create(struct task *task)
{
	struct ipc_space *space;

	if (!task_charge(task, TASK_KERNEL_MEMORY, names_bytes(NAMES_SIZE_FIRST)))
		return NULL;
	space = kalloc(sizeof *space, KALLOC_SPACE);
	if (space == NULL || !names_init(&space->names, NAMES_SIZE_FIRST)) {
		kfree(space);
		task_uncharge(task, TASK_KERNEL_MEMORY, names_bytes(NAMES_SIZE_FIRST));
		return NULL;
	}
	spin_init(&space->lock, "space", RANK_SPACE);
	refcount_set(&space->refs, 1);
	space->alive = true;
	space->task = task;
	return space;
}

void
space_drop(struct ipc_space *space)
{
	if (!refcount_drop(&space->refs))
		return;
	debug_assert(!space->alive);
	kfree(space);
}

unsigned
space_name_count(struct ipc_space *space)
{
	return space->names.used;
}

void
spaces_lock(struct ipc_space *one, struct ipc_space *other)
{
	if (one == other) {
		spin_lock(&one->lock);
		return;
	}
	spin_lock(one < other ? &one->lock : &other->lock);
	spin_lock_second(one < other ? &other->lock : &one->lock);
}

void
spaces_unlock(struct ipc_space *one, struct ipc_space *other)
{
	if (one != other)
		spin_unlock(&other->lock);
	spin_unlock(&one->lock);
}

/*
 * A right to a port that has died turns into a dead name; a request on it has fired and left a
 * reference.
 */
static void
bury(struct ipc_space *space, struct ipc_entry *entry)
{
	struct ipc_port *port = entry->port;

	port_lock(port);
	if (entry->type & ENTRY_SEND) {
		names_unhash(&space->names, entry);
		port->send_rights--;
	} else {
		port->send_once_rights--;
	}
	port_unlock(port);
	entry->port = NULL;
	entry->type = ENTRY_DEAD;
	if (entry->request != NULL) {
		if (entry->urefs < MACH_PORT_UREFS_MAX)
			entry->urefs++;
		kfree(entry->request);
		entry->request = NULL;
	}
}

void
space_refresh(struct ipc_space *space, struct ipc_entry *entry)
{
	if ((entry->type == ENTRY_SEND || entry->type == ENTRY_SEND_ONCE) &&
		!port_lives(entry->port))
		bury(space, entry);
}

struct ipc_entry *
space_lookup(struct ipc_space *space, mach_port_t name)
{
	struct ipc_entry *entry = names_lookup(&space->names, name);

	if (entry != NULL)
		space_refresh(space, entry);
	return entry;
}

static kern_return_t
grow(struct ipc_space *space, uint32_t index)
{
	size_t before = names_bytes(space->names.size), extra;

	if (index >= NAMES_SIZE_MAX)
		return KERN_RESOURCE_SHORTAGE;
	for (extra = before; before + extra <= names_bytes(index); extra += before + extra)
		continue;
	if (!task_charge(space->task, TASK_KERNEL_MEMORY, extra))
		return KERN_RESOURCE_SHORTAGE;
	if (!names_grow(&space->names, index)) {
		task_uncharge(space->task, TASK_KERNEL_MEMORY, extra);
		return KERN_RESOURCE_SHORTAGE;
	}
	debug_assert(names_bytes(space->names.size) == before + extra);
	return KERN_SUCCESS;
}

/* Whether the task may have one more name. */
static kern_return_t
may_have_another(const struct ipc_space *space)
{
	if (!space->alive)
		return KERN_INVALID_TASK;
	return space->names.used < space->task->limit[TASK_NAMES] ? KERN_SUCCESS : KERN_NO_SPACE;
}

kern_return_t
space_reserve(struct ipc_space *space)
{
	kern_return_t result = may_have_another(space);

	if (result != KERN_SUCCESS || names_room(&space->names))
		return result;
	return grow(space, 0);
}

kern_return_t
space_reserve_name(struct ipc_space *space, mach_port_t name)
{
	kern_return_t result = may_have_another(space);

	if (result != KERN_SUCCESS)
		return result;
	if (!names_slot_free(&space->names, name))
		return KERN_NAME_EXISTS;
	return MACH_PORT_INDEX(name) < space->names.size ? KERN_SUCCESS
							 : grow(space, MACH_PORT_INDEX(name));
}

/* Releases one name of a dying space. Returns false: there was none at that index. */
static bool
terminate_entry(struct ipc_space *space, uint32_t index)
{
	struct ipc_chores chores;
	struct ipc_entry *entry;
	bool used;

	chores_init(&chores);
	spin_lock(&space->lock);
	entry = &space->names.entries[index];
	used = entry->type != 0;
	if (used) {
		space_refresh(space, entry);
		right_destroy(space, entry, &chores);
	}
	spin_unlock(&space->lock);
	chores_do(&chores);
	return used;
}

void
space_terminate(struct ipc_space *space)
{
	uint32_t index, size;
	bool first;

	spin_lock(&space->lock);
	first = space->alive;
	space->alive = false;
	size = space->names.size;
	spin_unlock(&space->lock);
	if (!first)
		return;
	for (index = 1; index < size; index++)
		if (terminate_entry(space, index))
			cpu_preempt_point();
	spin_lock(&space->lock);
	names_destroy(&space->names);
	spin_unlock(&space->lock);
	task_uncharge(space->task, TASK_KERNEL_MEMORY, names_bytes(size));
}

/* --- the monitor --- */

static void
print_port(struct ipc_port *port, void (*print)(const char *, ...))
{
	print(" port %p", (void *)port);
	if (!port->alive) {
		print(" dead");
		return;
	}
	if (port->kobject != KOBJECT_NONE)
		print(" %s %p", kobject_type_name(port->kobject), port->object);
	else
		print(" queue %u/%u seqno %u send %u once %u", port->message_count,
			port->queue_limit, port->seqno, port->send_rights, port->send_once_rights);
	if (port->receiver != NULL)
		print(" receiver %s.%x", port->receiver->task->name, port->name);
}

static void
print_entry(struct ipc_space *space, struct ipc_entry *entry, void (*print)(const char *, ...))
{
	print("%8x %c%c%c%c%c refs %u", names_name(&space->names, entry),
		entry->type & ENTRY_RECEIVE ? 'R' : '-', entry->type & ENTRY_SEND ? 'S' : '-',
		entry->type & ENTRY_SEND_ONCE ? 'O' : '-', entry->type & ENTRY_SET ? 'P' : '-',
		entry->type & ENTRY_DEAD ? 'D' : '-', entry->urefs);
	if (entry->type & ENTRY_PORT_RIGHTS)
		print_port(entry->port, print);
	else if (entry->type & ENTRY_SET)
		print(" set %p%s", (void *)entry->set,
			waitq_empty(&entry->set->receivers) ? "" : " receiver waits");
	print("%s\n", entry->request != NULL ? " dead-name request" : "");
}

void
space_print(struct ipc_space *space, void (*print)(const char *format, ...))
{
	uint32_t index;

	if (!panic_active)
		spin_lock(&space->lock);
	print("%u names, table of %u\n", space->names.used, space->names.size);
	for (index = 1; index < space->names.size; index++)
		if (space->names.entries[index].type != 0)
			print_entry(space, &space->names.entries[index], print);
	if (!panic_active)
		spin_unlock(&space->lock);
}
