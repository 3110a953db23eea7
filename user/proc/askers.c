/*
 * Who asks for a child or another program, while that is being made. A signal for the group of a process, or for all, that comes then is noted
 * with it: its child gets it as if it had been there. So it is with one that came while the request was on its way here.
 */
#include "proc_local.h"
#include "signals.h"

static struct asker *askers;

/* What came since the request was sent: the process stands still, or has not taken it yet, although it is blocked by none of its threads. */
static void
note_pending(struct asker *asker, const struct process *p)
{
	if (p->stopped && p->group_stop != 0)
		asker->missed[p->group_stop] = (struct missed_signal){ p->group, { .signal = p->group_stop, .code = SI_KERNEL } };
	for (const struct pending *one = p->pending; one != NULL; one = one->next)
		if (one->group != SIGNAL_ONE && !signal_is_blocked(p, -1, one->info.signal))
			asker->missed[one->info.signal] = (struct missed_signal){ one->group, one->info };
}

bool
asker_begin(struct asker *asker, const struct mig_request *rq)
{
	const struct process *p;
	bool there;

	*asker = (struct asker){ .task = MACH_PORT_NULL };
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
		if (asker->label != p->label)
			continue;
		for (int32_t signal = 1; signal <= (int32_t)SIGNALS; signal++)
			if ((SIGNAL_BIT(signal) & undone) != 0)
				asker->missed[signal].info.signal = 0;
		asker->missed[info->signal] = (struct missed_signal){ group, *info };
	}
}

void
asker_tell(const struct asker *asker, struct process *child)
{
	for (uint32_t i = 1; i <= SIGNALS; i++) {
		const struct missed_signal *one = &asker->missed[i];

		if (one->info.signal != 0 && (one->group == SIGNAL_ALL || one->group == child->group))
			signal_send(child, -1, &one->info);
	}
}
