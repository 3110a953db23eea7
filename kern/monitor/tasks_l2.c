/*
 * Commands about tasks, threads and their maps.
 */
#include "arch/backtrace.h"
#include "arch/pmap.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "monitor/command.h"
#include "monitor/walk_l2.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/map.h"

/* --- tasks --- */

static const char *
task_state(const struct task *task)
{
	if (!task->alive)
		return task->gone ? " gone" : " dying";
	return task->suspend_count > 0 ? " suspended" : "";
}

static bool
task_line(struct task *task, void *context)
{
	(void)context;
	printk("%5u %-16s %7u %6u %8lu %8lu %9lu %8lu/%lu%s\n", task->id, task->name,
	    task->thread_count,
	    task->space != NULL ? space_name_count(task->space) : 0,
	    task->map != NULL ? (unsigned long)(vm_map_size(task->map) >> 10) : 0,
	    (unsigned long)(task->used[TASK_KERNEL_MEMORY] >> 10), (unsigned long)task->faults,
	    (unsigned long)(task->messages_sent + task_fast_messages(task)),
	    (unsigned long)(task->messages_received + task_fast_messages(task)),
	    task_state(task));
	return true;
}

static int
print_tasks(int argc, char **argv)
{
	(void)argc, (void)argv;
	printk("   id name             threads  names   mapped   kernel    faults sent/received\n");
	printk("                                            KB       KB\n");
	task_for_each(task_line, NULL);
	return 0;
}

/* --- threads --- */

static const char *
thread_state(const struct thread *thread)
{
	if (!thread->alive)
		return "dead";
	if (thread->wait_state & WAIT_PENDING)
		return "waits";
	if (cpus[thread->cpu].thread == thread)
		return "runs";
	if (!thread->started)
		return "new";
	return thread->queued ? "ready" : thread->parked ? "parked" : "stops";
}

void
thread_describe(const struct thread *thread, char *buffer, size_t size)
{
	bool idle = thread == cpus[thread->cpu].idle_thread;

	ksnprintf(buffer, size, "thread %u of %s (task %u), %s", thread->id, thread->task->name,
	    thread->task->id, idle ? "idle" : thread_state(thread));
}

static void
thread_line(const struct thread *thread)
{
	bool idle = thread == cpus[thread->cpu].idle_thread;

	printk("%6u %-16s %-6s %3u %3u %9lu %8lu %8lu", thread->id, thread->task->name,
	    idle ? "idle" : thread_state(thread), thread->priority, thread->cpu,
	    (unsigned long)thread_switches(thread),
	    (unsigned long)(thread_user_time(thread) / 1000),
	    (unsigned long)(thread->system_time / 1000));
	if ((thread->wait_state & WAIT_PENDING) != 0 && thread_waits_for(thread) != NULL)
		printk(" %s", thread_waits_for(thread));
	if (thread->suspend_count > 0)
		printk(" suspended %u", thread->suspend_count);
	printk("\n");
}

static bool
task_threads_lines(struct task *task, void *context)
{
	struct thread *thread;

	(void)context;
	for (uint32_t id = 0; (thread = walk_thread_next(task, id)) != NULL; id++) {
		thread_line(thread);
		id = thread->id;
		walk_thread_done(thread);
	}
	return true;
}

/* The idle threads are in no task's list. */
static void
idle_lines(void)
{
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (cpus[i].online && cpus[i].idle_thread != NULL)
			thread_line(cpus[i].idle_thread);
}

static int
print_threads(int argc, char **argv)
{
	struct task *task = NULL;

	if (argc > 1 && (task = walk_task_find(argv[1])) == NULL)
		return STATUS_FAILED;
	printk("    id task             state  pri cpu  switches  user us   sys us waits for\n");
	if (task == NULL || task == kernel_task)
		idle_lines();
	if (task == NULL) {
		task_for_each(task_threads_lines, NULL);
		return 0;
	}
	task_threads_lines(task, NULL);
	walk_task_done(task);
	return 0;
}

/* --- stacks --- */

static int
backtrace_thread(struct thread *thread)
{
	uint64_t frame, base = thread->stack_base;

	if (cpus[thread->cpu].thread == thread || thread->on_cpu)
		return complain("thread %u runs on CPU %d", thread->id, thread->cpu);
	if (thread_stackless(thread))
		return complain("thread %u waits in mach_msg with nothing on its kernel stack", thread->id);
	frame = arch_thread_saved_frame(thread);
	if (frame != 0 && base != 0 && (frame < base || frame >= base + KSTACK_SIZE))
		return complain("thread %u: its frame %#lx is not on its stack", thread->id,
		    (unsigned long)frame);
	backtrace_print(arch_thread_saved_pc(thread), frame);
	return 0;
}

/* Those that wait with something on their stack. */
static bool
task_stacks(struct task *task, void *context)
{
	struct thread *thread;

	(void)context;
	for (uint32_t id = 0; (thread = walk_thread_next(task, id)) != NULL; id++) {
		id = thread->id;
		if (cpus[thread->cpu].thread != thread && !thread->on_cpu && !thread_stackless(thread)) {
			printk("thread %u of %s:\n", thread->id, task->name);
			backtrace_thread(thread);
		}
		walk_thread_done(thread);
	}
	return true;
}

static __attribute__((noinline)) int
print_backtrace(int argc, char **argv)
{
	struct thread *thread;
	int status;

	if (argc == 1) {
		backtrace_print((uint64_t)__builtin_return_address(0), backtrace_here());
		return 0;
	}
	if (strcmp(argv[1], "all") == 0) {
		task_for_each(task_stacks, NULL);
		return 0;
	}
	thread = walk_thread_find(argv[1]);
	if (thread == NULL)
		return STATUS_FAILED;
	status = backtrace_thread(thread);
	walk_thread_done(thread);
	return status;
}

/* --- maps --- */

static bool
map_line(struct task *task, void *context)
{
	(void)context;
	if (task->map != NULL)
		printk("%5u %-16s %8lu KB mapped, %lu page tables\n", task->id, task->name,
		    (unsigned long)(vm_map_size(task->map) >> 10),
		    (unsigned long)pmap_table_pages(vm_map_pmap(task->map)));
	else
		printk("%5u %-16s no map\n", task->id, task->name);
	return true;
}

static int
print_maps(int argc, char **argv)
{
	struct task *task;
	struct vm_map *map;
	int status = STATUS_FAILED;

	if (argc == 1) {
		task_for_each(map_line, NULL);
		return 0;
	}
	task = walk_task_find(argv[1]);
	if (task == NULL)
		return STATUS_FAILED;
	if (walk_map_begin(task, &map)) {
		vm_map_print(map, printk);
		walk_map_end(map);
		status = 0;
	}
	walk_task_done(task);
	return status;
}

static int
translate(int argc, char **argv)
{
	struct task *task;
	struct vm_map *map;
	int status = STATUS_FAILED;

	if (argc == 2)
		return translate_in(&kernel_pmap, argv[1]);
	task = walk_task_find(argv[2]);
	if (task == NULL)
		return STATUS_FAILED;
	if (walk_map_begin(task, &map)) {
		status = translate_in(vm_map_pmap(map), argv[1]);
		walk_map_end(map);
	}
	walk_task_done(task);
	return status;
}

const struct command commands_tasks[] = {
	{ "tasks", "", "all tasks", 0, 0, print_tasks },
	{ "threads", "[TASK]", "threads, all or those of a task", 0, 1, print_threads },
	{ "maps", "[TASK]", "address maps, or the entries of one", 0, 1, print_maps },
	{ "translate", "ADDRESS [TASK]", "the page-table walk of an address", 1, 2, translate },
	{ "backtrace", "[THREAD|all]", "the stack of the monitor, a thread or all that wait", 0, 1, print_backtrace },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
