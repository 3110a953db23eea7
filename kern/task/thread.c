/*
 * Threads: creation, stopping, death.
 */
#include "task/thread.h"

#include "arch/smp.h"
#include "arch/timer.h"
#include "init/panic.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "mm/kalloc.h"
#include "sched/cpu.h"
#include "sched/priority.h"
#include "task/kstack.h"
#include "task/task.h"

static uint32_t next_thread_id = 1;

/* --- creation --- */

static _Noreturn void
user_thread_start(void *argument)
{
	(void)argument;
	sched_switch_finish();
	thread_ast_check();
	arch_thread_enter_user(current_thread());
}

struct kernel_start {
	void (*function)(void *);
	void *argument;
};

static _Noreturn void
kernel_thread_start(void *argument)
{
	struct kernel_start start = *(struct kernel_start *)argument;

	kfree(argument);
	sched_switch_finish();
	start.function(start.argument);
	thread_exit_self();
}

static unsigned
first_priority(const struct task *task)
{
	if (task == kernel_task)
		return MACH_PRIORITY_SYSTEM;
	return task->max_priority > MACH_PRIORITY_USER ? task->max_priority : MACH_PRIORITY_USER;
}

static struct thread *
thread_alloc(struct task *task, void (*entry)(void *), void *argument)
{
	struct thread *thread = kalloc(sizeof(*thread), KALLOC_THREAD);

	if (thread == NULL)
		return NULL;
	thread->stack_base = kstack_alloc();
	if (thread->stack_base == 0) {
		kfree(thread);
		return NULL;
	}
	refcount_set(&thread->refs, 1);
	thread->id = __atomic_fetch_add(&next_thread_id, 1, __ATOMIC_RELAXED);
	thread->task = task;
	task_take(task);
	list_node_init(&thread->task_link);
	list_node_init(&thread->run_link);
	timeout_init(&thread->wait_timeout, NULL);
	spin_init(&thread->lock, "thread", RANK_THREAD);
	waitq_init(&thread->park_queue);
	waitq_init(&thread->stop_waiters);
	thread->cpu = cpu_self()->number;
	priority_init(thread, first_priority(task));
	thread->alive = true;
	thread->fast.waiter.thread = thread;
	thread->fast.waiter.data = &thread->fast.receiver;
	list_node_init(&thread->fast.waiter.link);
	arch_thread_init(thread, thread->stack_base + KSTACK_SIZE, entry, argument);
	return thread;
}

static void
thread_free(struct thread *thread)
{
	struct task *task = thread->task;

	if (thread->self_port != NULL)
		port_drop(thread->self_port);
	if (thread->stack_base != 0)
		kstack_free(thread->stack_base);
	kfree(thread);
	task_drop(task);
}

void
thread_drop(struct thread *thread)
{
	if (refcount_drop(&thread->refs))
		thread_free(thread);
}

struct thread *
thread_create(struct task *task)
{
	struct thread *thread;

	if (!task_charge(task, TASK_THREADS, 1))
		return NULL;
	thread = thread_alloc(task, user_thread_start, NULL);
	if (thread == NULL) {
		task_uncharge(task, TASK_THREADS, 1);
		return NULL;
	}
	thread->suspend_count = 1;
	thread->ast = AST_SUSPEND;
	arch_thread_reset_user(thread);
	thread->self_port = kobject_port_create(KOBJECT_THREAD, thread);
	if (thread->self_port == NULL) {
		task_uncharge(task, TASK_THREADS, 1);
		thread_drop(thread);
		return NULL;
	}
	port_take(thread->self_port);
	thread_take(thread);			/* the caller's; the first is the thread's own */
	if (!task_thread_join(task, thread)) {
		kobject_port_destroy(thread->self_port);
		task_uncharge(task, TASK_THREADS, 1);
		thread_drop(thread);
		thread_drop(thread);
		return NULL;
	}
	return thread;
}

struct thread *
thread_create_kernel(void (*function)(void *), void *argument, unsigned priority, const char *name)
{
	struct kernel_start *start = kalloc(sizeof(*start), KALLOC_THREAD);
	struct thread *thread;

	if (start == NULL)
		return NULL;
	start->function = function;
	start->argument = argument;
	thread = thread_alloc(kernel_task, kernel_thread_start, start);
	if (thread == NULL) {
		kfree(start);
		return NULL;
	}
	priority_init(thread, priority);
	thread->wait_why = name;
	thread->started = true;
	task_thread_join(kernel_task, thread);
	sched_make_runnable(thread);
	return thread;
}

struct thread *
thread_create_idle(struct cpu *cpu)
{
	struct thread *thread = kalloc(sizeof(*thread), KALLOC_THREAD);

	if (thread == NULL)
		panic("no memory for an idle thread");
	refcount_set(&thread->refs, 1);
	thread->task = kernel_task;
	list_node_init(&thread->task_link);
	list_node_init(&thread->run_link);
	spin_init(&thread->lock, "thread", RANK_THREAD);
	waitq_init(&thread->park_queue);
	waitq_init(&thread->stop_waiters);
	timeout_init(&thread->wait_timeout, NULL);
	priority_init(thread, IDLE_PRIORITY);
	thread->started = thread->alive = true;
	sched_init_cpu(cpu, thread);
	return thread;
}

/* On another CPU the turn may end while it is looked at: what is told is then a turn too much or too little. */
uint64_t
thread_user_time(const struct thread *thread)
{
	uint64_t ticks = thread->ticks, now = timer_ticks(), since = *(volatile uint64_t *)&thread->last_stamp;

	if (thread->task == kernel_task)
		return 0;
	if (thread->on_cpu != 0 && now > since)
		ticks += now - since;
	return thread->user_time + timer_ticks_ns(ticks);
}

/* --- stopping --- */

static bool
suspended(const struct thread *thread)
{
	const volatile struct thread *now = thread;

	return now->suspend_count > 0 || now->frozen > 0 || task_held(thread->task);
}

static void
ast_set(struct thread *thread, uint32_t bits)
{
	__atomic_fetch_or(&thread->ast, bits, __ATOMIC_SEQ_CST);
}

static void
ast_clear(struct thread *thread, uint32_t bits)
{
	__atomic_fetch_and(&thread->ast, ~bits, __ATOMIC_SEQ_CST);
}

/* Makes a thread that runs in user mode on another CPU enter the kernel. */
static void
poke(struct thread *thread)
{
	struct cpu *cpu = &cpus[thread->cpu];

	if (thread->on_cpu && cpu != cpu_self())
		smp_reschedule(cpu);
}

void
thread_stop_request(struct thread *thread)
{
	ast_set(thread, AST_SUSPEND);
	poke(thread);
}

/* Threads that hold each other at the same time count as stopped for each other: none of them gets past its own ast bits. */
bool
thread_may_run_user(struct thread *thread)
{
	return __atomic_load_n(&thread->on_cpu, __ATOMIC_SEQ_CST) && !thread->parked && thread != current_thread() &&
	    !__atomic_load_n(&thread->holding, __ATOMIC_SEQ_CST);
}

void
thread_set_holding(bool holding)
{
	__atomic_store_n(&current_thread()->holding, holding, __ATOMIC_SEQ_CST);
}

/* One more reason in *count. */
static void
hold(struct thread *thread, uint32_t *count)
{
	spin_lock(&thread->lock);
	++*count;
	ast_set(thread, AST_SUSPEND);
	spin_unlock(&thread->lock);
	/* On its way out of user mode it parks or blocks; both end the loop, and kernel paths are short. So does whoever lets it go. */
	thread_set_holding(true);
	while (thread_may_run_user(thread) && suspended(thread) && thread->alive) {
		poke(thread);
		cpu_spin_poll();
		cpu_preempt_point();
	}
	thread_set_holding(false);
}

void
thread_hold(struct thread *thread)
{
	hold(thread, &thread->suspend_count);
}

/* Conditions: the thread is locked. */
static void
wake_if_released(struct thread *thread)
{
	if (!suspended(thread))
		waitq_wake_all(&thread->park_queue);
}

void
thread_wake_parked(struct thread *thread)
{
	spin_lock(&thread->lock);
	wake_if_released(thread);
	spin_unlock(&thread->lock);
}

/* One reason less; without any it goes on, or starts. Returns false: there was none. */
static bool
release(struct thread *thread, uint32_t *count)
{
	bool held, start;

	spin_lock(&thread->lock);
	held = *count > 0;
	if (held)
		--*count;
	start = held && !thread->started && (thread->suspend_count | thread->frozen) == 0;
	if (start)
		thread->started = true;
	if (held)
		wake_if_released(thread);
	spin_unlock(&thread->lock);
	if (start)
		sched_make_runnable(thread);
	return held;
}

bool
thread_release(struct thread *thread)
{
	return release(thread, &thread->suspend_count);
}

static bool
stable(const struct thread *thread)
{
	if (!thread->started || thread->parked)
		return true;
	return (thread->wait_state & WAIT_PENDING) != 0 && (thread->ast & AST_ABORT) == 0;
}

/*
 * It has stopped, but the switch away from it, which saves the rest of its registers, may still be under way. Whom somebody lets go first may
 * never leave its CPU.
 */
static void
wait_off_cpu(struct thread *thread)
{
	thread_set_holding(true);
	while (__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE) && suspended(thread)) {
		cpu_spin_poll();
		cpu_preempt_point();
	}
	thread_set_holding(false);
}

/* It has stopped, or was let go before it had: whoever waits for that looks again. Conditions: the thread is locked. */
static void
tell_stop_waiters(struct thread *thread)
{
	waitq_wake_all(&thread->stop_waiters);
	if (!thread_should_die(thread))		/* it has another loan, to end with */
		priority_take_back(thread);
}

/* Returns false: it is gone, was let go, or the caller was aborted. */
static bool
wait_stable(struct thread *thread)
{
	bool is_stable = false;		/* as it was found: a wait may end at any time */

	spin_lock(&thread->lock);
	for (;;) {
		/* Who suspends its task may have counted, but not come to this thread yet: it would not tell that it waits. */
		if (suspended(thread))
			ast_set(thread, AST_SUSPEND);
		is_stable = stable(thread);
		if (!thread->alive || is_stable || !suspended(thread))
			break;
		priority_lend(thread, current_thread()->priority);
		if (waitq_wait(&thread->stop_waiters, &thread->lock, WAIT_FOREVER, WAIT_INTERRUPTIBLE, "thread to stop", NULL) == WAIT_ABORTED)
			break;
	}
	is_stable = is_stable && thread->alive;
	spin_unlock(&thread->lock);
	if (is_stable)
		wait_off_cpu(thread);
	return is_stable;
}

void
thread_abort_wait(struct thread *thread)
{
	bool held;

	spin_lock(&thread->lock);
	if (!thread->parked && thread->started)
		ast_set(thread, AST_ABORT);
	held = suspended(thread);
	spin_unlock(&thread->lock);
	if (waitq_claim_thread(thread, WAIT_ABORTED, WAIT_INTERRUPTIBLE))
		sched_make_runnable(thread);
	/* A held thread is now on its way to thread_ast_check: its registers are final once it has parked. */
	if (held && thread != current_thread())
		wait_stable(thread);
}

bool
thread_freeze(struct thread *thread)
{
	hold(thread, &thread->frozen);
	if (wait_stable(thread))
		return true;
	release(thread, &thread->frozen);
	return false;
}

void
thread_unfreeze(struct thread *thread)
{
	release(thread, &thread->frozen);
}

void
thread_note_stable(struct thread *thread)
{
	spin_lock(&thread->lock);
	tell_stop_waiters(thread);
	spin_unlock(&thread->lock);
}

static void
park(struct thread *thread)
{
	spin_lock(&thread->lock);
	while (suspended(thread) && !thread_should_die(thread)) {
		ast_clear(thread, AST_ABORT);
		thread->parked = true;
		tell_stop_waiters(thread);
		waitq_wait(&thread->park_queue, &thread->lock, WAIT_FOREVER, WAIT_KILLABLE, "suspended", NULL);
		thread->parked = false;
	}
	if (!suspended(thread)) {
		ast_clear(thread, AST_SUSPEND);
		tell_stop_waiters(thread);	/* somebody let it go on before it had stopped */
	}
	spin_unlock(&thread->lock);
	/* A hold may have come between the look at the task's count and the clearing. */
	if (suspended(thread))
		ast_set(thread, AST_SUSPEND);
}

void
thread_ast_check(void)
{
	struct thread *thread = current_thread();

	while (thread->ast != 0) {
		if (thread_should_die(thread))
			thread_exit_self();
		ast_clear(thread, AST_ABORT);
		if ((thread->ast & AST_SUSPEND) != 0)
			park(thread);
	}
}

/* --- death --- */

void
thread_terminate_async(struct thread *thread)
{
	bool start;

	ast_set(thread, AST_TERMINATE);
	spin_lock(&thread->lock);
	start = !thread->started;
	thread->started = true;
	priority_lend(thread, MACH_PRIORITY_USER);	/* to end with */
	spin_unlock(&thread->lock);
	if (start || waitq_claim_thread(thread, WAIT_ABORTED, WAIT_INTERRUPTIBLE | WAIT_KILLABLE))
		sched_make_runnable(thread);
	else
		poke(thread);
}

void
thread_exit_self(void)
{
	struct thread *thread = current_thread();
	struct ipc_port *exception_port;

	debug_assert(cpu_self()->lock_depth == 0);
	spin_lock(&thread->task->lock);
	exception_port = thread->exception_port;
	thread->exception_port = NULL;
	thread->alive = false;			/* here: nobody gives it another */
	spin_unlock(&thread->task->lock);
	spin_lock(&thread->lock);
	waitq_wake_all(&thread->stop_waiters);
	priority_lend_to_end(thread);
	spin_unlock(&thread->lock);
	port_release_send(exception_port);
	if (thread->task != kernel_task)
		task_uncharge(thread->task, TASK_THREADS, 1);	/* who hears of the end has room for another */
	if (thread->self_port != NULL)
		kobject_port_destroy(thread->self_port);
	task_thread_leave(thread->task, thread);
	thread->exited = true;
	sched_exit();
}
