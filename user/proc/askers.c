/*
 * Who asks for a child, while that is being made. A signal for the child's group, or for all, that comes then is noted with who asks: the
 * child gets it as if it had been there. So it is with one that came before, but that its parent has not taken yet: it stands still, or is in
 * the critical section that a fork is.
 *
 * Each signal is noted once, also a real-time signal that comes more than once. If another thread of the parent takes the signal while memory
 * is copied, the child of a fork may see both what that thread's handler did and the signal.
 */
#include "proc_local.h"
#include "signals.h"

static struct asker *askers;

/* Whether a signal for that group, or all, which a process is sent as one of them, is for the child too. */
static bool
concerns(const struct asker *asker, uint32_t label, int32_t group)
{
	return group == SIGNAL_ALL || asker->group == ASKER_OWN_GROUP ? asker->label == label : asker->group == group;
}

static void
note(struct asker *asker, const struct signal_info *info)
{
	if (asker->missed[info->signal].signal == 0)
		asker->missed[info->signal] = *info;
}

/* What came before: only what none of the threads blocks, which waits for no more than a moment. */
static void
note_pending(struct asker *asker, const struct process *p)
{
	if (p->stopped && p->group_stop != 0 && concerns(asker, p->label, p->group_stopped))
		note(asker, &(struct signal_info){ .signal = p->group_stop, .code = SI_KERNEL });
	for (const struct pending *one = p->pending; one != NULL; one = one->next)
		if (one->group != SIGNAL_ONE && concerns(asker, p->label, one->group) && !signal_is_blocked(p, -1, one->info.signal))
			note(asker, &one->info);
}

bool
asker_begin(struct asker *asker, const struct mig_request *rq, int32_t group)
{
	const struct process *p;
	bool there;

	*asker = (struct asker){ .group = group };
	mutex_lock(&lock);
	p = process_sending(rq);
	there = p != NULL && p->task != MACH_PORT_NULL && !p->has_status && port_hold(p->task) == KERN_SUCCESS;
	if (there) {
		asker->task = p->task;
		asker->ids = p->ids;
		asker->label = p->label;
		note_pending(asker, p);
		asker->next = askers;
		askers = asker;
	}
	mutex_unlock(&lock);
	return there;
}

void
asker_end(struct asker *asker)
{
	struct asker **at = &askers;

	mutex_lock(&lock);
	while (*at != asker)
		at = &(*at)->next;
	*at = asker->next;
	mutex_unlock(&lock);
	port_drop(asker->task);
}

void
askers_note(const struct process *p, int32_t group, const struct signal_info *info)
{
	uint64_t undone = info->signal == SIGCONT ? STOPS : (SIGNAL_BIT(info->signal) & STOPS) != 0 ? SIGNAL_BIT(SIGCONT) : 0;

	for (struct asker *asker = askers; asker != NULL; asker = asker->next) {
		if (!concerns(asker, p->label, group))
			continue;
		for (int32_t signal = 1; signal <= (int32_t)SIGNALS; signal++)
			if ((SIGNAL_BIT(signal) & undone) != 0)
				asker->missed[signal].signal = 0;
		note(asker, info);
	}
}

void
asker_tell(const struct asker *asker, struct process *child)
{
	for (uint32_t i = 1; i <= SIGNALS; i++)
		if (asker->missed[i].signal != 0)
			signal_send_group(child, child->group, &asker->missed[i]);
}
