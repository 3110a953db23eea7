/*
 * Local sockets (AF_UNIX, SOCK_STREAM). A socket is an end (pipes_local.h) that reads one pipe and writes another; its peer has them the
 * other way round. Reading, writing, waiting and hanging up are those of pipes.
 *
 *	a->in  <------ conduit <------ b->out
 *	a->out ------> conduit ------> b->in
 *
 * A connection is made by connect alone: the end that accept will hand out exists from then on and waits in the listener's queue, so that the
 * client may write at once. It ends with the listener.
 *
 * A socket with a name holds the vnode of its file, and is found by it. The file stays when the socket goes, as POSIX has it.
 *
 * All of it is under the lock of pipes, which is held over nothing that waits for the disk.
 */
#ifndef FS_SOCKETS_H
#define FS_SOCKETS_H

#include "pipes_local.h"

#include <sys/socket.h>

/* The bytes of an address, as the protocol has them. */
struct socket_name {
	uint8_t bytes[SOCK_ADDRESS_MAX];
	uint32_t length;
};

struct socket {
	struct pipe_end *end;
	enum { SOCKET_IDLE, SOCKET_LISTENS, SOCKET_CONNECTED } state;
	struct identity id;
	bool naming;			/* a bind makes its file */
	struct vnode *vn;		/* of its name, referenced; NULL: it has none */
	struct socket_name name, peer;
	unsigned switches;		/* options that are on: 1 << SO_* */
	struct linger linger;

	struct socket *next_listener;	/* in the list of those that listen */
	struct socket *first, **last;	/* connections that wait to be accepted */
	struct socket *next;		/* among those */
	unsigned waiting, backlog;
};

/* vn: stands for all sockets. Conditions: once, before requests. */
void sockets_init(struct vnode *vn);

/* A new one. flags: FILE_NONBLOCK. Returns 0; ENFILE; ENOMEM; EAGAIN. */
int socket_create(const struct mig_request *rq, unsigned flags, mach_port_t *port);
int socket_pair(const struct mig_request *rq, unsigned flags, mach_port_t *first, mach_port_t *second);

/* Before a name is made for it, and after: vn is referenced, or NULL when it was not made. Returns 0; EINVAL; EALREADY. */
int socket_bind_begin(struct socket *s);
void socket_bind_end(struct socket *s, struct vnode *vn, const struct socket_name *name);

/* vn: of the name of who listens. Returns 0; ECONNREFUSED; EISCONN; EOPNOTSUPP; ENOBUFS: there are too many sockets or pipes. */
int socket_connect(const struct mig_request *rq, struct socket *s, const struct vnode *vn);

/* As the protocol has them. */
int socket_listen(struct socket *s, int backlog);
int socket_shutdown(struct socket *s, unsigned how);
int socket_name_get(const struct socket *s, unsigned which, struct socket_name *name);

/* Answers by itself, now or later: only so it is known whether the connection was delivered. Returns MIG_NO_REPLY; an error. */
kern_return_t socket_accept(const struct mig_request *rq, struct socket *s, unsigned flags);

/* --- options (socket_options.c); level SOL_SOCKET. Return 0; ENOPROTOOPT; EINVAL --- */

int socket_get_option(const struct socket *s, unsigned option, void *value, uint32_t *size);
int socket_set_option(struct socket *s, unsigned option, const void *value, uint32_t size);

/* --- with the lock of pipes held --- */

/* Takes the first connection of a listener and sets the flags of its file. Returns NULL: none waits. */
struct pipe_end *socket_take(struct pipe_end *listener, unsigned flags, struct socket_name *peer);

/* What was taken could not be handed out: it is the first again. */
void socket_put_back(struct pipe_end *listener, struct pipe_end *end);

/* The end of a socket goes. Returns the vnode of its name, whose reference is the caller's; NULL. */
struct vnode *socket_close(struct socket *s);

/* Why there is nothing to read from, or to write to. Returns 0: it is at its end. */
int socket_no_input(const struct socket *s);
int socket_no_output(const struct socket *s);

/* IO_POLL_* of now. */
uint32_t socket_events(const struct socket *s);

const struct identity *socket_identity(const struct socket *s);

#endif
