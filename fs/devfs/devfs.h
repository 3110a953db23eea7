/*
 * devfs: a directory of devices.
 *
 * `null zero full random urandom` are served here. A node may also stand for a port of another server (`tty`,
 * `console`, `ptmx`, `pts/N`): opening it gives that server's port, so that reads and writes go there directly. Disks
 * and partitions (`vda`, `vda1`) are block special files of uid 0's: disk.h.
 */
#ifndef FS_DEVFS_DEVFS_H
#define FS_DEVFS_DEVFS_H

#include "disk.h"
#include "../vfs/vnode.h"

/*
 * Purpose: show a disk, the n-th, or a partition of it in every devfs. Conditions: before the first mount; the disk stays for ever.
 * Returns: 0; ENOSPC when there are too many.
 */
int devfs_add_disk(struct devfs_disk *disk, unsigned n);

/* The disk or partition that a vnode is the name of, or NULL. */
struct devfs_disk *devfs_disk_of(struct vnode *vn);

/* Purpose: mount a devfs on a directory. Returns: 0; ENOMEM; what vfs_mount says. */
int devfs_mount(uint64_t id, struct vnode *on, struct mount **result);

/*
 * Purpose: says which slaves there are in `pts`, a bit for each; `which` is asked for every look at that directory, and says 0 or OS_LATER.
 * Conditions: before the first mount. Without it there are none.
 */
void devfs_set_slaves(int (*which)(uint64_t *there));

/* Purpose: make the bytes of `random` less predictable. Conditions: devfs is mounted. */
void devfs_stir(const void *data, size_t size);

#endif
