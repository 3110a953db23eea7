/*
 * The server's side of fs.defs: what is asked of a directory port, with a path.
 *
 * The sender's token says who asks. A directory port gives the root that the directory was opened
 * under.
 */
#include "server.h"
#include "pipes.h"

#include "fs_server.h"
#include "io.h"
#include "mach/service.h"

#include <errno.h>

#define DEVICE_TIMEOUT	5000	/* ms another server may take */

/* A new open file of a device that another server drives. It has a time to answer. */
static int
open_device(const struct mig_request *rq, const char *service, struct file *file, uint64_t rdev,
	mach_port_t *port)
{
	mach_port_t server;
	kern_return_t kr = os_wait_place();

	if (kr)
		return kr;
	server = service_look_up(service);
	if (server == MACH_PORT_NULL)
		return ENXIO;
	mig_set_timeout(DEVICE_TIMEOUT);
	service_wait_begin();
	kr = io_open(server, rdev, file->flags, rq->sender.label, rq->sender.uid, port);
	service_wait_end();
	mig_set_timeout(0);
	port_drop(server);
	return kr >= 0 && kr < 4096 ? kr : EIO;
}

/*
 * Gives the client a port for an open file: its own, or that of the server it stands for. Owns the
 * file.
 */
static kern_return_t
hand_out(const struct mig_request *rq, struct file *file, const struct io_stat *info, mach_port_t *port,
	uint32_t *port_type)
{
	const char *service = vfs_service(file->vn);
	int error;

	if (service) {
		*port_type = MACH_MSG_TYPE_MOVE_SEND;
		error = open_device(rq, service, file, info->rdev, port);
		file_close(file);
		return error;
	}
	*port_type = MACH_MSG_TYPE_MAKE_SEND;
	if (file->vn->type == VFS_S_IFIFO)
		return pipes_open(rq, file, info, port);
	error = files_add(file, port);
	if (error)
		file_close(file);
	return error;
}

kern_return_t
fs_open_s(struct mig_request *rq, const char *path, uint32_t flags, uint32_t mode,
	mach_port_t *file, uint32_t *file_type, struct io_stat *info)
{
	struct open_file *dir = files_use(rq->port);
	struct walk_start start;
	struct file *opened;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = file_open(&start, path, flags, mode, &opened);
	if (!error) {
		error = stat_fill(opened->vn, info);
		if (error)
			file_close(opened);
		else
			error = hand_out(rq, opened, info, file, file_type);
	}
	files_done(dir);
	return error;
}

kern_return_t
fs_stat_s(struct mig_request *rq, const char *path, uint32_t flags, struct io_stat *info)
{
	struct open_file *dir = files_use(rq->port);
	struct walk_start start;
	struct vnode *vn;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = vfs_walk(&start, path, (flags & IO_NOFOLLOW) ? WALK_NOFOLLOW : 0, &vn);
	if (!error) {
		error = stat_fill(vn, info);
		vnode_put(vn);
	}
	files_done(dir);
	return error;
}

kern_return_t
fs_readlink_s(struct mig_request *rq, const char *path, char *target)
{
	struct open_file *dir = files_use(rq->port);
	struct walk_start start;
	struct vnode *vn;
	size_t length;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = vfs_walk(&start, path, WALK_NOFOLLOW, &vn);
	if (!error) {
		error = vfs_readlink(vn, target, VFS_PATH_MAX - 1, &length);
		if (!error)
			target[length] = 0;
		vnode_put(vn);
	}
	files_done(dir);
	return error;
}

/* A right to a port that we receive from has the name of the receive right: it leads here, and to nobody in between. */
kern_return_t
fs_vouch_s(struct mig_request *rq, mach_port_t file, struct io_stat *info)
{
	struct open_file *open = files_use(file);
	int error = EBADF;

	(void)rq;
	if (open)
		error = stat_fill(files_file(open)->vn, info);
	files_done(open);
	if (!error)
		port_drop(file);
	return error;
}

kern_return_t
fs_getcwd_s(struct mig_request *rq, char *path)
{
	struct open_file *dir = files_use(rq->port);
	int error;

	if (!dir)
		return EBADF;
	error = vfs_path_of(files_file(dir)->root, files_file(dir)->vn, path, VFS_PATH_MAX);
	files_done(dir);
	return error;
}

kern_return_t
fs_pipe_s(struct mig_request *rq, uint32_t flags, mach_port_t *reader, uint32_t *reader_type,
	mach_port_t *writer, uint32_t *writer_type)
{
	*reader_type = *writer_type = MACH_MSG_TYPE_MAKE_SEND;
	return pipes_create(rq, flags, reader, writer);
}

kern_return_t
fs_chroot_s(struct mig_request *rq, const char *path, mach_port_t *root, uint32_t *root_type)
{
	struct open_file *dir = files_use(rq->port);
	struct walk_start start;
	struct file *opened;
	int error;

	if (!dir)
		return EBADF;
	start = start_at(dir, rq);
	error = rq->sender.uid != 0 ? EPERM : file_open(&start, path, FILE_SEARCH | FILE_DIRECTORY, 0, &opened);
	if (!error) {
		file_become_root(opened);
		*root_type = MACH_MSG_TYPE_MAKE_SEND;
		error = files_add(opened, root);
		if (error)
			file_close(opened);
	}
	files_done(dir);
	return error;
}
