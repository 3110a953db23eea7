/* The process table. See proctab.h. */
#include "proctab.h"
#include "mach/heap.h"
#include "signals.h"

struct mutex lock;

static struct process *first;
static uint32_t count;
static int32_t last_pid;

struct process *
process_from(int32_t pid)
{
	struct process *p = first;

	while (p != NULL && p->pid < pid)
		p = p->next;
	return p;
}

struct process *
process_by_pid(int32_t pid)
{
	struct process *p = process_from(pid);

	return p != NULL && p->pid == pid ? p : NULL;
}

struct process *
process_by_port(mach_port_t port)
{
	for (struct process *p = first; p != NULL; p = p->next)
		if (p->port == port && port != MACH_PORT_NULL)
			return p;
	return NULL;
}

struct process *
process_by_task(task_t task)
{
	for (struct process *p = first; p != NULL; p = p->next)
		if (p->task == task && task != MACH_PORT_NULL)
			return p;
	return NULL;
}

struct process *
process_by_label(uint32_t label)
{
	for (struct process *p = first; p != NULL; p = p->next)
		if (p->label == label && label != 0)
			return p;
	return NULL;
}

uint32_t
process_count(uint32_t uid)
{
	uint32_t n = 0;

	for (const struct process *p = first; p != NULL; p = p->next)
		n += p->ids.uid == uid;
	return n;
}

bool
group_is_orphaned(int32_t group, const struct process *without)
{
	for (const struct process *p = first; p != NULL; p = p->next) {
		const struct process *parent;

		if (p->group != group || p->zombie || p == without)
			continue;
		parent = process_by_pid(p->parent);
		if (parent != NULL && !parent->zombie && parent != without &&
			parent->pid != INIT_PID && parent->group != group &&
			parent->session == p->session)
			return false;
	}
	return true;
}

bool
process_matches(const struct process *p, int32_t pid, const struct process *own)
{
	if (pid > 0)
		return p->pid == pid;
	if (pid == -1)
		return true;
	return p->group == (pid == 0 ? own->group : -pid);
}

/* Pids go round; one that is still a pid or the group of somebody is passed over. */
static bool
pid_in_use(int32_t pid)
{
	for (const struct process *p = first; p != NULL; p = p->next)
		if (p->pid == pid || p->group == pid || p->session == pid)
			return true;
	return false;
}

bool
process_table_full(void)
{
	return count == PROCESSES_MAX;
}

bool
process_table_crowded(void)
{
	uint32_t living = 0;

	for (const struct process *p = first; p != NULL; p = p->next)
		living += p->task != MACH_PORT_NULL;
	return living >= LIVING_MAX || count >= PROCESSES_MAX - PROCESSES_SPARE;
}

bool
process_insert(struct process *p)
{
	struct process **at = &first;

	if (process_table_full())
		return false;
	do {
		last_pid = last_pid == INT32_MAX ? INIT_PID + 1 : last_pid + 1;
	} while (pid_in_use(last_pid));
	p->pid = last_pid;
	while (*at != NULL && (*at)->pid < p->pid)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	count++;
	return true;
}

void
process_remove(struct process *p)
{
	struct process **at = &first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	count--;
}

void
process_reap(struct process *p)
{
	process_remove(p);
	heap_free(p);
}

static void
orphan_children(const struct process *p)
{
	struct process *child = first, *next;

	for (; child != NULL; child = next) {
		next = child->next;
		if (child->parent != p->pid)
			continue;
		child->parent = INIT_PID;
		page_update(child);
		if (child->zombie)
			process_reap(child);
	}
}

void
process_died(struct process *p)
{
	struct process *parent = process_by_pid(p->parent);

	if (!p->has_status)
		p->status = STATUS_SIGNAL(SIGKILL);
	death_orphans(p);
	wait_forget(p);
	signals_release(p);
	port_drop(p->task);
	port_drop_receive(p->port);
	port_drop_receive(p->life);
	p->task = p->port = p->life = MACH_PORT_NULL;
	p->stopped = false;
	p->zombie = true;
	orphan_children(p);
	if (parent == NULL || parent->pid == INIT_PID || death_announce(p, parent))
		process_reap(p);
	if (parent != NULL)
		wait_news(parent);
}
