/*
 * The task_* traps. Each looks its task up, which gives a reference, and lets go of it at the end.
 */
#include "trap/handlers.h"

#include "arch/usercopy.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/task_traps.h"
#include "task/thread.h"
#include "vm/vm.h"

#define user(pointer) ((uint64_t)(uintptr_t)(pointer))

bool
host_privileged(mach_port_t name)
{
	void *host = kobject_lookup(name, KOBJECT_HOST_PRIV);

	return host != NULL;
}

kern_return_t
trap_task_create(task_t parent_name, uint32_t flags, task_t *child_name)
{
	struct task *parent, *task;
	kern_return_t kr;

	if ((flags & ~(TASK_INHERIT_MEMORY | TASK_INHERIT_RIGHTS)) != 0)
		return KERN_INVALID_ARGUMENT;
	parent = kobject_lookup_task(parent_name);
	if (parent == NULL)
		return KERN_INVALID_TASK;
	task = task_create(parent, flags);
	task_drop(parent);
	if (task == NULL)
		return KERN_RESOURCE_SHORTAGE;
	kr = space_give_send(port_make_send(task->self_port), user(child_name));
	if (kr != KERN_SUCCESS)
		task_terminate_async(task);
	task_drop(task);
	return kr;
}

kern_return_t
trap_task_terminate(task_t name)
{
	struct task *task = kobject_lookup_task(name);

	if (task == NULL)
		return KERN_INVALID_TASK;
	task_terminate_async(task);
	task_drop(task);
	return KERN_SUCCESS;
}

kern_return_t
trap_task_suspend(task_t name)
{
	struct task *task = kobject_lookup_task(name);

	if (task == NULL)
		return KERN_INVALID_TASK;
	task_hold(task);
	task_drop(task);
	return KERN_SUCCESS;
}

kern_return_t
trap_task_resume(task_t name)
{
	struct task *task = kobject_lookup_task(name);
	bool held;

	if (task == NULL)
		return KERN_INVALID_TASK;
	held = task_release(task);
	task_drop(task);
	return held ? KERN_SUCCESS : KERN_FAILURE;
}

/* The references of all threads, in an array to be freed. Returns the number, or -1: no memory. */
static int
collect_threads(struct task *task, struct thread ***threads)
{
	for (;;) {
		unsigned room = task->thread_count + 4, count = 0;
		struct thread **array = kalloc(room * sizeof(*array), KALLOC_TASK), *thread;
		bool fits;

		if (array == NULL)
			return -1;
		spin_lock(&task->lock);
		fits = task->thread_count <= room;
		if (fits)
			list_for_each(thread, &task->threads, task_link) {
				thread_take(thread);
				array[count++] = thread;
			}
		spin_unlock(&task->lock);
		if (fits) {
			*threads = array;
			return count;
		}
		kfree(array);
	}
}

/* Names in the caller for the threads (NULL where there was no room); drops the references. */
static void
name_threads(struct thread **threads, int count, mach_port_t *names)
{
	for (int i = 0; i < count; i++) {
		struct thread *thread = threads[i];

		names[i] = MACH_PORT_NULL;
		if (thread->self_port != NULL)
			space_copyout(current_task()->space, port_make_send(thread->self_port), MACH_MSG_TYPE_PORT_SEND, &names[i]);
		thread_drop(thread);
	}
}

kern_return_t
trap_task_threads(task_t name, thread_t *user_threads, uint32_t *user_count)
{
	struct task *task;
	struct thread **threads;
	mach_port_t *names;
	uint32_t room, have;
	int count;
	kern_return_t kr = KERN_SUCCESS;

	if (!copyin(&room, user(user_count), sizeof(room)))
		return KERN_INVALID_ADDRESS;
	task = kobject_lookup_task(name);
	if (task == NULL)
		return KERN_INVALID_TASK;
	count = collect_threads(task, &threads);
	task_drop(task);
	if (count < 0)
		return KERN_RESOURCE_SHORTAGE;
	names = kalloc((count + 1) * sizeof(*names), KALLOC_TASK);
	if (names == NULL) {
		for (int i = 0; i < count; i++)
			thread_drop(threads[i]);
		kfree(threads);
		return KERN_RESOURCE_SHORTAGE;
	}
	have = count;
	for (uint32_t i = room; i < have; i++)
		thread_drop(threads[i]);
	name_threads(threads, have < room ? have : room, names);
	if (!copyout(user(user_threads), names, (have < room ? have : room) * sizeof(*names)) ||
	    !copyout(user(user_count), &have, sizeof(have))) {
		for (uint32_t i = 0; i < have && i < room; i++)
			space_release_name(names[i]);
		kr = KERN_INVALID_ADDRESS;
	}
	kfree(names);
	kfree(threads);
	return kr;
}

/* --- information --- */

void
task_info_get(struct task *task, struct task_info *info)
{
	struct thread *thread;

	memset(info, 0, sizeof(*info));
	spin_lock(&task->lock);
	info->id = task->id;
	info->suspend_count = task->suspend_count;
	info->thread_count = task->thread_count;
	info->token = task->trailer.msgh_sender;
	info->user_time = task->dead_user_time;
	info->system_time = task->dead_system_time;
	list_for_each(thread, &task->threads, task_link) {
		info->user_time += thread_user_time(thread);
		info->system_time += thread->system_time;
		info->switches += thread_switches(thread);
	}
	info->messages_sent = task->messages_sent + task_fast_messages(task);
	info->messages_received = task->messages_received + task_fast_messages(task);
	strlcpy(info->name, task->name, sizeof(info->name));
	spin_unlock(&task->lock);
	info->faults = task->faults;
	info->kernel_memory = task->used[TASK_KERNEL_MEMORY];
	if (task->space != NULL)
		info->port_names = space_name_count(task->space);
	if (task->map != NULL) {
		info->virtual_size = vm_map_size(task->map);
		info->resident_size = vm_map_resident(task->map);
	}
}

kern_return_t
trap_task_info(task_t name, struct task_info *user_info)
{
	struct task *task = kobject_lookup_task(name);
	struct task_info info;

	if (task == NULL)
		return KERN_INVALID_TASK;
	task_info_get(task, &info);
	task_drop(task);
	return copyout(user(user_info), &info, sizeof(info)) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t
trap_task_set_name(task_t name, const char *user_name)
{
	struct task *task;
	char text[TASK_NAME_MAX];
	long length = copyin_string(text, user(user_name), sizeof(text));

	if (length == -1)
		return KERN_INVALID_ADDRESS;
	if (length == -2)
		return KERN_INVALID_ARGUMENT;
	for (long i = 0; i < length; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	task = kobject_lookup_task(name);
	if (task == NULL)
		return KERN_INVALID_TASK;
	spin_lock(&task->lock);
	memcpy(task->name, text, length + 1);
	spin_unlock(&task->lock);
	task_drop(task);
	return KERN_SUCCESS;
}

/* --- special ports --- */

kern_return_t
trap_task_get_special_port(task_t name, int which, mach_port_t *user_port)
{
	struct task *task;
	struct ipc_port *right;

	if (which < TASK_KERNEL_PORT || which >= TASK_SPECIAL_PORTS)
		return KERN_INVALID_ARGUMENT;
	task = kobject_lookup_task(name);
	if (task == NULL)
		return KERN_INVALID_TASK;
	if (which == TASK_KERNEL_PORT) {
		right = port_make_send(task->self_port);
	} else {
		spin_lock(&task->lock);
		right = port_copy_send(task->special[which]);
		spin_unlock(&task->lock);
	}
	task_drop(task);
	return space_give_send(right, user(user_port));
}

kern_return_t
trap_task_set_special_port(task_t name, int which, mach_port_t port_name)
{
	struct task *task;
	struct ipc_port *right, *old = NULL;
	kern_return_t kr;

	if (which <= TASK_KERNEL_PORT || which >= TASK_SPECIAL_PORTS)
		return KERN_INVALID_ARGUMENT;
	task = kobject_lookup_task(name);
	if (task == NULL)
		return KERN_INVALID_TASK;
	kr = space_copyin_send(current_task()->space, port_name, &right);
	if (kr == KERN_SUCCESS) {
		spin_lock(&task->lock);
		if (task->alive) {
			old = task->special[which];
			task->special[which] = right;
		} else {
			old = right;
			kr = KERN_TERMINATED;
		}
		spin_unlock(&task->lock);
		port_release_send(old);
	}
	task_drop(task);
	return kr;
}

/* --- for the privileged: limits and identity --- */

kern_return_t
trap_task_set_limits(host_t host, task_t name, const struct task_limits *user_limits)
{
	struct task_limits limits;
	struct task *task;
	uint64_t *limit;

	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	if (!copyin(&limits, user(user_limits), sizeof(limits)))
		return KERN_INVALID_ADDRESS;
	if (limits.max_priority > MACH_PRIORITY_WORST)
		return KERN_INVALID_ARGUMENT;
	if (limits.quantum != 0 && (limits.quantum < TASK_QUANTUM_MIN || limits.quantum > TASK_QUANTUM_MAX))
		return KERN_INVALID_ARGUMENT;
	task = kobject_lookup_task(name);
	if (task == NULL)
		return KERN_INVALID_TASK;
	limit = task->limit;
	spin_lock(&task->lock);
	if (limits.port_names != 0)
		limit[TASK_NAMES] = limits.port_names;
	if (limits.threads != 0)
		limit[TASK_THREADS] = limits.threads;
	if (limits.kernel_memory != 0)
		limit[TASK_KERNEL_MEMORY] = limits.kernel_memory;
	if (limits.memory != 0)
		limit[TASK_MEMORY] = limits.memory;
	if (limits.wired != 0)
		limit[TASK_WIRED] = limits.wired;
	if (limits.tasks != 0)
		limit[TASK_TASKS] = limits.tasks;
	if (limits.max_priority != 0)
		task->max_priority = limits.max_priority;
	if (limits.quantum != 0)
		task->quantum = limits.quantum * 1000;
	spin_unlock(&task->lock);
	task_drop(task);
	return KERN_SUCCESS;
}

kern_return_t
trap_task_set_security_token(host_t host, task_t name, const security_token_t *user_token)
{
	security_token_t token;
	struct task *task;

	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	if (!copyin(&token, user(user_token), sizeof(token)))
		return KERN_INVALID_ADDRESS;
	if (token.label == 0)
		return KERN_INVALID_ARGUMENT;
	task = kobject_lookup_task(name);
	if (task == NULL)
		return KERN_INVALID_TASK;
	spin_lock(&task->lock);
	task->trailer.msgh_sender = token;
	spin_unlock(&task->lock);
	task_drop(task);
	return KERN_SUCCESS;
}
