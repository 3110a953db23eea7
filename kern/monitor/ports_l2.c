/*
 * Commands about ports, and the totals that need layer 2.
 */
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "ipc/ipc.h"
#include "monitor/command.h"
#include "monitor/walk_l2.h"
#include "task/host.h"
#include "task/task.h"

/* --- ports --- */

static bool
names_line(struct task *task, void *context)
{
	(void)context;
	printk("%5u %-16s %6u names\n", task->id, task->name,
	    task->space != NULL ? space_name_count(task->space) : 0);
	return true;
}

static int
print_all_ports(void)
{
	static const char *const names[] = { IPC_SLOW_NAMES };
	struct ipc_statistics s;

	ipc_statistics_get(&s);
	printk("%u ports, %u port sets, %u messages queued\n", s.ports, s.sets, s.messages);
	printk("sent on the fast path: %lu; not, and why:", (unsigned long)s.fast_sends);
	for (unsigned i = 0; i < IPC_SLOW_REASONS; i++)
		printk(" %s %lu%s", names[i], (unsigned long)s.slow_sends[i], i + 1 < IPC_SLOW_REASONS ? "," : "\n");
	task_for_each(names_line, NULL);
	return 0;
}

static int
print_ports(int argc, char **argv)
{
	struct task *task;
	int status = 0;

	if (argc == 1)
		return print_all_ports();
	task = walk_task_find(argv[1]);
	if (task == NULL)
		return STATUS_FAILED;
	if (task->space != NULL)
		space_print(task->space, printk);
	else
		status = complain("%s has no port names", task->name);
	walk_task_done(task);
	return status;
}

const struct command commands_ports[] = {
	{ "ports", "[TASK]", "port names by task, or those of one", 0, 1, print_ports },
	{ NULL, NULL, NULL, 0, 0, NULL },
};

/* --- totals --- */

struct totals {
	unsigned tasks, threads, names;
};

static bool
add_task(struct task *task, void *context)
{
	struct totals *totals = context;

	totals->tasks++;
	totals->threads += task->thread_count;
	totals->names += task->space != NULL ? space_name_count(task->space) : 0;
	return true;
}

static int
memory(int argc, char **argv)
{
	struct ipc_statistics ipc;
	struct totals totals = { 0, 0, 0 };
	bool terse = argc > 1 && strcmp(argv[1], "-q") == 0;

	if (argc > 1 && !terse)
		return complain("%.40s: the only option is -q", argv[1]);
	if (terse && !panic_active)
		host_drain_caches();
	ipc_statistics_get(&ipc);
	task_for_each(add_task, &totals);
	if (terse) {
		memory_print_terse();
		printk("ports %u\nport_sets %u\nmessages %u\nnames %u\ntasks %u\nthreads %u\n",
		    ipc.ports, ipc.sets, ipc.messages,
		    totals.names, totals.tasks, totals.threads);
		return 0;
	}
	memory_print();
	printk("%u tasks, %u threads, %u ports, %u port sets, %u names, %u messages queued\n",
	    totals.tasks, totals.threads,
	    ipc.ports, ipc.sets, totals.names, ipc.messages);
	return 0;
}

const struct command commands_totals[] = {
	{ "memory", "[-q]", "frames, heap, ports in use; -q: drains caches, terse", 0, 1, memory },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
