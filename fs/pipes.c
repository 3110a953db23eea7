/*
 * Pipes and FIFOs: what clients ask of their ends. See pipes.h.
 */
#include "pipes_local.h"
#include "sockets.h"

#include "mach/heap.h"

#include <errno.h>
#include <mach/host_info.h>
#include <string.h>

#define SECOND		1000000000u	/* ns */

enum { PIPES_INO = 1, SOCKETS_INO };	/* of the vnodes that stand for all pipes, all sockets */

static struct vnode *pipes_vnode;

/* --- the vnodes behind pipes and sockets, which have no name --- */

static int
pipes_getattr(struct vnode *vn, struct vfs_attr *attr)
{
	*attr = (struct vfs_attr){ .ino = vn->id, .mode = vn->type | 0600, .links = 1, .block_size = PIPE_ATOMIC };
	return 0;
}

static int
pipes_load(struct vnode *vn)
{
	static const struct vnode_ops ops = { .getattr = pipes_getattr };

	vn->type = vn->id == PIPES_INO ? VFS_S_IFIFO : VFS_S_IFSOCK;
	vn->ops = &ops;
	return 0;
}

int
pipes_init(uint64_t dev, mach_port_t port)
{
	static const struct mount_ops ops = { .name = "pipefs", .vnode_size = sizeof(struct vnode), .load = pipes_load };
	static struct mount mount = { .ops = &ops };
	struct vnode *sockets;
	int error;

	mount.dev = dev;
	waits_init(port);
	error = vnode_get(&mount, PIPES_INO, &pipes_vnode);
	if (!error)
		error = vnode_get(&mount, SOCKETS_INO, &sockets);
	if (!error)
		sockets_init(sockets);
	return error;
}

/* --- making and opening --- */

/* One end of a new pipe. */
static int
make_end(struct conduit *c, unsigned flags, struct pipe_end **end)
{
	bool reads = (flags & FILE_ACCESS) == FILE_READ_ONLY;
	struct file *file;
	int error = file_open_vnode(pipes_vnode, flags, &file);

	if (error)
		return error;
	error = end_create(file, end);
	if (error)
		file_close(file);
	else
		end_join(*end, reads ? c : NULL, reads ? NULL : c);
	return error;
}

int
pipes_create(const struct mig_request *rq, uint32_t flags, mach_port_t *reader, mach_port_t *writer)
{
	unsigned kept = flags & FILE_NONBLOCK;
	struct pipe_end *ends[2];
	struct conduit *c;
	int error;

	pipes_lock();
	c = conduit_create(rq, NULL);
	error = c ? make_end(c, FILE_READ_ONLY | kept, &ends[0]) : ENFILE;
	if (!error) {
		error = make_end(c, FILE_WRITE_ONLY | kept, &ends[1]);
		if (error)
			end_abandon(ends[0]);
	} else if (c) {
		conduit_release(c);
	}
	if (!error) {
		c->id = identity_new(rq);
		*reader = ends[0]->port;
		*writer = ends[1]->port;
	}
	pipes_unlock();
	return error;
}

/* Conditions: lock held. Whether the open has to wait for the other side. */
static bool
must_meet(const struct pipe_end *end)
{
	if (file_flags(end->file) & FILE_NONBLOCK)
		return false;
	return (end->in && end->in->pipe.writers == 0) || (end->out && end->out->pipe.readers == 0);
}

/* The file belongs to the table of open files if the result is 0, MIG_NO_REPLY, or *end was set. */
static kern_return_t
open_fifo(const struct mig_request *rq, struct conduit *c, struct file *file, const struct io_stat *info,
	struct pipe_end **end)
{
	unsigned flags = file_flags(file), access = flags & FILE_ACCESS;
	struct wait *wait;
	int error;

	if (access == FILE_WRITE_ONLY && (flags & FILE_NONBLOCK) && c->pipe.readers == 0)
		return ENXIO;
	error = end_create(file, end);
	if (error)
		return error;
	end_join(*end, access == FILE_READ_ONLY || access == FILE_READ_WRITE ? c : NULL,
		access == FILE_WRITE_ONLY || access == FILE_READ_WRITE ? c : NULL);
	if (!must_meet(*end))
		return 0;
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

	pipes_lock();
	c = conduit_find(file->vn);
	if (!c)
		c = conduit_create(rq, file->vn);
	if (c) {
		conduit_settle(c);
		kr = open_fifo(rq, c, file, info, &end);
		conduit_release(c);
	}
	if (end)
		*port = end->port;
	pipes_unlock();
	if (!end)
		file_close(file);
	return kr;
}

/* --- transfers --- */

/* Conditions: lock held. Returns 0: there is nothing to read, and will not be. */
static int
no_input(const struct pipe_end *end)
{
	return end->socket ? socket_no_input(end->socket) : EBADF;
}

static int
no_output(const struct pipe_end *end)
{
	return end->socket ? socket_no_output(end->socket) : EBADF;
}

/* Returns 0 if a read has bytes or the end of file; EAGAIN if it has to wait, or would. Conditions: lock held. */
static int
read_now(struct pipe_end *end, void *data, size_t size, size_t *done)
{
	struct conduit *c = end->in;
	int error;

	*done = 0;
	if (!c)
		return no_input(end);
	error = pipe_read(&c->pipe, data, size, done);
	if (error == EAGAIN && !has_writer(c))
		return 0;
	if (*done > 0) {
		c->was_read = true;
		wake_writers(c, pipe_room(&c->pipe) >= PIPE_ATOMIC ? IO_POLL_OUT : 0);
	}
	return error;
}

/* The same, but the bytes stay. */
static int
peek_now(const struct pipe_end *end, void *data, size_t size, size_t *done)
{
	const struct conduit *c = end->in;

	*done = 0;
	if (!c)
		return no_input(end);
	if (pipe_used(&c->pipe) == 0 && size > 0)
		return has_writer(c) ? EAGAIN : 0;
	*done = pipe_used(&c->pipe) < size ? pipe_used(&c->pipe) : size;
	pipe_peek(&c->pipe, data, *done);
	return 0;
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
	pipe_wait_read(&end->in->pipe, &wait->pipe);
	return MIG_NO_REPLY;
}

kern_return_t
pipes_read(const struct mig_request *rq, struct file *file, void *data, uint32_t *size)
{
	struct pipe_end *end = file->pipe;
	size_t done;
	kern_return_t kr;

	pipes_lock();
	kr = read_now(end, data, *size, &done);
	if (kr == EAGAIN)
		kr = read_later(rq, end, WAIT_READ, *size);
	pipes_unlock();
	*size = (uint32_t)done;
	return kr;
}

kern_return_t
end_receive(const struct mig_request *rq, struct pipe_end *end, bool peek, bool wait, void *data, uint32_t *size)
{
	size_t done;
	kern_return_t kr = peek ? peek_now(end, data, *size, &done) : read_now(end, data, *size, &done);

	if (kr == EAGAIN && wait)
		kr = read_later(rq, end, peek ? WAIT_PEEK : WAIT_RECEIVE, *size);
	*size = (uint32_t)done;
	return kr;
}

kern_return_t
pipes_read_ool(const struct mig_request *rq, struct file *file, uint32_t size, void **data, uint32_t *done_count)
{
	struct pipe_end *end = file->pipe;
	size_t done = 0, room = 0;
	void *pages = NULL;
	kern_return_t kr;

	pipes_lock();
	if (end->in)
		room = pipe_used(&end->in->pipe) < size ? pipe_used(&end->in->pipe) : size;
	if (room > 0)
		pages = os_pages_alloc(room);
	kr = room > 0 && !pages ? ENOMEM : read_now(end, pages, room > 0 ? room : size, &done);
	if (kr == EAGAIN)
		kr = read_later(rq, end, WAIT_READ_OOL, size);
	pipes_unlock();
	*data = pages;
	*done_count = (uint32_t)done;
	return kr;
}

/* Out-of-line memory of `size` bytes of which `kept` are wanted. */
static void
trim(const void *data, size_t size, size_t kept)
{
	uintptr_t from = vm_page_round((uintptr_t)data + kept), end = (uintptr_t)data + size;

	if (from < end)
		mig_free((void *)from, end - from);
}

/* Keeps the rest of a write, at most what fills the pipe once more: the client gets a short count then, and goes on. */
static kern_return_t
write_later(const struct mig_request *rq, struct pipe_end *end, const void *data, size_t all, enum wait_kind kind, size_t done)
{
	size_t size = all - done > PIPE_SIZE ? done + PIPE_SIZE : all;
	struct wait *wait = wait_add(rq, kind, end, size);
	bool ool = kind == WAIT_WRITE_OOL;

	if (!wait)
		return ENOMEM;
	wait->memory = ool ? (void *)(uintptr_t)data : heap_alloc(size);
	if (!wait->memory) {
		wait_cancel(wait);
		return ENOMEM;
	}
	if (ool)
		trim(data, all, size);
	else
		memcpy(wait->memory, data, size);
	wait->pipe.data = wait->memory;
	wait->pipe.done = done;
	pipe_wait_write(&end->out->pipe, &wait->pipe);
	return MIG_NO_REPLY;
}

kern_return_t
end_write(const struct mig_request *rq, struct pipe_end *end, const void *data, uint32_t size, enum wait_kind kind, bool wait,
	uint32_t *written)
{
	struct conduit *c = end->out;
	size_t done = 0;
	kern_return_t kr;

	*written = 0;
	if (!c)
		return no_output(end);
	kr = has_reader(c) ? pipe_write(&c->pipe, data, size, &done) : EPIPE;
	if (kr == EAGAIN && wait && !(file_flags(end->file) & FILE_NONBLOCK))
		kr = write_later(rq, end, data, size, kind, done);
	if (kr != 0 && kr != MIG_NO_REPLY && done > 0)
		kr = 0;
	if (done > 0) {
		c->was_written = true;
		wake_readers(c, IO_POLL_IN);
	}
	*written = (uint32_t)done;
	return kr;
}

kern_return_t
pipes_write(const struct mig_request *rq, struct file *file, const void *data, uint32_t size, bool ool, uint32_t *written)
{
	kern_return_t kr;

	pipes_lock();
	kr = end_write(rq, file->pipe, data, size, ool ? WAIT_WRITE_OOL : WAIT_WRITE, true, written);
	pipes_unlock();
	if (kr == 0 && ool)
		mig_free((void *)(uintptr_t)data, size);
	return kr;
}

/* --- the rest --- */

static uint32_t
events_of(const struct pipe_end *end)
{
	uint32_t events = 0;

	if (end->socket)
		return socket_events(end->socket);
	if (end->in && pipe_used(&end->in->pipe) > 0)
		events |= IO_POLL_IN;
	if (end->in && end->met_writer && !has_writer(end->in))
		events |= IO_POLL_HANGUP;
	if (end->out && pipe_takes(&end->out->pipe))
		events |= IO_POLL_OUT;
	if (end->out && !has_reader(end->out))
		events |= IO_POLL_ERROR;
	return events;
}

kern_return_t
pipes_poll(const struct mig_request *rq, struct file *file, uint32_t events, uint32_t key, mach_port_t waiter,
	uint32_t *happened)
{
	struct pipe_end *end = file->pipe;
	kern_return_t kr = 0;

	pipes_lock();
	*happened = events_of(end) & (events | IO_POLL_ALWAYS);
	if (*happened == 0 && waiter != MACH_PORT_NULL)
		kr = poll_list_add(&end->polls, rq->sender.label, key, events | IO_POLL_ALWAYS, waiter);
	else
		port_drop(waiter);
	pipes_unlock();
	return kr;
}

void
pipes_interrupt(struct file *file, uint32_t label)
{
	pipes_lock();
	if (file->pipe)
		waits_end(file->pipe, label, EINTR);
	else
		waits_interrupt_opens(label);
	pipes_unlock();
}

/* Those of a pipe are here. Conditions: lock held. */
static const struct identity *
pipe_identity(struct conduit *c)
{
	uint64_t now;

	clock_get_time(CLOCK_REALTIME_NS, &now);
	if (c->was_read)
		c->id.atime = now;
	if (c->was_written)
		c->id.mtime = now;
	c->was_read = c->was_written = false;
	return &c->id;
}

/* A FIFO has what its file says. */
static const struct identity *
identity_of(const struct pipe_end *end)
{
	struct conduit *c = end->in ? end->in : end->out;

	if (end->socket)
		return socket_identity(end->socket);
	return c && !c->fifo ? pipe_identity(c) : NULL;
}

void
pipes_stat(struct file *file, struct io_stat *info)
{
	const struct pipe_end *end = file->pipe;
	const struct identity *id;
	const struct conduit *c;

	if (!end)
		return;
	pipes_lock();
	c = end->in || end->socket ? end->in : end->out;
	if (c)
		info->size = (int64_t)pipe_used(&c->pipe);
	id = identity_of(end);
	if (id) {
		info->ino = id->number;
		info->uid = id->uid;
		info->gid = id->gid;
		info->atime = (int64_t)(id->atime / SECOND);
		info->atime_nsec = (uint32_t)(id->atime % SECOND);
		info->mtime = info->ctime = (int64_t)(id->mtime / SECOND);
		info->mtime_nsec = info->ctime_nsec = (uint32_t)(id->mtime % SECOND);
	}
	pipes_unlock();
}

void
pipes_dead_name(mach_port_t port, mach_port_t name)
{
	(void)port;
	pipes_lock();
	wait_died(name);
	pipes_unlock();
	port_drop(name);
}
