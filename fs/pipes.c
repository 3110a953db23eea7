/*
 * Pipes and FIFOs: their ends and what clients ask of them. See pipes.h.
 */
#include "pipes_local.h"

#include "mach/cthread.h"
#include "mach/heap.h"

#include <errno.h>
#include <mach/host_info.h>
#include <string.h>

#define SECOND		1000000000u	/* ns */
#define PIPES_INO	1u		/* of the vnode that stands for all pipes */

static struct mutex lock;
static struct conduit *fifos;
static unsigned count;			/* conduits */
static uint64_t last_number;
static struct pipe_end *abandoned;	/* to be closed when the lock is released */
static struct vnode *pipes_vnode;

/* --- the vnode behind pipes, which have no name --- */

static int
pipes_getattr(struct vnode *vn, struct vfs_attr *attr)
{
	*attr = (struct vfs_attr){ .ino = vn->id, .mode = VFS_S_IFIFO | 0600, .links = 1, .block_size = PIPE_ATOMIC };
	return 0;
}

static int
pipes_load(struct vnode *vn)
{
	static const struct vnode_ops ops = { .getattr = pipes_getattr };

	vn->type = VFS_S_IFIFO;
	vn->ops = &ops;
	return 0;
}

int
pipes_init(uint64_t dev, mach_port_t port)
{
	static const struct mount_ops ops = { .name = "pipefs", .vnode_size = sizeof(struct vnode), .load = pipes_load };
	static struct mount mount = { .ops = &ops };

	mount.dev = dev;
	waits_init(port);
	return vnode_get(&mount, PIPES_INO, &pipes_vnode);
}

/* --- conduits and ends --- */

/* An end that is closed, or as good as, counts no more. Bytes that nobody can read any more go with the last one. */
static void
end_leave(struct pipe_end *end)
{
	struct pipe *pipe = &end->conduit->pipe;

	pipe->readers -= end->reads;
	pipe->writers -= end->writes;
	end->reads = end->writes = false;
	if (pipe->readers == 0 && pipe->writers == 0)
		pipe->tail = pipe->head;
}

void
end_abandon(struct pipe_end *end)
{
	end_leave(end);
	end->next_abandoned = abandoned;
	abandoned = end;
}

/* Releases the lock. Closing takes it again. */
static void
unlock(void)
{
	struct pipe_end *end = abandoned, *next;

	abandoned = NULL;
	mutex_unlock(&lock);
	for (; end; end = next) {
		next = end->next_abandoned;
		files_no_senders(end->port, 0);
	}
}

static struct conduit *
conduit_create(struct vnode *fifo)
{
	struct conduit *c = count < PIPES_MAX ? heap_zalloc(1, sizeof(*c)) : NULL;
	uint8_t *ring;

	if (!c)
		return NULL;
	ring = os_pages_alloc(PIPE_SIZE);
	if (!ring) {
		heap_free(c);
		return NULL;
	}
	pipe_init(&c->pipe, ring, &wait_pipe_user);
	c->number = ++last_number;
	c->fifo = fifo;
	if (fifo) {
		c->next = fifos;
		fifos = c;
	}
	count++;
	return c;
}

/* Frees a conduit that nobody has open. */
static void
conduit_release(struct conduit *c)
{
	struct conduit **at;

	if (c->ends)
		return;
	for (at = &fifos; *at && *at != c; at = &(*at)->next)
		continue;
	if (*at)
		*at = c->next;
	poll_list_clear(&c->polls);
	os_pages_free(c->pipe.ring, PIPE_SIZE);
	heap_free(c);
	count--;
}

/* Returns NULL for a FIFO that nobody has open. */
static struct conduit *
find_conduit(const struct vnode *fifo)
{
	struct conduit *c = fifos;

	while (c && c->fifo != fifo)
		c = c->next;
	return c;
}

/* Lets go on who waited for somebody like the new end. */
static void
end_announce(struct pipe_end *end)
{
	struct conduit *c = end->conduit;

	c->pipe.readers += end->reads;
	c->pipe.writers += end->writes;
	for (struct pipe_end *other = c->ends; end->writes && other; other = other->next)
		other->met_writer = true;
	end->met_writer = c->pipe.writers > 0;
	waits_run_opens(c);
	poll_list_wake(&c->polls, end->reads ? IO_POLL_OUT : 0);
}

/* Makes an end of a file, which it then belongs to. Returns 0; an error, and nothing has changed. */
static int
end_create(struct conduit *c, struct file *file, struct pipe_end **result)
{
	unsigned access = file->flags & FILE_ACCESS;
	struct pipe_end *end = heap_zalloc(1, sizeof(*end));
	int error;

	if (!end)
		return ENOMEM;
	end->conduit = c;
	end->file = file;
	end->reads = access == FILE_READ_ONLY || access == FILE_READ_WRITE;
	end->writes = access == FILE_WRITE_ONLY || access == FILE_READ_WRITE;
	file->pipe = end;
	error = files_add(file, &end->port);
	if (error) {
		file->pipe = NULL;
		heap_free(end);
		return error;
	}
	end->next = c->ends;
	c->ends = end;
	end_announce(end);
	*result = end;
	return 0;
}

static void
end_unlink(struct pipe_end *end)
{
	struct pipe_end **at = &end->conduit->ends;

	while (*at != end)
		at = &(*at)->next;
	*at = end->next;
}

void
pipes_close(struct file *file)
{
	struct pipe_end *end = file->pipe;
	struct conduit *c;

	if (!end)
		return;
	c = end->conduit;
	pipes_update_times(file->vn);
	mutex_lock(&lock);
	waits_end(end, 0, EBADF);
	end_unlink(end);
	end_leave(end);
	pipe_run(&c->pipe);
	if (c->pipe.writers == 0)
		poll_list_wake(&c->polls, IO_POLL_IN | IO_POLL_HANGUP);
	if (c->pipe.readers == 0)
		poll_list_wake(&c->polls, IO_POLL_OUT | IO_POLL_ERROR);
	conduit_release(c);
	file->pipe = NULL;
	heap_free(end);
	unlock();
}

static bool
has_reader(const struct conduit *c)
{
	for (const struct pipe_end *end = c->ends; end; end = end->next)
		if (end->reads && !files_is_abandoned(end->port))
			return true;
	return false;
}

static bool
has_writer(const struct conduit *c)
{
	for (const struct pipe_end *end = c->ends; end; end = end->next)
		if (end->writes && !files_is_abandoned(end->port))
			return true;
	return false;
}

/*
 * Who opens a FIFO meets neither ends that are closed nor clients that died while they waited for the other side, though the kernel's
 * notification may still be on its way. The counts are exact afterwards.
 */
static void
settle(struct conduit *c)
{
	waits_end_dead_opens(c);
	for (struct pipe_end *end = c->ends; end; end = end->next)
		if ((end->reads || end->writes) && files_is_abandoned(end->port))
			end_leave(end);
	pipe_run(&c->pipe);
}

/* --- making and opening --- */

/* One end of a new pipe. */
static int
make_end(struct conduit *c, unsigned flags, struct pipe_end **end)
{
	struct file *file;
	int error = file_open_vnode(pipes_vnode, flags, &file);

	if (error)
		return error;
	error = end_create(c, file, end);
	if (error)
		file_close(file);
	return error;
}

int
pipes_create(const struct mig_request *rq, uint32_t flags, mach_port_t *reader, mach_port_t *writer)
{
	unsigned kept = flags & FILE_NONBLOCK;
	struct pipe_end *ends[2];
	struct conduit *c;
	int error;

	mutex_lock(&lock);
	c = conduit_create(NULL);
	error = c ? make_end(c, FILE_READ_ONLY | kept, &ends[0]) : ENFILE;
	if (!error) {
		error = make_end(c, FILE_WRITE_ONLY | kept, &ends[1]);
		if (error)
			end_abandon(ends[0]);
	} else if (c) {
		conduit_release(c);
	}
	if (!error) {
		c->uid = rq->sender.uid;
		c->gid = rq->sender.gid;
		clock_get_time(CLOCK_REALTIME_NS, &c->mtime);
		c->atime = c->mtime;
		*reader = ends[0]->port;
		*writer = ends[1]->port;
	}
	unlock();
	return error;
}

/* Conditions: lock held. Whether the open has to wait for the other side. */
static bool
must_meet(const struct pipe_end *end)
{
	const struct pipe *pipe = &end->conduit->pipe;

	if (file_flags(end->file) & FILE_NONBLOCK)
		return false;
	return (end->reads && pipe->writers == 0) || (end->writes && pipe->readers == 0);
}

/* The file belongs to the table of open files if the result is 0, MIG_NO_REPLY, or *end was set. */
static kern_return_t
open_fifo(const struct mig_request *rq, struct conduit *c, struct file *file, const struct io_stat *info,
	struct pipe_end **end)
{
	unsigned flags = file_flags(file);
	struct wait *wait;
	int error;

	if ((flags & FILE_ACCESS) == FILE_WRITE_ONLY && (flags & FILE_NONBLOCK) && c->pipe.readers == 0)
		return ENXIO;
	error = end_create(c, file, end);
	if (error || !must_meet(*end))
		return error;
	wait = wait_add(rq, WAIT_OPEN, *end, 0);
	if (!wait) {
		end_abandon(*end);
		return ENOMEM;
	}
	wait->info = *info;
	return MIG_NO_REPLY;
}

kern_return_t
pipes_open(const struct mig_request *rq, struct file *file, const struct io_stat *info, mach_port_t *port)
{
	struct pipe_end *end = NULL;
	kern_return_t kr = ENFILE;
	struct conduit *c;

	mutex_lock(&lock);
	c = find_conduit(file->vn);
	if (!c)
		c = conduit_create(file->vn);
	if (c) {
		settle(c);
		kr = open_fifo(rq, c, file, info, &end);
		conduit_release(c);
	}
	if (end)
		*port = end->port;
	unlock();
	if (!end)
		file_close(file);
	return kr;
}

/* --- transfers --- */

/* Returns 0 if a read has bytes or the end of file; EAGAIN if it has to wait, or would. Conditions: lock held. */
static int
read_now(struct pipe_end *end, void *data, size_t size, size_t *done)
{
	struct conduit *c = end->conduit;
	int error = pipe_read(&c->pipe, data, size, done);

	if (error == EAGAIN && !has_writer(c))
		return 0;
	if (*done > 0) {
		c->was_read = true;
		poll_list_wake(&c->polls, pipe_room(&c->pipe) >= PIPE_ATOMIC ? IO_POLL_OUT : 0);
	}
	return error;
}

static kern_return_t
read_later(const struct mig_request *rq, struct pipe_end *end, enum wait_kind kind, size_t size)
{
	struct wait *wait;

	if (file_flags(end->file) & FILE_NONBLOCK)
		return EAGAIN;
	wait = wait_add(rq, kind, end, size);
	if (!wait)
		return ENOMEM;
	pipe_wait_read(&end->conduit->pipe, &wait->pipe);
	return MIG_NO_REPLY;
}

kern_return_t
pipes_read(const struct mig_request *rq, struct file *file, void *data, uint32_t *size)
{
	struct pipe_end *end = file->pipe;
	size_t done;
	kern_return_t kr;

	if (!end->reads)
		return EBADF;
	mutex_lock(&lock);
	kr = read_now(end, data, *size, &done);
	if (kr == EAGAIN)
		kr = read_later(rq, end, WAIT_READ, *size);
	unlock();
	*size = (uint32_t)done;
	return kr;
}

kern_return_t
pipes_read_ool(const struct mig_request *rq, struct file *file, uint32_t size, void **data, uint32_t *done_count)
{
	struct pipe_end *end = file->pipe;
	size_t done = 0, room;
	void *pages = NULL;
	kern_return_t kr;

	if (!end->reads)
		return EBADF;
	mutex_lock(&lock);
	room = pipe_used(&end->conduit->pipe) < size ? pipe_used(&end->conduit->pipe) : size;
	if (room > 0)
		pages = os_pages_alloc(room);
	kr = room > 0 && !pages ? ENOMEM : read_now(end, pages, room > 0 ? room : size, &done);
	if (kr == EAGAIN)
		kr = read_later(rq, end, WAIT_READ_OOL, size);
	unlock();
	*data = pages;
	*done_count = (uint32_t)done;
	return kr;
}

/* Keeps the rest of a write. */
static kern_return_t
write_later(const struct mig_request *rq, struct pipe_end *end, const void *data, size_t size, bool ool, size_t done)
{
	struct wait *wait = wait_add(rq, ool ? WAIT_WRITE_OOL : WAIT_WRITE, end, size);

	if (!wait)
		return ENOMEM;
	wait->memory = ool ? (void *)(uintptr_t)data : heap_alloc(size);
	if (!wait->memory) {
		wait_cancel(wait);
		return ENOMEM;
	}
	if (!ool)
		memcpy(wait->memory, data, size);
	wait->pipe.data = wait->memory;
	wait->pipe.done = done;
	pipe_wait_write(&end->conduit->pipe, &wait->pipe);
	return MIG_NO_REPLY;
}

kern_return_t
pipes_write(const struct mig_request *rq, struct file *file, const void *data, uint32_t size, bool ool, uint32_t *written)
{
	struct pipe_end *end = file->pipe;
	struct conduit *c;
	size_t done = 0;
	kern_return_t kr;

	if (!end->writes)
		return EBADF;
	c = end->conduit;
	mutex_lock(&lock);
	kr = has_reader(c) ? pipe_write(&c->pipe, data, size, &done) : EPIPE;
	if (kr == EAGAIN && !(file_flags(file) & FILE_NONBLOCK))
		kr = write_later(rq, end, data, size, ool, done);
	if (kr != 0 && kr != MIG_NO_REPLY && done > 0)
		kr = 0;
	if (done > 0) {
		c->was_written = true;
		poll_list_wake(&c->polls, IO_POLL_IN);
	}
	unlock();
	*written = (uint32_t)done;
	if (kr == 0 && ool)
		mig_free((void *)(uintptr_t)data, size);
	return kr;
}

/* --- the rest --- */

static uint32_t
events_of(const struct pipe_end *end)
{
	const struct conduit *c = end->conduit;
	const struct pipe *pipe = &c->pipe;
	uint32_t events = 0;

	if (end->reads && pipe_used(pipe) > 0)
		events |= IO_POLL_IN;
	if (end->reads && end->met_writer && !has_writer(c))
		events |= IO_POLL_HANGUP;
	if (end->writes && pipe_room(pipe) >= PIPE_ATOMIC && !pipe->writes.first)
		events |= IO_POLL_OUT;
	if (end->writes && !has_reader(c))
		events |= IO_POLL_ERROR;
	return events;
}

kern_return_t
pipes_poll(const struct mig_request *rq, struct file *file, uint32_t events, uint32_t key, mach_port_t waiter,
	uint32_t *happened)
{
	struct pipe_end *end = file->pipe;
	kern_return_t kr = 0;

	mutex_lock(&lock);
	*happened = events_of(end) & (events | IO_POLL_ALWAYS);
	if (*happened == 0 && waiter != MACH_PORT_NULL)
		kr = poll_list_add(&end->conduit->polls, rq->sender.label, key, events | IO_POLL_ALWAYS, waiter);
	else
		port_drop(waiter);
	unlock();
	return kr;
}

void
pipes_interrupt(struct file *file, uint32_t label)
{
	mutex_lock(&lock);
	if (file->pipe)
		waits_end(file->pipe, label, EINTR);
	else
		waits_interrupt_opens(label);
	unlock();
}

/* What happened to a FIFO that its times do not tell yet, in words of vfs. */
static unsigned
take_marks(struct vnode *fifo)
{
	unsigned marks = 0;
	struct conduit *c;

	mutex_lock(&lock);
	c = find_conduit(fifo);
	if (c) {
		marks = (c->was_read ? VFS_SET_ATIME : 0) | (c->was_written ? VFS_SET_MTIME : 0);
		c->was_read = c->was_written = false;
	}
	mutex_unlock(&lock);		/* nothing was abandoned: to close an end takes the vnode's lock */
	return marks;
}

void
pipes_update_times(struct vnode *vn)
{
	if (vn->type == VFS_S_IFIFO)
		vfs_note_transfers(vn, take_marks);
}

/* The same for a pipe, whose times are here. Conditions: lock held. */
static void
update_pipe_times(struct conduit *c)
{
	uint64_t now;

	clock_get_time(CLOCK_REALTIME_NS, &now);
	if (c->was_read)
		c->atime = now;
	if (c->was_written)
		c->mtime = now;
	c->was_read = c->was_written = false;
}

void
pipes_stat(struct file *file, struct io_stat *info)
{
	struct conduit *c;

	if (!file->pipe)
		return;
	mutex_lock(&lock);
	c = file->pipe->conduit;
	info->size = (int64_t)pipe_used(&c->pipe);
	if (!c->fifo) {
		info->ino = c->number;
		info->uid = c->uid;
		info->gid = c->gid;
		update_pipe_times(c);
		info->atime = (int64_t)(c->atime / SECOND);
		info->atime_nsec = (uint32_t)(c->atime % SECOND);
		info->mtime = info->ctime = (int64_t)(c->mtime / SECOND);
		info->mtime_nsec = info->ctime_nsec = (uint32_t)(c->mtime % SECOND);
	}
	unlock();
}

void
pipes_dead_name(mach_port_t port, mach_port_t name)
{
	struct conduit *c;

	(void)port;
	mutex_lock(&lock);
	c = wait_died(name);
	if (c)
		pipe_run(&c->pipe);
	unlock();
	port_drop(name);
}
