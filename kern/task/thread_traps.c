/*
 * The thread_* traps.
 */
#include "trap/handlers.h"

#include "arch/thread.h"
#include "arch/timer.h"
#include "arch/usercopy.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "sched/cpu.h"
#include "sched/priority.h"
#include "sched/sched.h"
#include "task/task.h"
#include "task/task_traps.h"
#include "task/thread.h"

#define user(pointer) ((uint64_t)(uintptr_t)(pointer))
#define NS_PER_MS 1000000ull

static struct thread *
lookup_thread(thread_t name)
{
	return kobject_lookup(name, KOBJECT_THREAD);
}

mach_port_t
trap_mach_task_self(void)
{
	return MACH_PORT_TASK_SELF;
}

mach_port_t
trap_mach_host_self(void)
{
	return MACH_PORT_HOST_SELF;
}

mach_port_t
trap_mach_thread_self(void)
{
	mach_port_t name = MACH_PORT_NULL;

	space_copyout(current_task()->space, port_make_send(current_thread()->self_port), MACH_MSG_TYPE_PORT_SEND, &name);
	return name;
}

kern_return_t
trap_thread_create(task_t task_name, thread_t *user_thread)
{
	struct task *task = kobject_lookup_task(task_name);
	struct thread *thread;
	kern_return_t kr;

	if (task == NULL)
		return KERN_INVALID_TASK;
	thread = task->alive ? thread_create(task) : NULL;
	kr = thread != NULL ? KERN_SUCCESS : task->alive ? KERN_RESOURCE_SHORTAGE : KERN_TERMINATED;
	task_drop(task);
	if (kr != KERN_SUCCESS)
		return kr;
	kr = space_give_send(port_make_send(thread->self_port), user(user_thread));
	if (kr != KERN_SUCCESS)
		thread_terminate_async(thread);
	thread_drop(thread);
	return kr;
}

kern_return_t
trap_thread_terminate(thread_t name)
{
	struct thread *thread = lookup_thread(name);

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	thread_terminate_async(thread);
	thread_drop(thread);
	return KERN_SUCCESS;
}

kern_return_t
trap_thread_suspend(thread_t name)
{
	struct thread *thread = lookup_thread(name);

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	thread_hold(thread);
	thread_drop(thread);
	return KERN_SUCCESS;
}

kern_return_t
trap_thread_resume(thread_t name)
{
	struct thread *thread = lookup_thread(name);
	bool held;

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	held = thread_release(thread);
	thread_drop(thread);
	return held ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t
trap_thread_abort(thread_t name)
{
	struct thread *thread = lookup_thread(name);

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	thread_abort_wait(thread);
	thread_drop(thread);
	return KERN_SUCCESS;
}

/* --- registers: the thread is held while they are read or set --- */

union any_state {
	struct thread_state general;
	struct thread_float_state floating;
};

static uint32_t
state_size(int flavor)
{
	return flavor == THREAD_STATE_GENERAL ? sizeof(struct thread_state) :
	       flavor == THREAD_STATE_FLOAT ? sizeof(struct thread_float_state) : 0;
}

/* Holds a thread other than the caller until its registers are stable. TERMINATED: it is gone; ABORTED: the caller shall not wait. */
static kern_return_t
freeze(struct thread *thread)
{
	if (thread == current_thread())
		return KERN_SUCCESS;
	if (thread_freeze(thread))
		return KERN_SUCCESS;
	return thread->alive ? KERN_ABORTED : KERN_TERMINATED;
}

static void
unfreeze(struct thread *thread)
{
	if (thread != current_thread())
		thread_unfreeze(thread);
}

kern_return_t
trap_thread_get_state(thread_t name, int flavor, void *user_state, uint32_t *user_size)
{
	uint32_t size, needed = state_size(flavor);
	union any_state state;
	struct thread *thread;
	kern_return_t kr;

	if (needed == 0)
		return KERN_INVALID_ARGUMENT;
	if (!copyin(&size, user(user_size), sizeof(size)))
		return KERN_INVALID_ADDRESS;
	if (size < needed)
		return KERN_INVALID_ARGUMENT;
	thread = lookup_thread(name);
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = freeze(thread);
	if (kr != KERN_SUCCESS) {
		thread_drop(thread);
		return kr;
	}
	memset(&state, 0, sizeof(state));
	if (flavor == THREAD_STATE_GENERAL)
		arch_thread_get_state(thread, &state.general);
	else
		arch_thread_get_float(thread, &state.floating);
	unfreeze(thread);
	thread_drop(thread);
	if (!copyout(user(user_state), &state, needed) || !copyout(user(user_size), &needed, sizeof(needed)))
		return KERN_INVALID_ADDRESS;
	return KERN_SUCCESS;
}

kern_return_t
trap_thread_set_state(thread_t name, int flavor, const void *user_state, uint32_t size)
{
	union any_state state;
	struct thread *thread;
	kern_return_t kr;

	if (state_size(flavor) == 0 || size != state_size(flavor))
		return KERN_INVALID_ARGUMENT;
	if (!copyin(&state, user(user_state), size))
		return KERN_INVALID_ADDRESS;
	thread = lookup_thread(name);
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = freeze(thread);
	if (kr != KERN_SUCCESS) {
		thread_drop(thread);
		return kr;
	}
	if (flavor == THREAD_STATE_GENERAL)
		arch_thread_set_state(thread, &state.general);
	else
		arch_thread_set_float(thread, &state.floating);
	unfreeze(thread);
	thread_drop(thread);
	return KERN_SUCCESS;
}

/* --- information, priority, exception port --- */

void
thread_info_get(struct thread *thread, struct thread_info *info)
{
	const char *why = thread_waits_for(thread);

	memset(info, 0, sizeof(*info));
	info->id = thread->id;
	info->suspend_count = thread->suspend_count;
	info->state = !thread->alive ? THREAD_STATE_HALTED :
		      thread->parked || !thread->started ? THREAD_STATE_STOPPED :
		      (thread->wait_state & WAIT_PENDING) != 0 ? THREAD_STATE_WAITING : THREAD_STATE_RUNNING;
	info->priority = thread->base_priority;
	info->current_priority = thread->priority;
	info->cpu = thread->cpu;
	info->user_time = thread_user_time(thread);
	info->system_time = thread->system_time;
	info->switches = thread_switches(thread);
	if (why != NULL)
		strlcpy(info->wait, why, sizeof(info->wait));
}

kern_return_t
trap_thread_info(thread_t name, struct thread_info *user_info)
{
	struct thread *thread = lookup_thread(name);
	struct thread_info info;

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	thread_info_get(thread, &info);
	thread_drop(thread);
	return copyout(user(user_info), &info, sizeof(info)) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t
trap_thread_set_priority(host_t host, thread_t name, int priority)
{
	struct thread *thread;
	kern_return_t kr = KERN_SUCCESS;

	if (priority < MACH_PRIORITY_BEST || priority > MACH_PRIORITY_WORST)
		return KERN_INVALID_ARGUMENT;
	thread = lookup_thread(name);
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	if (priority < thread->task->max_priority && !host_privileged(host)) {
		kr = KERN_NO_ACCESS;
	} else {
		priority_set(thread, priority);
	}
	thread_drop(thread);
	return kr;
}

kern_return_t
trap_thread_set_exception_port(thread_t name, mach_port_t port_name)
{
	struct thread *thread = lookup_thread(name);
	struct ipc_port *right, *old;
	kern_return_t kr;

	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = space_copyin_send(current_task()->space, port_name, &right);
	if (kr == KERN_SUCCESS) {
		spin_lock(&thread->task->lock);
		old = thread->alive ? thread->exception_port : right;
		if (thread->alive)
			thread->exception_port = right;
		else
			kr = KERN_TERMINATED;
		spin_unlock(&thread->task->lock);
		port_release_send(old);
	}
	thread_drop(thread);
	return kr;
}

kern_return_t
trap_thread_wire(host_t host, thread_t name, boolean_t wired)
{
	struct thread *thread;

	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	thread = lookup_thread(name);
	if (thread == NULL)
		return KERN_INVALID_ARGUMENT;
	thread->wired = wired != 0;
	if (thread->wired)
		thread->task->pages_others = true;
	thread_drop(thread);
	return KERN_SUCCESS;
}

/* --- giving the CPU away --- */

/* Nobody else knows this queue: only the time-out or an abort ends the wait. */
void
thread_sleep_ms(unsigned ms)
{
	struct spinlock lock;
	struct waitq queue;

	spin_init(&lock, "thread_switch", RANK_WAITQ);
	waitq_init(&queue);
	spin_lock(&lock);
	waitq_wait(&queue, &lock, timer_now() + ms * NS_PER_MS, WAIT_INTERRUPTIBLE, "thread_switch", NULL);
	spin_unlock(&lock);
}

static void
depress_over(struct timeout *timeout)
{
	struct thread *thread = container_of(timeout, struct thread, wait_timeout);

	priority_depress(thread, false);
}

/* Lets everybody go first, but not for longer than `ms`. */
static void
depress(struct thread *self, struct thread *next, mach_msg_timeout_t ms)
{
	timeout_init(&self->wait_timeout, depress_over);
	timeout_set(&self->wait_timeout, timer_now() + ms * NS_PER_MS);
	priority_depress(self, true);
	if (next == NULL || !sched_yield_to(next))
		sched_yield();
	timeout_cancel(&self->wait_timeout);
	priority_depress(self, false);
}

kern_return_t
trap_thread_switch(thread_t name, int option, mach_msg_timeout_t ms)
{
	struct thread *thread = NULL;

	if (option != SWITCH_OPTION_NONE && option != SWITCH_OPTION_DEPRESS && option != SWITCH_OPTION_WAIT)
		return KERN_INVALID_ARGUMENT;
	if (name != MACH_PORT_NULL) {
		thread = lookup_thread(name);
		if (thread == NULL)
			return KERN_INVALID_ARGUMENT;
	}
	if (option == SWITCH_OPTION_DEPRESS)
		depress(current_thread(), thread, ms);
	else if (option == SWITCH_OPTION_WAIT)
		thread_sleep_ms(ms);
	else if (thread == NULL || !sched_yield_to(thread))
		sched_yield();
	if (thread != NULL)
		thread_drop(thread);
	return KERN_SUCCESS;
}
