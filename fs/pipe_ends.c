/*
 * Conduits and their ends: who reads, who writes, and what happens when one comes or goes. See pipes_local.h.
 */
#include "pipes_local.h"
#include "sockets.h"

#include "mach/cthread.h"
#include "mach/heap.h"

#include <errno.h>
#include <mach/host_info.h>

static struct mutex lock;
static struct conduit *fifos;
static unsigned count;			/* conduits */
static uint64_t last_number;
static struct pipe_end *abandoned;	/* to be closed when the lock is released */

/* Bytes that nobody can read any more go with the last one. */
static void
leave_counts(struct conduit *c)
{
	if (c->pipe.readers == 0 && c->pipe.writers == 0)
		c->pipe.tail = c->pipe.head;
}

/* An end that is closed, or as good as, counts no more. */
static void
leave_reading(struct pipe_end *end)
{
	if (!end->reads)
		return;
	end->reads = false;
	end->in->pipe.readers--;
	leave_counts(end->in);
}

static void
leave_writing(struct pipe_end *end)
{
	if (!end->writes)
		return;
	end->writes = false;
	end->out->pipe.writers--;
	leave_counts(end->out);
}

/* Its port may have been sent and come back: then another thread closes it, perhaps before this one does. So the end is held until then. */
void
end_abandon(struct pipe_end *end)
{
	leave_reading(end);
	leave_writing(end);
	end->held = files_use(end->port);
	if (!end->held)
		return;
	end->next_abandoned = abandoned;
	abandoned = end;
}

void
pipes_lock(void)
{
	mutex_lock(&lock);
}

/* Closing takes the lock again. */
void
pipes_unlock(void)
{
	struct pipe_end *end, *next;

	waits_end_missed();
	end = abandoned;
	abandoned = NULL;
	mutex_unlock(&lock);
	for (; end; end = next) {
		next = end->next_abandoned;
		files_no_senders(end->port, 0);
		files_done(end->held);
	}
}

struct conduit *
conduit_create(const struct mig_request *rq, struct vnode *fifo)
{
	unsigned most = rq->sender.uid == 0 ? PIPES_MAX : PIPES_MAX - PIPES_KEPT;
	struct conduit *c = count < most ? heap_zalloc(1, sizeof(*c)) : NULL;
	uint8_t *ring;

	if (!c)
		return NULL;
	ring = os_pages_alloc(PIPE_SIZE);
	if (!ring) {
		heap_free(c);
		return NULL;
	}
	pipe_init(&c->pipe, ring, &wait_pipe_user);
	c->fifo = fifo;
	if (fifo) {
		c->next = fifos;
		fifos = c;
	}
	count++;
	return c;
}

void
conduit_release(struct conduit *c)
{
	struct conduit **at;

	if (c->readers || c->writers)
		return;
	for (at = &fifos; *at && *at != c; at = &(*at)->next)
		continue;
	if (*at)
		*at = c->next;
	os_pages_free(c->pipe.ring, PIPE_SIZE);
	heap_free(c);
	count--;
}

struct conduit *
conduit_find(const struct vnode *fifo)
{
	struct conduit *c = fifos;

	while (c && c->fifo != fifo)
		c = c->next;
	return c;
}

void
wake_readers(const struct conduit *c, uint32_t events)
{
	for (struct pipe_end *end = c->readers; end; end = end->next_reader)
		poll_list_wake(&end->polls, events);
}

void
wake_writers(const struct conduit *c, uint32_t events)
{
	for (struct pipe_end *end = c->writers; end; end = end->next_writer)
		poll_list_wake(&end->polls, events);
}

int
end_create(struct file *file, struct pipe_end **result)
{
	struct pipe_end *end = heap_zalloc(1, sizeof(*end));
	int error;

	if (!end)
		return ENOMEM;
	end->file = file;
	file->pipe = end;
	error = files_add(file, &end->port);
	if (error) {
		file->pipe = NULL;
		heap_free(end);
		return error;
	}
	*result = end;
	return 0;
}

static void
join_in(struct pipe_end *end, struct conduit *c)
{
	end->in = c;
	end->reads = true;
	end->next_reader = c->readers;
	c->readers = end;
	c->pipe.readers++;
}

static void
join_out(struct pipe_end *end, struct conduit *c)
{
	end->out = c;
	end->writes = true;
	end->next_writer = c->writers;
	c->writers = end;
	c->pipe.writers++;
	for (struct pipe_end *reader = c->readers; reader; reader = reader->next_reader)
		reader->met_writer = true;
}

/* Lets go on who waited for somebody like the end. */
void
end_join(struct pipe_end *end, struct conduit *in, struct conduit *out)
{
	if (in)
		join_in(end, in);
	if (out)
		join_out(end, out);
	if (in) {
		end->met_writer = in->pipe.writers > 0;
		waits_run_opens(in);
		wake_writers(in, IO_POLL_OUT);
	}
	if (out)
		waits_run_opens(out);
}

/*
 * One direction of a connection has one end at each side. When one has gone and nothing is left to be read, the other gives it up, too:
 * else a client could have any number of them by leaving connections behind that nobody accepts.
 */
static void
release_direction(struct conduit *c)
{
	if (c->writers && !c->readers && c->writers->socket)
		end_leave_out(c->writers);
	else if (c->readers && !c->writers && c->readers->socket && pipe_used(&c->pipe) == 0)
		end_leave_in(c->readers);
	else
		conduit_release(c);
}

/* What is on its way to nobody is thrown away with the last reader: writes that wait fail. */
void
end_leave_in(struct pipe_end *end)
{
	struct conduit *c = end->in;
	struct pipe_end **at;

	if (!c)
		return;
	for (at = &c->readers; *at != end; at = &(*at)->next_reader)
		continue;
	*at = end->next_reader;
	leave_reading(end);
	end->in = NULL;
	pipe_run(&c->pipe);
	if (c->pipe.readers == 0)
		wake_writers(c, IO_POLL_OUT | IO_POLL_ERROR | IO_POLL_HANGUP);
	release_direction(c);
}

void
end_leave_out(struct pipe_end *end)
{
	struct conduit *c = end->out;
	struct pipe_end **at;

	if (!c)
		return;
	for (at = &c->writers; *at != end; at = &(*at)->next_writer)
		continue;
	*at = end->next_writer;
	leave_writing(end);
	end->out = NULL;
	pipe_run(&c->pipe);
	if (c->pipe.writers == 0)
		wake_readers(c, IO_POLL_IN | IO_POLL_HANGUP);
	release_direction(c);
}

bool
has_reader(const struct conduit *c)
{
	for (const struct pipe_end *end = c->readers; end; end = end->next_reader)
		if (end->reads && !files_is_abandoned(end->port))
			return true;
	return false;
}

bool
has_writer(const struct conduit *c)
{
	for (const struct pipe_end *end = c->writers; end; end = end->next_writer)
		if (end->writes && !files_is_abandoned(end->port))
			return true;
	return false;
}

/*
 * Neither ends that are closed nor clients that died while they waited for the other side, though the kernel's notification may still be on its
 * way. The counts are exact afterwards.
 */
void
conduit_settle(struct conduit *c)
{
	waits_end_dead_opens(c);
	for (struct pipe_end *end = c->readers; end; end = end->next_reader)
		if (end->reads && files_is_abandoned(end->port))
			leave_reading(end);
	for (struct pipe_end *end = c->writers; end; end = end->next_writer)
		if (end->writes && files_is_abandoned(end->port))
			leave_writing(end);
	pipe_run(&c->pipe);
}

/* --- times --- */

/* What happened to a FIFO that its times do not tell yet, in words of vfs. Conditions: lock held. */
static unsigned
marks_of(const struct vnode *fifo)
{
	const struct conduit *c = conduit_find(fifo);

	return !c ? 0 : (c->was_read ? VFS_SET_ATIME : 0) | (c->was_written ? VFS_SET_MTIME : 0);
}

static unsigned
take_marks(void *fifo)
{
	struct conduit *c;
	unsigned marks;

	mutex_lock(&lock);
	marks = marks_of(fifo);
	c = conduit_find(fifo);
	if (c)
		c->was_read = c->was_written = false;
	mutex_unlock(&lock);		/* nothing was abandoned: to close an end takes the vnode's lock */
	return marks;
}

int
pipes_update_times(struct vnode *vn)
{
	unsigned marks;

	if (vn->type != VFS_S_IFIFO)
		return 0;
	mutex_lock(&lock);
	marks = marks_of(vn);
	mutex_unlock(&lock);
	return marks ? vfs_note_transfers(vn, take_marks, vn) : 0;
}

/* Marks of a FIFO that was closed by one who had no place to wait for the disk: the next who has one sets its times. */
struct late {
	struct late *next;
	struct vnode *fifo;		/* referenced */
	unsigned marks;
};

static struct late *all_late;

/* Without memory they are lost. */
static void
update_times_late(struct vnode *fifo)
{
	struct late *late = heap_alloc(sizeof(*late));

	if (!late)
		return;
	vnode_hold(fifo);
	*late = (struct late){ NULL, fifo, take_marks(fifo) };
	mutex_lock(&lock);
	late->next = all_late;
	all_late = late;
	mutex_unlock(&lock);
	os_want_errand();
}

static unsigned
take_late(void *late)
{
	return ((struct late *)late)->marks;
}

void
pipes_errands(void)
{
	struct late *late, *next;

	mutex_lock(&lock);
	late = all_late;
	all_late = NULL;
	mutex_unlock(&lock);
	for (; late; late = next) {
		next = late->next;
		(void)vfs_note_transfers(late->fifo, take_late, late);
		vnode_put(late->fifo);
		heap_free(late);
	}
}

void
pipes_close(struct file *file)
{
	struct pipe_end *end = file->pipe;
	struct vnode *name;

	if (!end)
		return;
	if (pipes_update_times(file->vn) != 0)
		update_times_late(file->vn);
	pipes_lock();
	waits_end(end, 0, EBADF);
	end_leave_in(end);
	end_leave_out(end);
	poll_list_clear(&end->polls);
	name = end->socket ? socket_close(end->socket) : NULL;
	file->pipe = NULL;
	heap_free(end);
	pipes_unlock();
	vnode_put_removed(name);
}

struct identity
identity_new(const struct mig_request *rq)
{
	struct identity id = { .number = ++last_number, .uid = rq->sender.uid, .gid = rq->sender.gid };

	clock_get_time(CLOCK_REALTIME_NS, &id.mtime);
	id.atime = id.mtime;
	return id;
}
