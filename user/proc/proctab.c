/* The process table. See proctab.h. */
#include "proctab.h"
#include "mach/heap.h"
#include <errno.h>

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
process_insert(struct process *p)
{
	struct process **at = &first;

	if (count == PROCESSES_MAX)
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
process_reap(struct process *p)
{
	struct process **at = &first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	count--;
	heap_free(p);
}

struct process *
process_ended_child(const struct process *p, int32_t pid, bool *exists)
{
	*exists = false;
	for (struct process *child = first; child != NULL; child = child->next) {
		if (child->parent != p->pid || !process_matches(child, pid, p))
			continue;
		*exists = true;
		if (child->zombie)
			return child;
	}
	return NULL;
}

kern_return_t
process_wait_later(struct process *p, mach_port_t reply_port, int32_t pid)
{
	struct waiter *w, **at = &p->waiters;

	if (p->waiter_count == WAITERS_MAX)
		return EAGAIN;
	w = heap_alloc(sizeof(*w));
	if (w == NULL)
		return ENOMEM;
	*w = (struct waiter){ NULL, reply_port, pid };
	while (*at != NULL)
		at = &(*at)->next;
	*at = w;
	p->waiter_count++;
	return MIG_NO_REPLY;
}

static void
answer(struct process *p, struct waiter **at, kern_return_t result, int32_t pid, int32_t status)
{
	struct waiter *w = *at;

	*at = w->next;
	p->waiter_count--;
	wait_answer(w->reply_port, result, pid, status);
	heap_free(w);
}

/* Gives a zombie's status to the first waiter that asked for it. False: nobody did. */
static bool
tell_parent(struct process *parent, const struct process *child)
{
	for (struct waiter **at = &parent->waiters; *at != NULL; at = &(*at)->next)
		if (process_matches(child, (*at)->pid, parent)) {
			answer(parent, at, KERN_SUCCESS, child->pid, child->status);
			return true;
		}
	return false;
}

/* Waiters that no child can satisfy any more. */
static void
refuse_childless(struct process *p)
{
	struct waiter **at = &p->waiters;
	bool exists;

	while (*at != NULL) {
		process_ended_child(p, (*at)->pid, &exists);
		if (exists)
			at = &(*at)->next;
		else
			answer(p, at, ECHILD, 0, 0);
	}
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
		if (child->zombie)
			process_reap(child);
	}
}

static void
release(struct process *p)
{
	struct waiter *w;

	while ((w = p->waiters) != NULL) {
		p->waiters = w->next;
		port_drop(w->reply_port);
		heap_free(w);
	}
	port_drop(p->task);
	port_drop_receive(p->port);
	p->task = p->port = MACH_PORT_NULL;
}

void
process_died(struct process *p)
{
	struct process *parent = process_by_pid(p->parent);

	if (!p->has_status)
		p->status = STATUS_SIGNAL(SIGKILL);
	release(p);
	orphan_children(p);
	p->zombie = true;
	if (parent == NULL || parent->pid == INIT_PID) {
		process_reap(p);
	} else if (tell_parent(parent, p)) {
		process_reap(p);
		refuse_childless(parent);
	}
}
