/*
 * Tasks: creation, holding, death, limits.
 */
#include "task/task.h"

#include "arch/pmap.h"
#include "arch/smp.h"
#include "init/panic.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "sync/jitter.h"
#include "task/thread.h"
#include "vm/vm.h"

struct spinlock task_list_lock = SPINLOCK_INIT("task list", RANK_TASK_LIST);
struct list task_list = LIST_INIT(task_list);

static struct task kernel_task_storage;
struct task *kernel_task = &kernel_task_storage;
static uint32_t next_task_id = 1;
static unsigned task_count;		/* in the list; task_list_lock */
static unsigned dying;			/* tasks told to end and not freed yet */

static const uint64_t default_limit[TASK_RESOURCES] = {
	[TASK_NAMES] = 65536,
	[TASK_THREADS] = 1024,
	[TASK_KERNEL_MEMORY] = 32ull << 20,
	[TASK_MEMORY] = UINT64_MAX,
	[TASK_WIRED] = 16ull << 20,
	[TASK_TASKS] = 256,
};

/* --- limits --- */

bool
task_charge(struct task *task, enum task_resource resource, uint64_t amount)
{
	uint64_t used = __atomic_add_fetch(&task->used[resource], amount, __ATOMIC_RELAXED);

	if (used <= task->limit[resource])
		return true;
	__atomic_sub_fetch(&task->used[resource], amount, __ATOMIC_RELAXED);
	return false;
}

void
task_uncharge(struct task *task, enum task_resource resource, uint64_t amount)
{
	__atomic_sub_fetch(&task->used[resource], amount, __ATOMIC_RELAXED);
}

/*
 * All ordinary tasks together: generations of children that each stay below their own limit must not use up the machine either. The last are
 * for system tasks.
 */
#define ORDINARY_TASKS_MAX	512u
#define TASKS_MAX		640u

/* --- holding --- */

static bool
any_may_run_user(struct task *task)
{
	struct thread *thread;
	bool any = false;

	spin_lock(&task->lock);
	list_for_each(thread, &task->threads, task_link)
		if (thread_may_run_user(thread)) {
			thread_stop_request(thread);
			any = true;
		}
	spin_unlock(&task->lock);
	return any;
}

/* One more reason in *count. */
static void
hold(struct task *task, uint32_t *count)
{
	struct thread *thread;

	spin_lock(&task->lock);
	++*count;
	list_for_each(thread, &task->threads, task_link) {
		jitter_delay();
		thread_stop_request(thread);
	}
	spin_unlock(&task->lock);
	thread_set_holding(true);
	while (task_held(task) && any_may_run_user(task)) {
		cpu_spin_poll();
		cpu_preempt_point();
	}
	thread_set_holding(false);
}

/* One reason less. Returns false: there was none. */
static bool
release(struct task *task, uint32_t *count)
{
	struct thread *thread;
	bool held;

	spin_lock(&task->lock);
	held = *count > 0;
	if (held)
		--*count;
	if (held && !task_held(task))
		list_for_each(thread, &task->threads, task_link)
			thread_wake_parked(thread);
	spin_unlock(&task->lock);
	return held;
}

void
task_hold(struct task *task)
{
	hold(task, &task->suspend_count);
}

bool
task_release(struct task *task)
{
	return release(task, &task->suspend_count);
}

/* --- creation --- */

static void
task_setup(struct task *task)
{
	refcount_set(&task->refs, 1);
	spin_init(&task->lock, "task", RANK_TASK);
	list_init(&task->threads);
	waitq_init(&task->gone_waiters);
	task->alive = true;
}

void
task_init(void)
{
	struct task *task = kernel_task;

	task_setup(task);
	task->system = true;
	task->quantum = SCHED_QUANTUM_NS;
	strlcpy(task->name, "kernel", sizeof(task->name));
	for (unsigned i = 0; i < TASK_RESOURCES; i++)
		task->limit[i] = UINT64_MAX;
	list_append(&task_list, &task->link);
	task->listed = true;
}

static void
inherit_special_ports(struct task *task, struct task *parent)
{
	for (unsigned i = TASK_KERNEL_PORT + 1; i < TASK_SPECIAL_PORTS; i++) {
		spin_lock(&parent->lock);
		task->special[i] = port_copy_send(parent->special[i]);
		spin_unlock(&parent->lock);
	}
}

static void
inherit_properties(struct task *task, struct task *parent)
{
	memcpy(task->limit, parent == kernel_task ? default_limit : parent->limit, sizeof(task->limit));
	task->quantum = parent->quantum;
	task->max_priority = parent == kernel_task ? MACH_PRIORITY_USER : parent->max_priority;
	task->trailer = (mach_msg_trailer_t){ .msgh_trailer_size = sizeof(task->trailer), .msgh_sender = parent->trailer.msgh_sender };
	task->may_print = task->system = parent->trailer.msgh_sender.label <= FIRST_TASK_LABEL;
	strlcpy(task->name, parent->name, sizeof(task->name));
}

/* Gives back what a task that never came to life holds. */
static struct task *
creation_failed(struct task *task, struct task *parent)
{
	task_uncharge(parent, TASK_TASKS, 1);
	for (unsigned i = 0; i < TASK_SPECIAL_PORTS; i++)
		port_release_send(task->special[i]);
	if (task->self_port != NULL)
		kobject_port_destroy(task->self_port);
	if (task->space != NULL)
		space_terminate(task->space);
	if (task->map != NULL)
		vm_map_terminate(task->map);
	task_drop(task);
	return NULL;
}

/* Puts a new task on the list; its parent goes on paying for it. Returns false: there are too many, or the parent is gone. */
static bool
enter_list(struct task *task, struct task *parent)
{
	bool room;

	spin_lock(&task_list_lock);
	room = parent->listed && task_count < (task->system ? TASKS_MAX : ORDINARY_TASKS_MAX);
	if (room) {
		task_count++;
		task->id = next_task_id++;	/* here, so that the list is in the order of ids */
		list_append(&task_list, &task->link);
		task->listed = true;
		task->creator = parent;
	}
	spin_unlock(&task_list_lock);
	return room;
}

/*
 * Whether a child is part of who made it: no server has given it a token of its own, so none knows of it, and nobody could end it. Tasks
 * of the system have one token in common.
 */
static bool
is_part_of(const struct task *child, const struct task *task)
{
	uint64_t label = task->trailer.msgh_sender.label;

	return child->creator == task && label > FIRST_TASK_LABEL && child->trailer.msgh_sender.label == label;
}

/* Conditions: list locked. */
static void
hand_over_parts(struct task *from, struct task *to)
{
	struct task *child;

	list_for_each(child, &task_list, link)
		if (is_part_of(child, from)) {
			child->creator = to;
			__atomic_add_fetch(&to->used[TASK_TASKS], 1, __ATOMIC_RELAXED);
		}
}

/* Takes a task off the list: nobody pays for it, and it makes no more. What is part of it goes to the task that it is part of. */
static void
leave_list(struct task *task)
{
	struct task *creator;

	spin_lock(&task_list_lock);
	list_remove(&task->link);
	task->listed = false;
	task_count--;
	creator = task->creator;
	if (creator != NULL && is_part_of(task, creator))
		hand_over_parts(task, creator);		/* first: who pays for one looks for it (end_parts) */
	if (creator != NULL)
		task_uncharge(creator, TASK_TASKS, 1);
	task->creator = NULL;
	spin_unlock(&task_list_lock);
}

/*
 * One that is part of a task that has left the list, with a reference; what is part of it becomes part of the task, so that a chain of them
 * is no recursion. Returns NULL: no more; those that are left are nobody's.
 */
static struct task *
take_part(struct task *task)
{
	struct task *child, *part = NULL;

	spin_lock(&task_list_lock);
	list_for_each(child, &task_list, link)
		if (is_part_of(child, task)) {
			part = child;
			task_take(part);
			part->creator = NULL;
			break;
		}
	if (part != NULL)
		hand_over_parts(part, task);
	else
		list_for_each(child, &task_list, link)
			if (child->creator == task)
				child->creator = NULL;
	spin_unlock(&task_list_lock);
	return part;
}

/* Memory and names, in one step: the parent's threads run no user code in the middle of it. */
static bool
inherit_contents(struct task *task, struct task *parent, unsigned flags)
{
	bool ok;

	if (flags != 0)
		hold(parent, &parent->forks);
	task->map = (flags & TASK_INHERIT_MEMORY) != 0 ? vm_map_fork(parent->map, task) : vm_map_create(task);
	ok = task->map != NULL &&
	    ((flags & TASK_INHERIT_RIGHTS) == 0 || space_inherit(task->space, parent->space) == KERN_SUCCESS);
	if (flags != 0)
		release(parent, &parent->forks);
	return ok;
}

struct task *
task_create(struct task *parent, unsigned flags)
{
	struct task *task;

	if (!task_charge(parent, TASK_TASKS, 1))
		return NULL;
	task = kalloc(sizeof(*task), KALLOC_TASK);
	if (task == NULL) {
		task_uncharge(parent, TASK_TASKS, 1);
		return NULL;
	}
	task_setup(task);
	list_node_init(&task->link);
	inherit_properties(task, parent);
	task->self_port = kobject_port_create(KOBJECT_TASK, task);
	if (task->self_port == NULL)
		return creation_failed(task, parent);
	port_take(task->self_port);
	task->space = space_create(task);
	if (task->space == NULL)
		return creation_failed(task, parent);
	if (!inherit_contents(task, parent, flags))
		return creation_failed(task, parent);
	task->pmap = vm_map_pmap(task->map);
	inherit_special_ports(task, parent);
	task_take(task);			/* its own life; the first is the caller's */
	if (!enter_list(task, parent)) {
		task_drop(task);
		return creation_failed(task, parent);
	}
	return task;
}

static void
task_free(struct task *task)
{
	assert(task != kernel_task);
	if (task->self_port != NULL)
		port_drop(task->self_port);
	if (task->space != NULL)
		space_drop(task->space);
	if (task->map != NULL)
		vm_map_drop(task->map);
	if (!task->alive)
		__atomic_sub_fetch(&dying, 1, __ATOMIC_RELAXED);
	kfree(task);
}

unsigned
task_dying_count(void)
{
	return __atomic_load_n(&dying, __ATOMIC_RELAXED);
}

void
task_drop(struct task *task)
{
	if (refcount_drop(&task->refs))
		task_free(task);
}

/* --- threads come and go --- */

uint64_t
task_fast_messages(const struct task *task)
{
	uint64_t sum = task->fast_messages;
	const struct thread *thread;

	list_for_each(thread, &task->threads, task_link)
		sum += thread->fast.messages;
	return sum;
}

bool
task_thread_join(struct task *task, struct thread *thread)
{
	bool alive;

	spin_lock(&task->lock);
	alive = task->alive;
	if (alive) {
		list_append(&task->threads, &thread->task_link);
		task->thread_count++;
	}
	spin_unlock(&task->lock);
	return alive;
}

static void
end_parts(struct task *task)
{
	struct task *part;

	while (task->used[TASK_TASKS] > 0 && (part = take_part(task)) != NULL) {
		task_terminate_async(part);
		task_drop(part);
	}
}

/*
 * The death of a task, by its last thread (or by who terminated a task without threads). The order is MACH.md's; the task port dies last.
 */
static void
task_cleanup(struct task *task)
{
	struct ipc_port *special[TASK_SPECIAL_PORTS];

	spin_lock(&task->lock);
	memcpy(special, task->special, sizeof(special));
	memset(task->special, 0, sizeof(task->special));
	spin_unlock(&task->lock);
	for (unsigned i = 0; i < TASK_SPECIAL_PORTS; i++)
		port_release_send(special[i]);
	space_terminate(task->space);
	vm_map_terminate(task->map);
	leave_list(task);
	end_parts(task);
	kobject_port_destroy(task->self_port);
	spin_lock(&task->lock);
	task->gone = true;
	waitq_wake_all(&task->gone_waiters);
	spin_unlock(&task->lock);
	task_drop(task);
}

void
task_thread_leave(struct task *task, struct thread *thread)
{
	bool last;

	spin_lock(&task->lock);
	list_remove(&thread->task_link);
	task->dead_user_time += thread_user_time(thread);
	task->dead_system_time += thread->system_time;
	task->fast_messages += thread->fast.messages;
	last = --task->thread_count == 0 && !task->alive;
	spin_unlock(&task->lock);
	if (last)
		task_cleanup(task);
}

/* Conditions: locked. */
static void
end_threads(struct task *task)
{
	struct thread *thread;

	if (task->alive)
		__atomic_add_fetch(&dying, 1, __ATOMIC_RELAXED);
	task->alive = false;
	list_for_each(thread, &task->threads, task_link)
		thread_terminate_async(thread);
}

void
task_terminate_async(struct task *task)
{
	bool cleanup;

	assert(task != kernel_task);
	spin_lock(&task->lock);
	cleanup = task->alive && task->thread_count == 0;
	end_threads(task);
	spin_unlock(&task->lock);
	if (cleanup)
		task_cleanup(task);
}

struct task *
task_with_threads(struct task *task)
{
	bool part = task->thread_count == 0;
	struct task *with = part ? NULL : task;

	spin_lock(&task_list_lock);
	while (part && task->creator != NULL && is_part_of(task, task->creator)) {
		task = task->creator;
		if (task->thread_count != 0)
			with = task;
	}
	if (with != NULL)
		task_take(with);
	spin_unlock(&task_list_lock);
	return with;
}

bool
task_terminate_running(struct task *task)
{
	bool running;

	spin_lock(&task->lock);
	running = task->alive && task->thread_count != 0;
	if (running)
		end_threads(task);
	spin_unlock(&task->lock);
	return running;
}

bool
task_wait_gone(struct task *task)
{
	bool gone;

	spin_lock(&task->lock);
	while (!task->gone)
		if (waitq_wait(&task->gone_waiters, &task->lock, WAIT_FOREVER, WAIT_INTERRUPTIBLE, "end of a task", NULL) == WAIT_ABORTED)
			break;
	gone = task->gone;
	spin_unlock(&task->lock);
	return gone;
}

/* --- walking --- */

void
task_for_each(bool (*visit)(struct task *task, void *context), void *context)
{
	uint32_t next_id = 0;

	for (;;) {
		struct task *task, *found = NULL;
		bool go_on;

		/* Ids only grow and the list is in their order, so a walk survives deaths in between. */
		spin_lock(&task_list_lock);
		list_for_each(task, &task_list, link)
			if (task->id >= next_id) {
				found = task;
				task_take(found);
				break;
			}
		spin_unlock(&task_list_lock);
		if (found == NULL)
			return;
		next_id = found->id + 1;
		go_on = visit(found, context);
		task_drop(found);
		if (!go_on)
			return;
	}
}
