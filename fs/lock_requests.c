/*
 * The requests about locks: io_lock (fcntl) and io_flock. See locks.c.
 */
#include "locks_local.h"

/* The bytes a request means. Returns 0; EINVAL; EOVERFLOW; what says that it is not known where the file ends, or later. */
static int
bytes_of(struct file *file, const struct io_lock *wanted, uint64_t *first, uint64_t *last)
{
	int64_t base = 0, start, end;
	struct vfs_attr attr;
	int error = 0;

	if (wanted->whence > FILE_SEEK_END)
		return EINVAL;
	if (wanted->whence == FILE_SEEK_CURRENT)
		error = file_seek(file, 0, FILE_SEEK_CURRENT, &base);
	if (wanted->whence == FILE_SEEK_END) {
		error = vfs_getattr(file->vn, &attr);
		base = error ? 0 : (int64_t)attr.size;
	}
	if (error)
		return error;
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
	const struct range *r = ranges_conflict(wanted->locked->ranges, wanted->label, lock_range_kind(&wanted->wanted), wanted->first, wanted->last);
	const struct owner *owner = r ? lock_owner_of(r->owner) : NULL;

	*found = wanted->wanted;
	found->kind = IO_LOCK_NONE;
	if (r)
		*found = (struct io_lock){ .kind = r->kind == RANGE_READ ? IO_LOCK_READ : IO_LOCK_WRITE, .whence = FILE_SEEK_SET,
			.start = (int64_t)r->first, .length = r->last == RANGE_END ? 0 : (int64_t)(r->last - r->first + 1),
			.pid = owner ? owner->pid : 0 };
	locks_unlock();
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
	mutex_lock(&locks_mutex);
	if (lock_wanted->kind == IO_LOCK_NONE && !lock_owner_of(wanted.label)) {
		locks_unlock();
		return KERN_SUCCESS;
	}
	wanted.locked = locked_get(file->vn);
	if (wanted.locked)
		lock_waits_check(&wanted);
	if (wanted.locked && command == IO_LOCK_GET) {
		find(&wanted, found);
		return KERN_SUCCESS;
	}
	if (!wanted.locked || !lock_owner_get(wanted.label)) {
		locks_unlock();
		return ENOLCK;
	}
	return lock_waits_begin(rq, &wanted);
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
	struct wait wanted = { .reply_port = rq->reply_port, .port = rq->port, .file = file, .label = rq->sender.label,
		.once = (operation & IO_FLOCK_NONBLOCK) != 0, .exclusive = (operation & IO_FLOCK_EXCLUSIVE) != 0 };
	uint32_t what = operation & ~IO_FLOCK_NONBLOCK;
	struct holder **own;

	if (file->pipe || (what != IO_FLOCK_SHARED && what != IO_FLOCK_EXCLUSIVE && what != IO_FLOCK_UNLOCK))
		return EINVAL;
	mutex_lock(&locks_mutex);
	wanted.locked = locked_get(file->vn);
	if (!wanted.locked) {
		locks_unlock();
		return ENOLCK;
	}
	lock_waits_check(&wanted);
	own = lock_holder_of(wanted.locked, file);
	if (what == IO_FLOCK_UNLOCK || (*own && !wanted.once && lock_hold(wanted.locked, file, rq->port, wanted.exclusive) == EAGAIN)) {
		/* Two that wait for more while they keep what they have would wait for each other. */
		lock_holder_remove(own);
		lock_waits_run(wanted.locked);
	}
	if (what == IO_FLOCK_UNLOCK) {
		locks_unlock();
		return KERN_SUCCESS;
	}
	return lock_waits_begin(rq, &wanted);
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
