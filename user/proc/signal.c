/* Signals: generation, what is pending, default actions. See signals.h. */
#include "mach/heap.h"
#include "mach/mach.h"
#include "signals.h"
#include <errno.h>
#include <mach/task_info.h>

#define PENDING_MAX	64u		/* signals queued for one process ... */
#define PENDING_MOST	320u		/* ... and those that come once for each thread */
#define REAL_TIME	34		/* from this one on each is queued, others only once */

#define CLD_STOPPED	5
#define CLD_CONTINUED	6
#define CLD_EXITED	1
#define CLD_KILLED	2

#define IGNORED_BY_DEFAULT \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGCONT))

struct signal_action
signal_action(const struct process *p, int32_t signal)
{
	const volatile struct signal_action *action;

	if (p->page == NULL || signal == SIGKILL || signal == SIGSTOP)
		return (struct signal_action){ .handler = SIGNAL_DEFAULT };
	action = &p->page->actions[signal];
	return (struct signal_action){ action->handler, action->mask, action->flags, 0 };
}

/* Slot 0 counts while it has no thread: it holds the mask a program begins with. */
bool
signal_is_blocked(const struct process *p, int32_t slot, int32_t signal)
{
	for (uint32_t i = 0; i < page_slots(p); i++) {
		const volatile struct signal_slot *s = &p->page->slots[i];

		if ((slot < 0 || slot == (int32_t)i) && (s->thread != MACH_PORT_NULL || i == 0) &&
			(s->mask & SIGNAL_BIT(signal)) == 0)
			return false;
	}
	return p->page != NULL;
}

/* --- the queue --- */

static void
remove_pending(struct process *p, struct pending **at)
{
	struct pending *gone = *at;

	*at = gone->next;
	p->pending_count--;
	heap_free(gone);
}

static void
discard(struct process *p, uint64_t set)
{
	struct pending **at = &p->pending;

	while (*at != NULL)
		if ((SIGNAL_BIT((*at)->info.signal) & set) != 0)
			remove_pending(p, at);
		else
			at = &(*at)->next;
}

static kern_return_t
add_pending(struct process *p, int32_t slot, int32_t group, const struct signal_info *info)
{
	struct pending **at = &p->pending, *one;

	for (; *at != NULL; at = &(*at)->next)
		if (info->signal < REAL_TIME && (*at)->info.signal == info->signal &&
			(*at)->slot == slot) {
			if ((*at)->group == SIGNAL_ONE)
				(*at)->group = group;
			return 0;
		}
	if (p->pending_count >= (info->signal >= REAL_TIME ? PENDING_MAX : PENDING_MOST))
		return EAGAIN;
	one = heap_alloc(sizeof(*one));
	if (one == NULL)
		return EAGAIN;
	*one = (struct pending){ NULL, slot, group, *info };
	*at = one;
	p->pending_count++;
	return 0;
}

void
signals_forget_threads(struct process *p)
{
	struct pending **at = &p->pending;

	while (*at != NULL)
		if ((*at)->slot > 0)
			remove_pending(p, at);
		else
			at = &(*at)->next;
}

void
signals_release(struct process *p)
{
	discard(p, UINT64_MAX);
	timers_release(p, INT32_MIN);
	page_release(p);
}

/* --- what happens to the process as a whole --- */

static void
note_usage(struct process *p)
{
	struct task_info info;

	if (task_info(p->task, &info) != KERN_SUCCESS)
		return;
	p->usage = (struct proc_usage){p->before.user_time + info.user_time, p->before.system_time + info.system_time, info.resident_size,
		info.faults, info.switches};
}

void
process_note_end(struct process *p, int32_t status)
{
	p->status = status;
	p->has_status = true;
	note_usage(p);
}

void
process_end(struct process *p, int32_t status)
{
	if (p->task == MACH_PORT_NULL || p->has_status)
		return;
	process_note_end(p, status);
	task_terminate(p->task);
}

static void
stop(struct process *p, int32_t signal)
{
	if (p->stopped || p->has_status || task_suspend(p->task) != KERN_SUCCESS)
		return;
	p->stopped = true;
	p->event = STATUS_STOP(signal);
	p->untold = signal;
}

static void
go_on(struct process *p)
{
	if (!p->stopped || task_resume(p->task) != KERN_SUCCESS)
		return;
	p->stopped = false;
	p->group_stop = 0;
	p->event = STATUS_CONTINUED;
	p->untold = SIGCONT;
}

bool
death_announce(struct process *p, struct process *parent)
{
	struct signal_action action = signal_action(parent, SIGCHLD);
	bool killed = STATUS_SIGNAL(p->status) != 0;
	struct signal_info info = {.signal = SIGCHLD, .code = killed ? CLD_KILLED : CLD_EXITED,
		.pid = p->pid, .uid = p->ids.uid,
		.status = killed ? STATUS_SIGNAL(p->status) : p->status >> 8};

	signal_send(parent, -1, &info);
	return action.handler == SIGNAL_IGNORE || (action.flags & SIGNAL_NOCLDWAIT) != 0;
}

/* Whether the group is an orphan once p is gone, was none before, and somebody in it is stopped for good. */
static bool
is_stranded(int32_t group, const struct process *p)
{
	const struct process *q = process_from(INIT_PID + 1);

	while (q != NULL && (q->group != group || !q->stopped || q == p))
		q = q->next;
	return q != NULL && !group_is_orphaned(group, NULL) && group_is_orphaned(group, p);
}

static void
send_to_group(int32_t group, int32_t signal, const struct process *without)
{
	struct signal_info info = { .signal = signal, .code = SI_KERNEL };

	for (struct process *q = process_from(INIT_PID + 1); q != NULL; q = q->next)
		if (q->group == group && q != without)
			signal_send_group(q, group, &info);
}

static void
free_stranded(int32_t group, const struct process *p)
{
	if (!is_stranded(group, p))
		return;
	send_to_group(group, SIGHUP, p);
	send_to_group(group, SIGCONT, p);
}

/* Its own group, once, as looking at a group takes long if it is large; and those of its children. One that has been sent SIGCONT is not stopped. */
void
death_orphans(struct process *p)
{
	free_stranded(p->group, p);
	for (const struct process *q = process_from(INIT_PID + 1); q != NULL; q = q->next)
		if (q->stopped && q->parent == p->pid && q->group != p->group)
			free_stranded(q->group, p);
}

/* --- acting on what is pending --- */

/* What init starts has no signal page in which it could ignore them: a shell lives through the keys that are pressed while no program is in front. */
static bool
is_spared(const struct process *p, int32_t signal)
{
	return p->adopted && p->page == NULL && (signal == SIGINT || signal == SIGQUIT);
}

static void
do_default(struct process *p, int32_t signal)
{
	if ((SIGNAL_BIT(signal) & IGNORED_BY_DEFAULT) != 0 || is_spared(p, signal))
		return;
	if ((SIGNAL_BIT(signal) & STOPS) == 0)
		process_end(p, STATUS_SIGNAL(signal));
	else if (signal == SIGSTOP || !group_is_orphaned(p->group, NULL))
		stop(p, signal);
}

static bool
deliver_to_any(struct process *p, const struct pending *one, const struct signal_action *action)
{
	for (uint32_t i = 0; i < page_slots(p); i++)
		if ((one->slot < 0 || one->slot == (int32_t)i) &&
			deliver(p, i, action, &one->info))
			return true;
	return false;
}

/* True: the signal has been dealt with. */
static bool
act(struct process *p, const struct pending *one)
{
	int32_t signal = one->info.signal;
	struct signal_action action = signal_action(p, signal);

	if (action.handler > SIGNAL_IGNORE)
		return deliver_to_any(p, one, &action);
	if (action.handler == SIGNAL_IGNORE)
		return true;			/* blocked or not */
	if (signal_is_blocked(p, one->slot, signal))
		return false;
	do_default(p, signal);
	return true;
}

/* The hints come first: a thread that unblocks a signal or leaves a critical section while we look sees them. */
static void
flush(struct process *p)
{
	struct pending **at = &p->pending;

	if (p->pending == NULL)
		return;
	page_publish(p);
	while (*at != NULL && !p->stopped && !p->has_status)
		if (act(p, *at))
			remove_pending(p, at);
		else
			at = &(*at)->next;
	page_publish(p);
}

/* Of no use to queue it: nobody blocks it, and it would be ignored. */
static bool
is_ignored(const struct process *p, int32_t slot, int32_t signal)
{
	uint64_t handler = signal_action(p, signal).handler;

	if (handler == SIGNAL_DEFAULT && (SIGNAL_BIT(signal) & IGNORED_BY_DEFAULT) != 0)
		handler = SIGNAL_IGNORE;
	return handler == SIGNAL_IGNORE && !signal_is_blocked(p, slot, signal);
}

/* What signal_send does to p itself. */
static kern_return_t
send(struct process *p, int32_t slot, int32_t group, const struct signal_info *info)
{
	uint64_t bit;
	kern_return_t kr;

	if (info->signal == 0 || p->task == MACH_PORT_NULL || p->has_status)
		return 0;
	if (info->signal == SIGKILL) {
		process_end(p, STATUS_SIGNAL(SIGKILL));
		return 0;
	}
	bit = SIGNAL_BIT(info->signal);
	if ((bit & STOPS) != 0)
		discard(p, SIGNAL_BIT(SIGCONT));
	if (info->signal == SIGCONT) {
		discard(p, STOPS);
		go_on(p);
		flush(p);
	}
	if (info->signal == SIGSTOP) {
		stop(p, SIGSTOP);
		return 0;
	}
	if (is_ignored(p, slot, info->signal))
		return 0;
	kr = add_pending(p, slot, group, info);
	flush(p);
	return kr;
}

/* The parent hears that p has stopped or goes on. Returns the parent, NULL: init. */
static struct process *
tell_parent(struct process *p)
{
	struct process *parent = process_by_pid(p->parent);
	struct signal_info info = {.signal = SIGCHLD, .code = p->untold == SIGCONT ? CLD_CONTINUED : CLD_STOPPED,
		.pid = p->pid, .uid = p->ids.uid, .status = p->untold};

	p->untold = 0;
	if (parent == NULL || parent->pid == INIT_PID)
		return NULL;
	if ((signal_action(parent, SIGCHLD).flags & SIGNAL_NOCLDSTOP) == 0)
		send(parent, -1, SIGNAL_ONE, &info);
	wait_news(parent);
	return parent;
}

/*
 * A parent that is told is looked at, and may be found to stop itself: a signal for it was pending that it has unblocked by now. So it goes on
 * upwards, in a loop: a line of ancestors may be longer than our stack is deep.
 */
static void
tell_ancestors(struct process *p)
{
	while (p != NULL && p->untold != 0)
		p = tell_parent(p);
}

kern_return_t
signal_send(struct process *p, int32_t slot, const struct signal_info *info)
{
	kern_return_t kr = send(p, slot, SIGNAL_ONE, info);

	tell_ancestors(p);
	return kr;
}

kern_return_t
signal_send_group(struct process *p, int32_t group, const struct signal_info *info)
{
	kern_return_t kr;

	if (info->signal == 0)
		return 0;
	askers_note(p, group, info);
	kr = send(p, -1, group, info);
	if (p->stopped && p->group_stop == 0 && (SIGNAL_BIT(info->signal) & STOPS) != 0) {
		p->group_stop = info->signal;
		p->group_stopped = group;
	}
	tell_ancestors(p);
	return kr;
}

void
signal_flush(struct process *p)
{
	flush(p);
	tell_ancestors(p);
}

/* What is for one thread comes first: it may be about to end. */
static bool
comes_before(const struct pending *a, const struct pending *b)
{
	return (a->slot >= 0) != (b->slot >= 0) ? a->slot >= 0 : a->info.signal < b->info.signal;
}

void
signal_take(struct process *p, uint32_t slot, uint64_t set, struct signal_info *info)
{
	struct pending **best = NULL;

	signal_flush(p);
	for (struct pending **at = &p->pending; *at != NULL; at = &(*at)->next)
		if (((*at)->slot < 0 || (*at)->slot == (int32_t)slot) &&
			(SIGNAL_BIT((*at)->info.signal) & set) != 0 &&
			(best == NULL || comes_before(*at, *best)))
			best = at;
	if (best == NULL)
		return;
	*info = (*best)->info;
	remove_pending(p, best);
	page_publish(p);
}
