/* Local sockets: names, connections and their ends. See sockets.h. */
#include "sockets.h"

#include "mach/heap.h"

#include <errno.h>
#include <string.h>

static struct vnode *sockets_vnode;
static struct socket *listeners;

void
sockets_init(struct vnode *vn)
{
	sockets_vnode = vn;
}

/* --- making --- */

/* An address that says the family and nothing else. */
static struct socket_name
no_name(void)
{
	sa_family_t family = AF_UNIX;
	struct socket_name name = { .length = sizeof(family) };

	memcpy(name.bytes, &family, sizeof(family));
	return name;
}

/* Conditions: lock held. */
static int
make(const struct mig_request *rq, unsigned flags, struct socket **result)
{
	struct socket *s = heap_zalloc(1, sizeof(*s));
	struct file *file;
	int error = s ? file_open_vnode(sockets_vnode, FILE_READ_WRITE | (flags & FILE_NONBLOCK), &file) : ENOMEM;

	if (!error) {
		error = end_create(file, &s->end);
		if (error)
			file_close(file);
	}
	if (error) {
		heap_free(s);
		return error;
	}
	s->end->socket = s;
	s->id = identity_new(rq);
	s->name = s->peer = no_name();
	s->last = &s->first;
	*result = s;
	return 0;
}

int
socket_create(const struct mig_request *rq, unsigned flags, mach_port_t *port)
{
	struct socket *s;
	int error;

	pipes_lock();
	error = make(rq, flags, &s);
	if (!error)
		*port = s->end->port;
	pipes_unlock();
	return error;
}

/* Returns 0; ENFILE, and nothing has changed. Conditions: lock held. */
static int
join(const struct mig_request *rq, struct socket *a, struct socket *b)
{
	struct conduit *there = conduit_create(rq, NULL), *back = there ? conduit_create(rq, NULL) : NULL;

	if (!back) {
		if (there)
			conduit_release(there);
		return ENFILE;
	}
	end_join(a->end, back, there);
	end_join(b->end, there, back);
	a->state = b->state = SOCKET_CONNECTED;
	a->peer = b->name;
	b->peer = a->name;
	return 0;
}

int
socket_pair(const struct mig_request *rq, unsigned flags, mach_port_t *first, mach_port_t *second)
{
	struct socket *a = NULL, *b = NULL;
	int error;

	pipes_lock();
	error = make(rq, flags, &a);
	if (!error)
		error = make(rq, flags, &b);
	if (!error)
		error = join(rq, a, b);
	if (!error) {
		*first = a->end->port;
		*second = b->end->port;
	} else {
		if (a)
			end_abandon(a->end);
		if (b)
			end_abandon(b->end);
	}
	pipes_unlock();
	return error;
}

/* --- names --- */

int
socket_bind_begin(struct socket *s)
{
	int error = 0;

	pipes_lock();
	if (s->vn || s->state != SOCKET_IDLE)
		error = EINVAL;
	else if (s->naming)
		error = EALREADY;
	else
		s->naming = true;
	pipes_unlock();
	return error;
}

void
socket_bind_end(struct socket *s, struct vnode *vn, const struct socket_name *name)
{
	pipes_lock();
	s->naming = false;
	if (vn) {
		s->vn = vn;
		s->name = *name;
	}
	pipes_unlock();
}

int
socket_name_get(const struct socket *s, unsigned which, struct socket_name *name)
{
	int error = 0;

	pipes_lock();
	if (which == SOCK_NAME_OWN)
		*name = s->name;
	else if (s->state == SOCKET_CONNECTED)
		*name = s->peer;
	else
		error = ENOTCONN;
	pipes_unlock();
	return error;
}

/* --- connections --- */

int
socket_listen(struct socket *s, int backlog)
{
	int error = 0;

	pipes_lock();
	if (s->state == SOCKET_CONNECTED) {
		error = EINVAL;
	} else if (!s->vn) {
		error = EDESTADDRREQ;
	} else {
		s->backlog = backlog < 1 ? 1 : backlog < SOMAXCONN ? (unsigned)backlog : SOMAXCONN;
		if (s->state == SOCKET_IDLE) {
			s->state = SOCKET_LISTENS;
			s->next_listener = listeners;
			listeners = s;
		}
	}
	pipes_unlock();
	return error;
}

/* Who listens under a name and can take one more. */
static struct socket *
listener_of(const struct vnode *vn)
{
	struct socket *s = listeners;

	while (s && (s->vn != vn || files_is_abandoned(s->end->port)))
		s = s->next_listener;
	return s && s->waiting < s->backlog ? s : NULL;
}

/* Conditions: lock held. */
static int
connect_to(const struct mig_request *rq, struct socket *s, struct socket *listener)
{
	struct socket *served;
	int error = make(rq, 0, &served);

	if (error)
		return ENOBUFS;
	served->name = listener->name;
	if (join(rq, s, served) != 0) {
		end_abandon(served->end);
		return ENOBUFS;
	}
	*listener->last = served;
	listener->last = &served->next;
	listener->waiting++;
	poll_list_wake(&listener->end->polls, IO_POLL_IN);
	waits_run_accept(listener->end);
	return 0;
}

int
socket_connect(const struct mig_request *rq, struct socket *s, const struct vnode *vn)
{
	struct socket *listener;
	int error;

	pipes_lock();
	listener = listener_of(vn);
	if (s->state != SOCKET_IDLE)
		error = s->state == SOCKET_CONNECTED ? EISCONN : EOPNOTSUPP;
	else
		error = listener ? connect_to(rq, s, listener) : ECONNREFUSED;
	pipes_unlock();
	return error;
}

struct pipe_end *
socket_take(struct pipe_end *listener, unsigned flags, struct socket_name *peer)
{
	struct socket *s = listener->socket, *served = s->first;

	if (!served)
		return NULL;
	s->first = served->next;
	if (!s->first)
		s->last = &s->first;
	s->waiting--;
	file_set_flags(served->end->file, flags & FILE_NONBLOCK);
	*peer = served->peer;
	return served->end;
}

void
socket_put_back(struct pipe_end *listener, struct pipe_end *end)
{
	struct socket *s = listener->socket, *served = end->socket;

	served->next = s->first;
	if (!s->first)
		s->last = &served->next;
	s->first = served;
	s->waiting++;
}

kern_return_t
socket_accept(const struct mig_request *rq, struct socket *s, unsigned flags)
{
	kern_return_t kr = MIG_NO_REPLY;
	struct wait *wait;

	pipes_lock();
	if (s->state != SOCKET_LISTENS) {
		kr = EINVAL;
	} else if (!s->first && (file_flags(s->end->file) & FILE_NONBLOCK)) {
		kr = EAGAIN;
	} else if ((wait = wait_add(rq, WAIT_ACCEPT, s->end, 0)) == NULL) {
		kr = ENOMEM;
	} else {
		wait->flags = flags;
		waits_run_accept(s->end);
	}
	pipes_unlock();
	return kr;
}

int
socket_shutdown(struct socket *s, unsigned how)
{
	int error = 0;

	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		return EINVAL;
	pipes_lock();
	if (s->state != SOCKET_CONNECTED)
		error = ENOTCONN;
	if (!error && how != SHUT_WR) {
		waits_end_reads(s->end, 0);
		end_leave_in(s->end);
	}
	if (!error && how != SHUT_RD) {
		waits_end_writes(s->end, EPIPE);
		end_leave_out(s->end);
	}
	if (!error)
		poll_list_wake(&s->end->polls, IO_POLL_IN | IO_POLL_OUT | IO_POLL_HANGUP);
	pipes_unlock();
	return error;
}

struct vnode *
socket_close(struct socket *s)
{
	struct vnode *vn = s->vn;

	for (struct socket **at = &listeners; *at; at = &(*at)->next_listener)
		if (*at == s) {
			*at = s->next_listener;
			break;
		}
	for (struct socket *served = s->first; served; served = served->next)
		end_abandon(served->end);
	heap_free(s);
	return vn;
}

/* --- how it is --- */

int
socket_no_input(const struct socket *s)
{
	return s->state == SOCKET_CONNECTED ? 0 : ENOTCONN;
}

int
socket_no_output(const struct socket *s)
{
	return s->state == SOCKET_CONNECTED ? EPIPE : ENOTCONN;
}

/* The end of file can be read, and a write that fails does not wait. */
static uint32_t
connection_events(const struct pipe_end *end)
{
	bool reads = end->in && has_writer(end->in), writes = end->out && has_reader(end->out);
	uint32_t events = 0;

	if (!reads || pipe_used(&end->in->pipe) > 0)
		events |= IO_POLL_IN;
	if (!writes || pipe_takes(&end->out->pipe))
		events |= IO_POLL_OUT;
	if (!reads && !writes)
		events |= IO_POLL_HANGUP;
	return events;
}

uint32_t
socket_events(const struct socket *s)
{
	switch (s->state) {
	case SOCKET_CONNECTED:
		return connection_events(s->end);
	case SOCKET_LISTENS:
		return s->first ? IO_POLL_IN : 0;
	default:
		return IO_POLL_OUT | IO_POLL_HANGUP;
	}
}

const struct identity *
socket_identity(const struct socket *s)
{
	return &s->id;
}
