/*
 * File locks. See locks.h; lock/ranges.h has what record locks mean.
 *
 * The owner of a record lock is a process, known by the label of its token, which forks do not share and exec keeps. Its locks shall go when it
 * ends, however that happens: proc gives a port that dies with the process (proc_watch). A thread of its own asks proc, since proc's threads may
 * be waiting for this server's; a process's first request waits until it is known. A lock of flock belongs to the open file.
 *
 * A request that waits is its reply right (as in pipe_waits.c). Whenever something is given up, those that wait at the file are tried again, the
 * oldest first. One mutex guards all of it; it is held over nothing that waits.
 */
#include "locks.h"

#include "lock/ranges.h"

#include "io_server.h"
#include "mach/cthread.h"
#include "mach/heap.h"
#include "mach/mach.h"
#include "mach/service.h"
#include "proc.h"

#include <errno.h>

#define RANGES_MAX	8192		/* of all processes */
#define RANGES_EACH	1024		/* of one */
#define WAITS_MAX	2048u

/* A process that has asked for a record lock. */
struct owner {
	struct owner *next;
	uint32_t label;
	int32_t pid;
	mach_port_t life;		/* dies with it; MACH_PORT_NULL: proc has not been asked yet */
	int ranges;
};

/* Who has a file with flock. */
struct holder {
	struct holder *next;
	struct file *file;
	bool exclusive;
};

/* A file that somebody has locked, or wants to. */
struct locked {
	struct locked *next;
	struct vnode *vn;		/* referenced */
	struct range *ranges;
	struct holder *holders;
};

struct wait {
	struct wait *next;
	mach_port_t reply_port;
	struct file *file;
	struct locked *locked;
	uint32_t label;
	bool record;			/* fcntl's, else flock's */
	bool once;			/* does not wait for the lock, only to be known */
	bool exclusive;
	struct io_lock wanted;
	uint64_t first, last;
	uint32_t search;		/* the last one that came here */
};

static struct mutex lock;
static struct condition unknown;	/* somebody is to be asked for */
static struct owner *owners;
static struct locked *files;
static struct wait *waits;		/* the oldest first */
static unsigned wait_count;
static int range_count;
static mach_port_t notify_port;

static struct owner *
owner_of(uint32_t label)
{
	struct owner *owner = owners;

	while (owner && owner->label != label)
		owner = owner->next;
	return owner;
}

/* NULL: no memory. */
static struct owner *
owner_get(uint32_t label)
{
	struct owner *owner = owner_of(label);

	if (owner)
		return owner;
	owner = heap_zalloc(1, sizeof(*owner));
	if (!owner)
		return NULL;
	owner->label = label;
	owner->next = owners;
	owners = owner;
	condition_signal(&unknown);
	return owner;
}

static struct locked *
locked_of(const struct vnode *vn)
{
	struct locked *locked = files;

	while (locked && locked->vn != vn)
		locked = locked->next;
	return locked;
}

/* NULL: no memory. */
static struct locked *
locked_get(struct vnode *vn)
{
	struct locked *locked = locked_of(vn);

	if (locked)
		return locked;
	locked = heap_zalloc(1, sizeof(*locked));
	if (!locked)
		return NULL;
	vnode_hold(vn);
	locked->vn = vn;
	locked->next = files;
	files = locked;
	return locked;
}

/* Frees what nobody has or wants any more. Releases the mutex: giving a vnode back may write. */
static void
unlock(void)
{
	struct locked *idle = NULL, *locked;

	for (struct locked **at = &files; (locked = *at) != NULL;) {
		const struct wait *wait = waits;

		while (wait && wait->locked != locked)
			wait = wait->next;
		if (locked->ranges || locked->holders || wait) {
			at = &locked->next;
			continue;
		}
		*at = locked->next;
		locked->next = idle;
		idle = locked;
	}
	mutex_unlock(&lock);
	while ((locked = idle) != NULL) {
		idle = locked->next;
		vnode_put(locked->vn);
		heap_free(locked);
	}
}

/* --- taking --- */

static enum range_kind
range_kind(const struct io_lock *wanted)
{
	return wanted->kind == IO_LOCK_READ ? RANGE_READ : wanted->kind == IO_LOCK_WRITE ? RANGE_WRITE : RANGE_NONE;
}

/* Returns 0; ENOLCK. */
static int
range_take(struct locked *locked, struct owner *owner, enum range_kind kind, uint64_t first, uint64_t last)
{
	int change;

	if (kind != RANGE_NONE && (range_count >= RANGES_MAX || owner->ranges >= RANGES_EACH))
		return ENOLCK;
	if (ranges_set(&locked->ranges, owner->label, kind, first, last, &change) != 0)
		return ENOLCK;
	owner->ranges += change;
	range_count += change;
	return 0;
}

static struct holder **
holder_of(struct locked *locked, const struct file *file)
{
	struct holder **at = &locked->holders;

	while (*at && (*at)->file != file)
		at = &(*at)->next;
	return at;
}

static void
holder_remove(struct holder **at)
{
	struct holder *old = *at;

	if (!old)
		return;
	*at = old->next;
	heap_free(old);
}

/* Returns 0; EAGAIN: others have it; ENOLCK. */
static int
hold(struct locked *locked, struct file *file, bool exclusive)
{
	struct holder **at = holder_of(locked, file), *holder = *at;

	for (const struct holder *other = locked->holders; other; other = other->next)
		if (other->file != file && (exclusive || other->exclusive))
			return EAGAIN;
	if (!holder) {
		holder = heap_zalloc(1, sizeof(*holder));
		if (!holder)
			return ENOLCK;
		holder->file = file;
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
		for (struct wait *other = waits; other; other = other->next) {
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
		return hold(wait->locked, wait->file, wait->exclusive);
	owner = owner_of(wait->label);
	*known = owner && owner->life != MACH_PORT_NULL;
	if (!*known || ranges_conflict(wait->locked->ranges, wait->label, range_kind(&wait->wanted), wait->first, wait->last))
		return EAGAIN;
	return range_take(wait->locked, owner, range_kind(&wait->wanted), wait->first, wait->last);
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
static void
run(const struct locked *locked)
{
	struct wait *wait;

	for (struct wait **at = &waits; (wait = *at) != NULL;) {
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

/* Purpose: do what a request wants, or keep it until it can be done. Conditions: the lock is held; it is released. */
static kern_return_t
begin(const struct mig_request *rq, const struct wait *wanted)
{
	bool known;
	int error = try(wanted, &known);
	struct wait *wait, **at = &waits;

	if (error == EAGAIN && known && deadlock(wanted))
		error = EDEADLK;
	if (error == EAGAIN && (!known || !wanted->once)) {
		wait = wait_count < WAITS_MAX ? heap_zalloc(1, sizeof(*wait)) : NULL;
		error = wait ? MIG_NO_REPLY : ENOLCK;
		if (wait) {
			*wait = *wanted;
			wait->next = NULL;
			while (*at)
				at = &(*at)->next;
			*at = wait;
			wait_count++;
			port_notify(rq->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
		}
	} else if (error == 0) {
		run(wanted->locked);		/* a writer that became a reader lets readers in */
	}
	unlock();
	return error;
}

/* Ends waits: of a file, of a label, of a reply port; 0 and NULL stand for any. */
static void
end_waits(const struct file *file, uint32_t label, mach_port_t reply_port, int error)
{
	for (struct wait **at = &waits; *at;) {
		const struct wait *wait = *at;

		if ((file && wait->file != file) || (label != 0 && wait->label != label) ||
		    (reply_port != MACH_PORT_NULL && wait->reply_port != reply_port))
			at = &(*at)->next;
		else
			answer(at, error);
	}
}

/* --- owners --- */

/* The process is gone, or cannot be watched: its locks are free. */
static void
owner_end(struct owner *owner)
{
	struct owner **at = &owners;
	int change;

	while (*at != owner)
		at = &(*at)->next;
	*at = owner->next;
	end_waits(NULL, owner->label, MACH_PORT_NULL, ENOLCK);
	for (struct locked *locked = files; locked; locked = locked->next)
		if (ranges_set(&locked->ranges, owner->label, RANGE_NONE, 0, RANGE_END, &change) == 0)
			range_count += change;
	port_drop(owner->life);
	heap_free(owner);
	run(NULL);
}

/* Asks proc for those that are not known yet. */
static void *
watch(void *argument)
{
	mach_port_t proc = MACH_PORT_NULL, life;
	struct owner *owner;
	uint32_t label;
	int32_t pid = 0;

	mutex_lock(&lock);
	for (;;) {
		for (owner = owners; owner && owner->life != MACH_PORT_NULL;)
			owner = owner->next;
		if (!owner) {
			condition_wait(&unknown, &lock);
			continue;
		}
		label = owner->label;
		mutex_unlock(&lock);
		life = MACH_PORT_NULL;
		if (proc == MACH_PORT_NULL)
			proc = service_look_up("proc");
		if (proc_watch(proc, label, &pid, &life) == KERN_SUCCESS &&
		    port_notify(life, MACH_NOTIFY_DEAD_NAME, notify_port) != KERN_SUCCESS) {
			port_drop(life);
			life = MACH_PORT_NULL;
		}
		mutex_lock(&lock);
		owner->life = life;	/* nobody else ends an owner that is not known */
		owner->pid = pid;
		if (life == MACH_PORT_NULL)
			owner_end(owner);
		else
			run(NULL);
		unlock();
		mutex_lock(&lock);
	}
	return argument;
}

int
locks_start(mach_port_t port)
{
	notify_port = port;
	return cthread_spawn(watch, NULL) == KERN_SUCCESS ? 0 : EAGAIN;
}

void
locks_close(struct file *file)
{
	struct locked *locked;

	mutex_lock(&lock);
	locked = files ? locked_of(file->vn) : NULL;
	if (locked) {
		end_waits(file, 0, MACH_PORT_NULL, EBADF);
		holder_remove(holder_of(locked, file));
		run(locked);
		unlock();
	} else {
		mutex_unlock(&lock);
	}
}

void
locks_interrupt(struct file *file, uint32_t label)
{
	mutex_lock(&lock);
	if (waits)
		end_waits(file, label, MACH_PORT_NULL, EINTR);
	unlock();
}

void
locks_dead_name(mach_port_t name)
{
	struct owner *owner;

	mutex_lock(&lock);
	end_waits(NULL, 0, name, EINTR);	/* the answer goes nowhere, and the right with it */
	for (owner = owners; owner && owner->life != name;)
		owner = owner->next;
	if (owner)
		owner_end(owner);
	unlock();
}

/* --- requests --- */

/* The bytes a request means. Returns 0; EINVAL; EOVERFLOW. */
static int
bytes_of(struct file *file, const struct io_lock *wanted, uint64_t *first, uint64_t *last)
{
	int64_t base = 0, start, end;
	struct vfs_attr attr;

	if (wanted->whence == FILE_SEEK_CURRENT && file_seek(file, 0, FILE_SEEK_CURRENT, &base) != 0)
		return EINVAL;
	if (wanted->whence == FILE_SEEK_END) {
		if (vfs_getattr(file->vn, &attr) != 0)
			return EINVAL;
		base = (int64_t)attr.size;
	}
	if (wanted->whence > FILE_SEEK_END)
		return EINVAL;
	if (__builtin_add_overflow(base, wanted->start, &start))
		return EOVERFLOW;
	if (wanted->length > 0 && __builtin_add_overflow(start, wanted->length - 1, &end))
		return EOVERFLOW;
	if (wanted->length < 0) {
		end = start - 1;
		if (__builtin_add_overflow(start, wanted->length, &start))
			return EINVAL;
	}
	if (start < 0)
		return EINVAL;
	*first = (uint64_t)start;
	*last = wanted->length == 0 ? RANGE_END : (uint64_t)end;
	return 0;
}

/* Returns 0; EBADF: the file is not open for that; EINVAL. */
static int
check(struct file *file, uint32_t command, const struct io_lock *wanted)
{
	unsigned access = file->flags & FILE_ACCESS;

	if (file->pipe || command > IO_LOCK_WAIT || wanted->kind > IO_LOCK_NONE || (command == IO_LOCK_GET && wanted->kind == IO_LOCK_NONE))
		return EINVAL;
	if (command != IO_LOCK_GET && ((wanted->kind == IO_LOCK_READ && access != FILE_READ_ONLY && access != FILE_READ_WRITE) ||
	    (wanted->kind == IO_LOCK_WRITE && access != FILE_WRITE_ONLY && access != FILE_READ_WRITE)))
		return EBADF;
	return 0;
}

/* What keeps the sender from it, if anything does. Releases the lock. */
static void
find(const struct wait *wanted, struct io_lock *found)
{
	const struct range *r = ranges_conflict(wanted->locked->ranges, wanted->label, range_kind(&wanted->wanted), wanted->first, wanted->last);
	const struct owner *owner = r ? owner_of(r->owner) : NULL;

	*found = wanted->wanted;
	found->kind = IO_LOCK_NONE;
	if (r)
		*found = (struct io_lock){ .kind = r->kind == RANGE_READ ? IO_LOCK_READ : IO_LOCK_WRITE, .whence = FILE_SEEK_SET,
			.start = (int64_t)r->first, .length = r->last == RANGE_END ? 0 : (int64_t)(r->last - r->first + 1),
			.pid = owner ? owner->pid : 0 };
	unlock();
}

static kern_return_t
lock_record(struct mig_request *rq, struct file *file, uint32_t command, const struct io_lock *lock_wanted, struct io_lock *found)
{
	struct wait wanted = { .reply_port = rq->reply_port, .file = file, .label = rq->sender.label, .record = true,
		.once = command != IO_LOCK_WAIT, .wanted = *lock_wanted };
	int error = check(file, command, lock_wanted);

	if (!error)
		error = bytes_of(file, lock_wanted, &wanted.first, &wanted.last);
	if (error)
		return error;
	*found = *lock_wanted;
	mutex_lock(&lock);
	if (lock_wanted->kind == IO_LOCK_NONE && !owner_of(wanted.label)) {
		unlock();
		return KERN_SUCCESS;
	}
	wanted.locked = locked_get(file->vn);
	if (wanted.locked && command == IO_LOCK_GET) {
		find(&wanted, found);
		return KERN_SUCCESS;
	}
	if (!wanted.locked || !owner_get(wanted.label)) {
		unlock();
		return ENOLCK;
	}
	return begin(rq, &wanted);
}

kern_return_t
io_lock_s(struct mig_request *rq, uint32_t command, const struct io_lock *wanted, struct io_lock *found)
{
	struct open_file *open = files_use(rq->port);
	kern_return_t kr;

	if (!open)
		return EBADF;
	kr = lock_record(rq, files_file(open), command, wanted, found);
	files_done(open);
	return kr;
}

static kern_return_t
lock_file(struct mig_request *rq, struct file *file, uint32_t operation)
{
	struct wait wanted = { .reply_port = rq->reply_port, .file = file, .label = rq->sender.label,
		.once = (operation & IO_FLOCK_NONBLOCK) != 0, .exclusive = (operation & IO_FLOCK_EXCLUSIVE) != 0 };
	uint32_t what = operation & ~IO_FLOCK_NONBLOCK;
	struct holder **own;

	if (file->pipe || (what != IO_FLOCK_SHARED && what != IO_FLOCK_EXCLUSIVE && what != IO_FLOCK_UNLOCK))
		return EINVAL;
	mutex_lock(&lock);
	wanted.locked = locked_get(file->vn);
	if (!wanted.locked) {
		unlock();
		return ENOLCK;
	}
	own = holder_of(wanted.locked, file);
	if (what == IO_FLOCK_UNLOCK || (*own && !wanted.once && hold(wanted.locked, file, wanted.exclusive) == EAGAIN)) {
		/* Two that wait for more while they keep what they have would wait for each other. */
		holder_remove(own);
		run(wanted.locked);
	}
	if (what == IO_FLOCK_UNLOCK) {
		unlock();
		return KERN_SUCCESS;
	}
	return begin(rq, &wanted);
}

kern_return_t
io_flock_s(struct mig_request *rq, uint32_t operation)
{
	struct open_file *open = files_use(rq->port);
	kern_return_t kr;

	if (!open)
		return EBADF;
	kr = lock_file(rq, files_file(open), operation);
	files_done(open);
	return kr;
}
