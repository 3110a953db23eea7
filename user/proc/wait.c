/*
 * Waiting for children. See proctab.h.
 *
 * A child has something to tell when it has ended (it is a zombie), or has stopped or gone on since
 * its parent last waited for it (`event`).
 */
#include "mach/heap.h"
#include "proctab.h"
#include <errno.h>

/* Whether somebody who waits with these options wants to hear of the child now. */
static bool
tells(const struct process *child, uint32_t options)
{
	if (child->zombie)
		return (options & PROC_WEXITED) != 0;
	if (child->event == STATUS_CONTINUED)
		return (options & PROC_WCONTINUED) != 0;
	return child->event != 0 && (options & PROC_WSTOPPED) != 0;
}

struct process *
wait_find(const struct process *p, int32_t pid, uint32_t options, bool *exists)
{
	struct process *child = process_from(INIT_PID + 1);

	*exists = false;
	for (; child != NULL; child = child->next) {
		if (child->parent != p->pid || !process_matches(child, pid, p))
			continue;
		*exists = true;
		if (tells(child, options))
			return child;
	}
	return NULL;
}

static void
usage_add(struct proc_usage *sum, const struct proc_usage *more)
{
	sum->user_time += more->user_time;
	sum->system_time += more->system_time;
	sum->faults += more->faults;
	sum->switches += more->switches;
	if (sum->resident_size < more->resident_size)
		sum->resident_size = more->resident_size;
}

void
wait_take(struct process *p, struct process *child, uint32_t options, struct proc_waited *found)
{
	*found = (struct proc_waited){.pid = child->pid, .uid = child->ids.uid,
		.status = child->zombie ? child->status : child->event};
	if (child->zombie) {
		found->usage = child->usage;
		usage_add(&found->usage, &child->children);
	}
	if ((options & PROC_WNOWAIT) != 0)
		return;
	child->event = 0;
	if (child->zombie) {
		usage_add(&p->children, &found->usage);
		process_reap(child);
	}
}

kern_return_t
wait_later(struct process *p, const struct waiter *asked)
{
	struct waiter *w, **at = &p->waiters;

	if (asked->slot < SIGNAL_SLOTS && (p->interrupted >> asked->slot & 1) != 0) {
		p->interrupted &= ~(1ull << asked->slot);
		return EINTR;
	}
	if (p->waiter_count == WAITERS_MAX)
		return EAGAIN;
	w = heap_alloc(sizeof(*w));
	if (w == NULL)
		return ENOMEM;
	*w = *asked;
	if (w->pid == 0)
		w->pid = -p->group;		/* the one it has now (POSIX.1-2017 waitpid) */
	w->next = NULL;
	while (*at != NULL)
		at = &(*at)->next;
	*at = w;
	p->waiter_count++;
	return MIG_NO_REPLY;
}

static void
answer(struct process *p, struct waiter **at, kern_return_t result, const struct proc_waited *found)
{
	struct waiter *w = *at;

	*at = w->next;
	p->waiter_count--;
	wait_answer(w->reply_port, result, found);
	heap_free(w);
}

void
wait_news(struct process *parent)
{
	struct waiter **at = &parent->waiters;

	while (*at != NULL) {
		static const struct proc_waited nobody;
		struct proc_waited found = { 0 };
		struct process *child;
		bool exists;

		if (!wait_is_wanted((*at)->reply_port)) {
			answer(parent, at, EINTR, &nobody);
			continue;
		}
		child = wait_find(parent, (*at)->pid, (*at)->options, &exists);
		if (child != NULL)
			wait_take(parent, child, (*at)->options, &found);
		if (child != NULL || !exists)
			answer(parent, at, child != NULL ? KERN_SUCCESS : ECHILD, &found);
		else
			at = &(*at)->next;
	}
}

void
wait_interrupt(struct process *p, uint32_t slot)
{
	static const struct proc_waited nothing;

	for (struct waiter **at = &p->waiters; *at != NULL; at = &(*at)->next)
		if ((*at)->slot == slot) {
			answer(p, at, EINTR, &nothing);
			return;
		}
	/* The wait may be on its way still: requests are handled by several threads. If it is over, the next one asks again. */
	if (slot < SIGNAL_SLOTS)
		p->interrupted |= 1ull << slot;
}

void
wait_forget(struct process *p)
{
	struct waiter *w;

	while ((w = p->waiters) != NULL) {
		p->waiters = w->next;
		port_drop(w->reply_port);
		heap_free(w);
	}
	p->waiter_count = 0;
}
