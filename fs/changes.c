/*
 * The requests of fs.defs that change a file system: none can be written to yet.
 */
#include "server.h"

#include "fs_server.h"

#include <errno.h>

#define REFUSES(name, ...)                                                                         \
	kern_return_t name(struct mig_request *rq, __VA_ARGS__)                                    \
	{                                                                                          \
		(void)rq;                                                                          \
		return EROFS;                                                                      \
	}

#pragma GCC diagnostic ignored "-Wunused-parameter"

REFUSES(fs_mkdir_s, const char *path, uint32_t mode)
REFUSES(fs_mknod_s, const char *path, uint32_t mode, uint64_t rdev)
REFUSES(fs_symlink_s, const char *path, const char *target)
REFUSES(fs_link_s, const char *path, mach_port_t to, const char *to_path, uint32_t flags)
REFUSES(fs_unlink_s, const char *path, uint32_t flags)
REFUSES(fs_rename_s, const char *path, mach_port_t to, const char *to_path, uint32_t flags)
REFUSES(fs_chmod_s, const char *path, uint32_t mode, uint32_t flags)
REFUSES(fs_chown_s, const char *path, uint32_t uid, uint32_t gid, uint32_t flags)
REFUSES(fs_utimens_s, const char *path, const struct io_times *times, uint32_t flags)
REFUSES(fs_truncate_s, const char *path, int64_t size)
REFUSES(fs_access_s, const char *path, uint32_t want, uint32_t flags)
REFUSES(fs_statfs_s, const char *path, struct io_statfs *info)
REFUSES(fs_mount_s, const char *path, const char *type, uint32_t flags)
REFUSES(fs_unmount_s, const char *path)

/* Nothing was written, so all of it is on stable storage. */
kern_return_t
fs_sync_s(struct mig_request *rq)
{
	(void)rq;
	return KERN_SUCCESS;
}
