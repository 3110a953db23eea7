/*
 * What the two protocol files share.
 */
#ifndef FS_SERVER_H
#define FS_SERVER_H

#include "files.h"

#include <proto/types.h>

/* Purpose: a file's attributes in the form of the protocol. Returns 0; EIO. */
int stat_fill(struct vnode *vn, struct io_stat *info);

#endif
