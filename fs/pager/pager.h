/*
 * Files as memory objects: the kernel keeps their pages for those who map them, and asks here for
 * what it does not have. fs/pager/README.md has the whole story.
 */
#ifndef FS_PAGER_PAGER_H
#define FS_PAGER_PAGER_H

#include "vfs/vnode.h"

#include <mach/types.h>

/* Purpose: begin, with threads of its own. Conditions: once, before requests. Returns 0; EAGAIN. */
int pager_init(void);

/*
 * Purpose: a send right to a memory object for the bytes of a regular file, with all accesses or
 * (not writable) all but writing, for cred, whose stores take set-id bits away as writes do. Conditions: the vnode is not locked.
 * Returns: 0, the right is the caller's; ENODEV; ENOMEM.
 */
int pager_map(struct vnode *vn, const struct vfs_cred *cred, bool writable, mach_port_t *object);

#endif
