/*
 * `trace`: switches the record of events on and off and shows it (kern/trace).
 *
 * Names of messages come from the file etc/messages of the boot archive, lines `ID NAME` that
 * conf/mig.py writes; names of traps from the kernel's symbols; names of tasks from those that
 * still live.
 */
#include "arch/bootinfo.h"
#include "arch/pmap.h"
#include "init/archive.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "monitor/command.h"
#include "monitor/walk_l2.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "trace/trace.h"

#define SHOWN		40	/* events, unless told */
#define LABEL(word)	((unsigned)((word) >> 32))
#define LOW(word)	((unsigned)(word))

/* --- all rings as one, oldest event first --- */

struct cursor {
	uint64_t at[CPU_MAX], end[CPU_MAX];
	unsigned cpu;			/* of the event given last */
};

static void
cursor_start(struct cursor *c)
{
	for (unsigned i = 0; i < CPU_MAX; i++) {
		uint64_t count = trace_rings[i].events != NULL ? trace_rings[i].count : 0;

		c->end[i] = count;
		c->at[i] = count > TRACE_RING_EVENTS ? count - TRACE_RING_EVENTS : 0;
	}
}

/* NULL: no more. */
static const struct trace_event *
cursor_next(struct cursor *c)
{
	const struct trace_event *best = NULL;

	for (unsigned i = 0; i < CPU_MAX; i++) {
		const struct trace_event *e = &trace_rings[i].events[c->at[i] % TRACE_RING_EVENTS];

		if (c->at[i] < c->end[i] && (best == NULL || e->time < best->time)) {
			best = e;
			c->cpu = i;
		}
	}
	if (best != NULL)
		c->at[c->cpu]++;
	return best;
}

/* --- names --- */

struct wanted {
	uint32_t id;
	char *buffer;
	size_t size;
};

static bool
match_task(struct task *task, void *context)
{
	struct wanted *wanted = context;

	if (task->id != wanted->id)
		return true;
	strlcpy(wanted->buffer, task->name, wanted->size);
	return false;
}

static const char *
task_name(uint32_t id, char *buffer, size_t size)
{
	struct wanted wanted = { id, buffer, size };

	ksnprintf(buffer, size, "task%u", id);
	task_for_each(match_task, &wanted);
	return buffer;
}

/* The name in a line `NUMBER NAME`, or NULL if it has another number. */
static const char *
name_after(const char *line, const char *end, unsigned number)
{
	unsigned value = 0;

	for (; line < end && *line >= '0' && *line <= '9'; line++)
		value = value * 10 + (unsigned)(*line - '0');
	return value == number && line < end && *line == ' ' ? line + 1 : NULL;
}

/* " (NAME)" of a message id, or "". */
static const char *
message_name(int id, char *buffer, size_t size)
{
	struct archive_file file;
	const char *line, *stop, *end;

	buffer[0] = 0;
	if (!archive_find(phys_to_virt(bootinfo.archive.base), bootinfo.archive.size, "etc/messages", &file))
		return buffer;
	end = (const char *)file.data + file.size;
	for (line = file.data; line < end; line = stop + 1) {
		const char *name;

		for (stop = line; stop < end && *stop != '\n'; stop++)
			continue;
		name = name_after(line, stop, (unsigned)id);
		if (name == NULL)
			continue;
		ksnprintf(buffer, size, " (%.*s)", (int)(stop - name), name);
		break;
	}
	return buffer;
}

/* --- showing --- */

static void
show_send(const struct trace_event *e)
{
	char name[48];

	printk("send %d%s, %u bytes, label %u, to port %#lx name %x: ", e->value,
	    message_name(e->value, name, sizeof(name)), LOW(e->b), LABEL(e->c), (unsigned long)e->a,
	    LABEL(e->b));
	switch ((enum trace_fate)e->code) {
	case TRACE_QUEUED: printk("queued"); break;
	case TRACE_TAKEN: printk("taken by thread %u", LOW(e->c)); break;
	case TRACE_WAITS: printk("waits for a slot"); break;
	case TRACE_GONE: printk("nobody is there"); break;
	}
}

static void
show_interrupt(const struct trace_event *e)
{
	if (e->code == TRACE_DEVICE)
		printk("interrupt of line %d", e->value);
	else
		printk("interrupt: %s", e->code == TRACE_TIMER ? "timer" : "another CPU");
}

static void
show_what(const struct trace_event *e)
{
	char name[48];

	switch ((enum trace_kind)e->kind) {
	case TRACE_NOTHING:
		break;
	case TRACE_TRAP:
		trap_name(e->code, name, sizeof(name));
		printk("trap %s %#lx %#lx %#lx", name, (unsigned long)e->a, (unsigned long)e->b,
		    (unsigned long)e->c);
		break;
	case TRACE_RETURN:
		trap_name(e->code, name, sizeof(name));
		printk("return %s: %#lx", name, (unsigned long)e->a);
		break;
	case TRACE_SEND:
		show_send(e);
		break;
	case TRACE_RECEIVE:
		printk("receive %d%s, %u bytes, seqno %u, label %u, at name %lx", e->value,
		    message_name(e->value, name, sizeof(name)), LOW(e->b), LABEL(e->b),
		    LABEL(e->c), (unsigned long)e->a);
		break;
	case TRACE_SWITCH:
	case TRACE_HANDOFF:
		printk("%s to thread %lu of %s", e->kind == TRACE_SWITCH ? "switch" : "hand-off",
		    (unsigned long)e->a, task_name(e->b, name, sizeof(name)));
		break;
	case TRACE_FAULT:
		printk("fault at %#lx, %s%s", (unsigned long)e->a,
		    e->code & VM_PROT_EXECUTE ? "execute" : e->code & VM_PROT_WRITE ? "write" : "read",
		    e->value ? "" : " by the kernel");
		break;
	case TRACE_INTERRUPT:
		show_interrupt(e);
		break;
	}
}

static void
show_event(const struct trace_event *e, unsigned cpu)
{
	char name[TASK_NAME_MAX];

	printk("%5lu.%09lu %u %s.%u ", (unsigned long)(e->time / 1000000000),
	    (unsigned long)(e->time % 1000000000), cpu, task_name(e->task, name, sizeof(name)), e->thread);
	show_what(e);
	printk("\n");
}

/* The newest `count` events, of one task or of all (UINT32_MAX). Nothing is recorded meanwhile. */
static void
show_events(uint64_t count, uint32_t task)
{
	const struct trace_event *e;
	uint64_t matching = 0;
	struct cursor cursor;
	bool was_on = trace_on;

	trace_on = false;
	cursor_start(&cursor);
	while ((e = cursor_next(&cursor)) != NULL)
		matching += task == UINT32_MAX || e->task == task;
	cursor_start(&cursor);
	while ((e = cursor_next(&cursor)) != NULL)
		if ((task == UINT32_MAX || e->task == task) && matching-- <= count)
			show_event(e, cursor.cpu);
	trace_on = was_on;
}

static int
trace_show(int argc, char **argv)
{
	uint64_t count = SHOWN;
	uint32_t id = UINT32_MAX;
	struct task *task;

	if (argc > 2 && !argument_number(argv[2], "count of events", UINT32_MAX, &count))
		return STATUS_FAILED;
	if (argc > 3) {
		task = walk_task_find(argv[3]);
		if (task == NULL)
			return STATUS_FAILED;
		id = task->id;
		walk_task_done(task);
	}
	show_events(count, id);
	return 0;
}

static int
trace_switch(bool on)
{
	if (panic_active)
		return complain("after a panic there is nothing to record");
	if (trace_set(on) != KERN_SUCCESS)
		return complain("no memory for the record");
	return 0;
}

static int
trace_state(void)
{
	printk("the record is %s\n", trace_on ? "on" : "off");
	for (unsigned i = 0; i < CPU_MAX; i++)
		if (trace_rings[i].events != NULL)
			printk("CPU %u: %lu events, the last %lu are kept\n", i,
			    (unsigned long)trace_rings[i].count, (unsigned long)TRACE_RING_EVENTS);
	return 0;
}

static int
trace(int argc, char **argv)
{
	if (argc == 1)
		return trace_state();
	if (strcmp(argv[1], "show") == 0)
		return trace_show(argc, argv);
	if (argc == 2 && strcmp(argv[1], "on") == 0)
		return trace_switch(true);
	if (argc == 2 && strcmp(argv[1], "off") == 0)
		return trace_switch(false);
	complain("trace: on, off, show [COUNT [TASK]]");
	return STATUS_USAGE;
}

const struct command commands_trace[] = {
	{ "trace", "[on|off|show [N [TASK]]]", "the record of traps, messages, switches", 0, 3, trace },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
