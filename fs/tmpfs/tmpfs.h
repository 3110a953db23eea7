/*
 * tmpfs: a file system in memory. Its contents live as long as it is mounted.
 *
 * It takes at most TMPFS_BYTES_MAX of memory, files, names and all.
 */
#ifndef FS_TMPFS_TMPFS_H
#define FS_TMPFS_TMPFS_H

#include "../vfs/vnode.h"

#define TMPFS_BYTES_MAX	(16u << 20)
#define TMPFS_FILE_MAX	(1ull << 30)	/* bytes a file may be long, holes included */

/* Purpose: mount a new, empty one on a directory. Returns: 0; ENOMEM; what vfs_mount says. */
int tmpfs_mount(uint64_t id, struct vnode *on, struct mount **result);

#endif
