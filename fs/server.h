/*
 * What the two protocol files share.
 */
#ifndef FS_SERVER_H
#define FS_SERVER_H

#include "files.h"

#include "mach/mig.h"

#include <proto/types.h>

/* Purpose: a file's attributes in the form of the protocol. Returns 0; EIO. */
int stat_fill(struct vnode *vn, struct io_stat *info);

/* Purpose: what file system a file is on, in the form of the protocol. Returns 0; EIO. */
int statfs_fill(struct vnode *vn, struct io_statfs *info);

/* Purpose: set the times a request says. Returns 0; EINVAL; EPERM; EACCES; EROFS. */
int times_set(struct vnode *vn, const struct vfs_cred *cred, const struct io_times *times);

/* Purpose: prepare mounts.c. Conditions: once, before requests. */
void mounts_init(void);

/* Who sent a request. */
static inline struct vfs_cred
sender_of(const struct mig_request *rq)
{
	return (struct vfs_cred){ rq->sender.uid, rq->sender.gid };
}

/* Where the paths of a request to a directory begin. */
static inline struct walk_start
start_at(struct open_file *dir, const struct mig_request *rq)
{
	struct file *file = files_file(dir);

	return (struct walk_start){ file->root, file->vn, sender_of(rq) };
}

#endif
