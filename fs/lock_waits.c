/*
 * Locks are taken, or waited for. See locks.c.
 */
#include "locks_local.h"
#include "interrupts.h"

#define RANGES_MAX	8192		/* of all processes */
#define RANGES_EACH	1024		/* of one */
#define WAITS_MAX	2048u

struct wait *lock_waits;
static unsigned wait_count;

/* --- taking --- */

enum range_kind
lock_range_kind(const struct io_lock *wanted)
{
	return wanted->kind == IO_LOCK_READ ? RANGE_READ : wanted->kind == IO_LOCK_WRITE ? RANGE_WRITE : RANGE_NONE;
}

/* Returns 0; ENOLCK. */
static int
range_take(struct locked *locked, struct owner *owner, enum range_kind kind, uint64_t first, uint64_t last)
{
	int change;

	if ((lock_range_count >= RANGES_MAX || owner->ranges >= RANGES_EACH) &&
	    (kind != RANGE_NONE || ranges_splits(locked->ranges, owner->label, first, last)))
		return ENOLCK;
	if (ranges_set(&locked->ranges, owner->label, kind, first, last, &change) != 0)
		return ENOLCK;
	owner->ranges += change;
	lock_range_count += change;
	return 0;
}

struct holder **
lock_holder_of(struct locked *locked, const struct file *file)
{
	struct holder **at = &locked->holders;

	while (*at && (*at)->file != file)
		at = &(*at)->next;
	return at;
}

void
lock_holder_remove(struct holder **at)
{
	struct holder *old = *at;

	if (!old)
		return;
	*at = old->next;
	heap_free(old);
}

/* Returns 0; EAGAIN: others have it; ENOLCK. */
int
lock_hold(struct locked *locked, struct file *file, mach_port_t port, bool exclusive)
{
	struct holder **at = lock_holder_of(locked, file), *holder = *at;

	for (const struct holder *other = locked->holders; other; other = other->next)
		if (other->file != file && (exclusive || other->exclusive))
			return EAGAIN;
	if (!holder) {
		holder = heap_zalloc(1, sizeof(*holder));
		if (!holder)
			return ENOLCK;
		holder->file = file;
		holder->port = port;
		*at = holder;
	}
	holder->exclusive = exclusive;
	return 0;
}

/* Whether one of those who keep `wait` from what it wants is `label`, or waits for it, or for one who does. */
static bool
leads_to(const struct wait *wait, uint32_t label, uint32_t search)
{
	for (const struct range *r = wait->locked->ranges; r; r = r->next) {
		if (r->first > wait->last || wait->first > r->last || r->owner == wait->label ||
		    (wait->wanted.kind != IO_LOCK_WRITE && r->kind != RANGE_WRITE))
			continue;
		if (r->owner == label)
			return true;
		for (struct wait *other = lock_waits; other; other = other->next) {
			if (!other->record || other->once || other->label != r->owner || other->search == search)
				continue;
			other->search = search;
			if (leads_to(other, label, search))
				return true;
		}
	}
	return false;
}

/* Whether waiting would never end. */
static bool
deadlock(const struct wait *wait)
{
	static uint32_t searches;

	return wait->record && !wait->once && leads_to(wait, wait->label, ++searches);
}

/* Returns 0: it has what it wanted; EAGAIN: others have it, or it is not known yet who asks; ENOLCK. */
static int
try(const struct wait *wait, bool *known)
{
	struct owner *owner;

	*known = true;
	if (!wait->record)
		return lock_hold(wait->locked, wait->file, wait->port, wait->exclusive);
	owner = lock_owner_of(wait->label);
	*known = owner && owner->life != MACH_PORT_NULL;
	if (!*known || ranges_conflict(wait->locked->ranges, wait->label, lock_range_kind(&wait->wanted), wait->first, wait->last))
		return EAGAIN;
	return range_take(wait->locked, owner, lock_range_kind(&wait->wanted), wait->first, wait->last);
}

/* --- waiting --- */

static void
answer(struct wait **at, int error)
{
	struct wait *wait = *at;

	*at = wait->next;
	wait_count--;
	port_notify_cancel(wait->reply_port, MACH_NOTIFY_DEAD_NAME);
	if (wait->record)
		io_lock_reply(wait->reply_port, error, &wait->wanted);
	else
		io_flock_reply(wait->reply_port, error);
	heap_free(wait);
}

/* Tries those that wait at a file (NULL: at any). */
void
lock_waits_run(const struct locked *locked)
{
	struct wait *wait;

	for (struct wait **at = &lock_waits; (wait = *at) != NULL;) {
		bool known;
		int error;

		if (locked && wait->locked != locked) {
			at = &wait->next;
			continue;
		}
		error = try(wait, &known);
		if (error == EAGAIN && known && deadlock(wait))
			error = EDEADLK;
		if (error == EAGAIN && (!known || !wait->once))
			at = &wait->next;
		else
			answer(at, error);
	}
}

void
lock_waits_check(const struct wait *wanted)
{
	struct locked *locked = wanted->locked;
	uint32_t checked = wanted->label;
	bool changed = false;
	const struct range *r;

	while (wanted->record) {
		r = ranges_conflict(locked->ranges, wanted->label, lock_range_kind(&wanted->wanted), wanted->first, wanted->last);
		if (!r || r->owner == checked)		/* none, or one that lives */
			return;
		checked = r->owner;
		lock_owner_check(r->owner);
	}
	for (struct holder **at = &locked->holders; *at;) {
		if ((*at)->file != wanted->file && files_is_abandoned((*at)->port)) {
			lock_holder_remove(at);
			changed = true;
		} else {
			at = &(*at)->next;
		}
	}
	if (changed)
		lock_waits_run(locked);
}

/* Purpose: do what a request wants, or keep it until it can be done. Conditions: the lock is held; it is released. */
kern_return_t
lock_waits_begin(const struct mig_request *rq, const struct wait *wanted)
{
	bool known;
	struct wait *wait, **at = &lock_waits;
	int error = try(wanted, &known);

	if (error == EAGAIN && known && deadlock(wanted))
		error = EDEADLK;
	if (error == EAGAIN && (!known || !wanted->once) && interrupts_missed(rq)) {
		error = EINTR;
	} else if (error == EAGAIN && (!known || !wanted->once)) {
		wait = wait_count < WAITS_MAX ? heap_zalloc(1, sizeof(*wait)) : NULL;
		error = wait ? MIG_NO_REPLY : ENOLCK;
		if (wait) {
			*wait = *wanted;
			wait->next = NULL;
			while (*at)
				at = &(*at)->next;
			*at = wait;
			wait_count++;
			port_notify(rq->reply_port, MACH_NOTIFY_DEAD_NAME, locks_notify_port);
		}
	} else if (error == 0) {
		lock_waits_run(wanted->locked);		/* a writer that became a reader lets readers in */
	}
	locks_unlock();
	return error;
}

/* Ends waits: of a file, of a label, of a reply port; 0 and NULL stand for any. */
void
lock_waits_end(const struct file *file, uint32_t label, mach_port_t reply_port, int error)
{
	for (struct wait **at = &lock_waits; *at;) {
		const struct wait *wait = *at;

		if ((file && wait->file != file) || (label != 0 && wait->label != label) ||
		    (reply_port != MACH_PORT_NULL && wait->reply_port != reply_port))
			at = &(*at)->next;
		else
			answer(at, error);
	}
}
