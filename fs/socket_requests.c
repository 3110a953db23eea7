/*
 * The server's side of sock.defs.
 */
#include "server.h"
#include "sockets.h"

#include "sock_server.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>

/* Returns 0 and the socket a request is about, done with files_done(*open); EBADF; ENOTSOCK. */
static int
begin(const struct mig_request *rq, struct open_file **open, struct socket **s)
{
	struct pipe_end *end;

	*open = files_use(rq->port);
	if (!*open)
		return EBADF;
	end = files_file(*open)->pipe;
	if (end && end->socket) {
		*s = end->socket;
		return 0;
	}
	files_done(*open);
	return ENOTSOCK;
}

/* --- making --- */

static int
check_kind(uint32_t family, uint32_t kind, uint32_t protocol)
{
	if (family != AF_UNIX)
		return EAFNOSUPPORT;
	if (protocol != 0)
		return EPROTONOSUPPORT;
	return kind == SOCK_STREAM ? 0 : EPROTOTYPE;
}

kern_return_t
sock_create_s(struct mig_request *rq, uint32_t family, uint32_t kind, uint32_t protocol, uint32_t flags, mach_port_t *port,
	uint32_t *port_type)
{
	int error = check_kind(family, kind, protocol);

	*port_type = MACH_MSG_TYPE_MAKE_SEND;
	return error ? error : socket_create(rq, flags, port);
}

kern_return_t
sock_pair_s(struct mig_request *rq, uint32_t family, uint32_t kind, uint32_t protocol, uint32_t flags, mach_port_t *first,
	uint32_t *first_type, mach_port_t *second, uint32_t *second_type)
{
	int error = check_kind(family, kind, protocol);

	*first_type = *second_type = MACH_MSG_TYPE_MAKE_SEND;
	return error ? error : socket_pair(rq, flags, first, second);
}

/* --- names --- */

struct path {
	char text[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
};

/* The path of an address, which may end without a 0. Returns 0; EAFNOSUPPORT; EINVAL. */
static int
path_of(const void *address, uint32_t length, struct path *path)
{
	const char *from = (const char *)address + offsetof(struct sockaddr_un, sun_path);
	sa_family_t family;
	size_t size;

	if (length < sizeof(family) || length > sizeof(struct sockaddr_un))
		return EINVAL;
	memcpy(&family, address, sizeof(family));
	if (family != AF_UNIX)
		return EAFNOSUPPORT;
	size = strnlen(from, length - offsetof(struct sockaddr_un, sun_path));
	memcpy(path->text, from, size);
	path->text[size] = 0;
	return 0;
}

/* As the name of a socket is told: with a 0. */
static struct socket_name
name_of(const struct path *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct socket_name name = { .length = offsetof(struct sockaddr_un, sun_path) };
	size_t size = strlen(path->text) + 1;

	if (size > sizeof(address.sun_path))
		size = sizeof(address.sun_path);
	memcpy(address.sun_path, path->text, size);
	name.length += (uint32_t)size;
	memcpy(name.bytes, &address, name.length);
	return name;
}

/* Gives a socket a file. Conditions: socket_bind_begin. */
static int
bind_at(struct mig_request *rq, struct open_file *open, struct socket *s, mach_port_t at, uint32_t mode, const struct path *path)
{
	struct open_file *dir = files_use(at);
	struct socket_name name = name_of(path);
	struct vfs_new what = { .mode = VFS_S_IFSOCK | (mode & 0777), .cred = sender_of(rq) };
	struct vnode *vn = NULL;
	struct walk_start start;
	int error = EBADF;

	if (dir) {
		start = start_at(dir, rq);
		error = vfs_create(&start, path->text, false, &what, &vn);
	}
	files_done(dir);
	if (!error)
		files_has_name(open, vn->mount);
	socket_bind_end(s, error ? NULL : vn, &name);
	return error == EEXIST ? EADDRINUSE : error;
}

kern_return_t
sock_bind_s(struct mig_request *rq, mach_port_t dir, uint32_t mode, const void *address, uint32_t length)
{
	struct open_file *open;
	struct socket *s;
	struct path path;
	int error = begin(rq, &open, &s);

	if (error)
		return error;
	error = path_of(address, length, &path);
	if (!error)
		error = socket_bind_begin(s);
	if (!error)
		error = bind_at(rq, open, s, dir, mode, &path);
	files_done(open);
	if (!error)
		port_drop(dir);
	return error;
}

/* Returns 0 and a reference to what a path names, if it is a socket's and the sender may write it. */
static int
find(struct mig_request *rq, mach_port_t at, const struct path *path, struct vnode **vn)
{
	struct open_file *dir = files_use(at);
	struct walk_start start;
	struct vfs_attr attr;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = vfs_walk(&start, path->text, 0, vn);
	files_done(dir);
	if (error)
		return error;
	error = vfs_getattr(*vn, &attr);
	if (!error)
		error = (*vn)->type == VFS_S_IFSOCK ? vfs_access(&attr, &start.cred, VFS_WRITE) : ECONNREFUSED;
	if (error)
		vnode_put(*vn);
	return error;
}

kern_return_t
sock_connect_s(struct mig_request *rq, mach_port_t dir, const void *address, uint32_t length)
{
	struct open_file *open;
	struct vnode *vn;
	struct socket *s;
	struct path path;
	int error = begin(rq, &open, &s);

	if (error)
		return error;
	error = path_of(address, length, &path);
	if (!error)
		error = find(rq, dir, &path, &vn);
	if (!error) {
		error = socket_connect(rq, s, vn);
		vnode_put_removed(vn);
	}
	files_done(open);
	if (!error)
		port_drop(dir);
	return error;
}

kern_return_t
sock_name_s(struct mig_request *rq, uint32_t which, void *address, uint32_t *length)
{
	struct open_file *open;
	struct socket_name name;
	struct socket *s;
	int error = begin(rq, &open, &s);

	if (error)
		return error;
	error = socket_name_get(s, which, &name);
	files_done(open);
	if (error)
		return error;
	memcpy(address, name.bytes, name.length);
	*length = name.length;
	return 0;
}

/* --- connections --- */

kern_return_t
sock_listen_s(struct mig_request *rq, int32_t backlog)
{
	struct open_file *open;
	struct socket *s;
	int error = begin(rq, &open, &s);

	if (error)
		return error;
	error = socket_listen(s, backlog);
	files_done(open);
	return error;
}

kern_return_t
sock_accept_s(struct mig_request *rq, uint32_t flags, mach_port_t *port, uint32_t *port_type, void *peer, uint32_t *length)
{
	struct open_file *open;
	struct socket *s;
	kern_return_t kr = begin(rq, &open, &s);

	(void)port, (void)port_type, (void)peer, (void)length;
	if (kr)
		return kr;
	kr = socket_accept(rq, s, flags);
	files_done(open);
	return kr;
}

kern_return_t
sock_shutdown_s(struct mig_request *rq, uint32_t how)
{
	struct open_file *open;
	struct socket *s;
	int error = begin(rq, &open, &s);

	if (error)
		return error;
	error = socket_shutdown(s, how);
	files_done(open);
	return error;
}

/* --- transfers; nothing goes out of band --- */

kern_return_t
sock_send_s(struct mig_request *rq, uint32_t flags, const void *address, uint32_t address_length, const void *data, uint32_t size,
	uint32_t *written)
{
	struct open_file *open;
	struct socket *s;
	kern_return_t kr = begin(rq, &open, &s);

	(void)address, (void)address_length;	/* with a connection, it does not matter (POSIX) */
	if (kr)
		return kr;
	pipes_lock();
	kr = flags & MSG_OOB ? EOPNOTSUPP : end_write(rq, s->end, data, size, WAIT_SEND, !(flags & MSG_DONTWAIT), written);
	pipes_unlock();
	files_done(open);
	return kr;
}

kern_return_t
sock_receive_s(struct mig_request *rq, uint32_t flags, uint32_t size, void *address, uint32_t *address_length, void *data,
	uint32_t *count, uint32_t *seen)
{
	struct open_file *open;
	struct socket *s;
	kern_return_t kr = begin(rq, &open, &s);

	(void)address;
	if (kr)
		return kr;
	*address_length = 0;
	*seen = 0;
	if (size < *count)
		*count = size;
	pipes_lock();
	kr = flags & MSG_OOB ? EOPNOTSUPP : end_receive(rq, s->end, flags & MSG_PEEK, !(flags & MSG_DONTWAIT), data, count);
	pipes_unlock();
	files_done(open);
	return kr;
}

/* --- options --- */

kern_return_t
sock_get_option_s(struct mig_request *rq, uint32_t level, uint32_t option, void *value, uint32_t *size)
{
	struct open_file *open;
	struct socket *s;
	int error = begin(rq, &open, &s);

	if (error)
		return error;
	error = level == SOL_SOCKET ? socket_get_option(s, option, value, size) : ENOPROTOOPT;
	files_done(open);
	return error;
}

kern_return_t
sock_set_option_s(struct mig_request *rq, uint32_t level, uint32_t option, const void *value, uint32_t size)
{
	struct open_file *open;
	struct socket *s;
	int error = begin(rq, &open, &s);

	if (error)
		return error;
	error = level == SOL_SOCKET ? socket_set_option(s, option, value, size) : ENOPROTOOPT;
	files_done(open);
	return error;
}
