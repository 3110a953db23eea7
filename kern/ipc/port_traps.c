/*
 * The mach_port_* traps (MACH.md section 2, the table).
 *
 * Each looks up the task (the caller or another through its task port), works on that task's space
 * under its lock, and lets the consequences (chores) run when the lock is free. A call that moves
 * rights between two tasks locks both spaces, in address order, so that it can check everything
 * before it changes anything.
 */
#include "arch/usercopy.h"
#include "init/panic.h"
#include "ipc/kobject.h"
#include "ipc/mqueue.h"
#include "ipc/notify.h"
#include "ipc/pset.h"
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

static bool
constant_name(mach_port_t name)
{
	return name == MACH_PORT_TASK_SELF || name == MACH_PORT_HOST_SELF;
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
	if (constant_name(name))
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
	if (constant_name(name))
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
	if (constant_name(name))
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
	if (entry == NULL && !constant_name(name))
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

/* --- rights between tasks --- */

/* Two spaces, or one twice, locked together. */
static void
spaces_lock(struct ipc_space *one, struct ipc_space *other)
{
	if (one == other) {
		spin_lock(&one->lock);
		return;
	}
	spin_lock(one < other ? &one->lock : &other->lock);
	spin_lock_second(one < other ? &other->lock : &one->lock);
}

static void
spaces_unlock(struct ipc_space *one, struct ipc_space *other)
{
	if (one != other)
		spin_unlock(&other->lock);
	spin_unlock(&one->lock);
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
	if (constant_name(right)) {
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
	struct task *target;
	kern_return_t result;

	if (constant_name(name))
		return extract_constant(name, disposition, extracted);
	target = kobject_lookup_task(task);
	if (target == NULL)
		return KERN_INVALID_TASK;
	chores_init(&chores);
	spaces_lock(caller, target->space);
	result = extract_locked(caller, target->space, name, disposition, extracted, &chores);
	spaces_unlock(caller, target->space);
	chores_do(&chores);
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

/* --- ports: limits, sets, notifications --- */

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
