/*
 * devfs: a directory of devices.
 *
 * `null zero full random urandom` are served here. A node may also stand for a port of another server (`tty`,
 * `console`, `ptmx`, `pts/N`): opening it gives that server's port, so that reads and writes go there directly. Disks
 * (`vda`) are block special files of uid 0's: disk.h. There are no names for partitions, which nobody here reads.
 */
#ifndef FS_DEVFS_DEVFS_H
#define FS_DEVFS_DEVFS_H

#include "disk.h"
#include "../vfs/vnode.h"

/*
 * Purpose: show a disk in every devfs. Conditions: before the first mount; the disk stays for ever.
 * Returns: 0; ENOSPC when there are too many.
 */
int devfs_add_disk(struct devfs_disk *disk);

/* Purpose: mount a devfs on a directory. Returns: 0; ENOMEM; what vfs_mount says. */
int devfs_mount(uint64_t id, struct vnode *on, struct mount **result);

/* Purpose: make the bytes of `random` less predictable. Conditions: devfs is mounted. */
void devfs_stir(const void *data, size_t size);

#endif
