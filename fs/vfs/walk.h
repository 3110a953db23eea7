/*
 * From a path to a vnode.
 */
#ifndef FS_VFS_WALK_H
#define FS_VFS_WALK_H

#include "vnode.h"

/* A symbolic link in the last place is the result, unless a slash follows it. */
#define WALK_NOFOLLOW	1u

/* Where a walk begins and where it may not leave. */
struct walk_start {
	struct vnode *root;		/* of absolute paths and links, its own parent */
	struct vnode *dir;		/* of relative ones */
	struct vfs_cred cred;		/* needs execute permission on every directory searched */
};

/*
 * Purpose: follow a path. Trailing slashes demand a directory; an empty path is an error.
 * Returns: 0 and a reference; ENOENT, ENOTDIR, EACCES, ELOOP past VFS_LINKS_MAX links, ENAMETOOLONG
 * for a name over VFS_NAME_MAX or a path that, links put in, is VFS_PATH_MAX or longer, ENOMEM,
 * EIO.
 */
int vfs_walk(const struct walk_start *start, const char *path, unsigned flags,
	struct vnode **result);

/* Where the last name of a path is, or would be. */
struct walk_last {
	struct vnode *dir;		/* referenced */
	size_t length;			/* 0: the path names the directory itself, as "/" does */
	bool slash;			/* one follows the name: a directory is meant */
	char name[VFS_NAME_MAX + 1];	/* terminated; may be "." or ".." */
};

/*
 * Purpose: follow a path up to its last name, which need not exist. With `follow`, a symbolic link
 * there is followed, so the last name of its target may be the one found.
 * Returns: 0; as vfs_walk.
 */
int vfs_walk_last(const struct walk_start *start, const char *path, bool follow,
	struct walk_last *last);

/*
 * Purpose: the absolute path of a directory, as seen from a root, into buffer[size], terminated.
 * Returns: 0; ENOENT if it cannot be reached from the root; ENAMETOOLONG; ENOMEM; EIO.
 */
int vfs_path_of(struct vnode *root, struct vnode *dir, char *buffer, size_t size);

#endif
