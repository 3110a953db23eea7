/*
 * devfs: a directory of devices that need no disk.
 *
 * `null zero full random urandom` are served here. A node may also stand for a port of another server (`tty`,
 * `console`): opening it gives that server's port, so that reads and writes go there directly.
 */
#ifndef FS_DEVFS_DEVFS_H
#define FS_DEVFS_DEVFS_H

#include "../vfs/vnode.h"

/* Purpose: mount a devfs on a directory. Returns: 0; ENOMEM; what vfs_mount says. */
int devfs_mount(uint64_t id, struct vnode *on, struct mount **result);

/* Purpose: make the bytes of `random` less predictable. Conditions: devfs is mounted. */
void devfs_stir(const void *data, size_t size);

#endif
