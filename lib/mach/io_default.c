/*
 * What a server of io.defs answers to operations that make no sense for it. Each function is weak: a server that has one of its own gets
 * that, so the protocol can grow without a change to every terminal and socket.
 */
#include "io_server.h"

#include <errno.h>

#define DEFAULT __attribute__((weak)) kern_return_t

/*
 * Out of line is only a way to carry more: the server's own io_write takes what it can. A server
 * whose io_write answers late (MIG_NO_REPLY) has an io_write_ool of its own.
 */
DEFAULT
io_write_ool_s(struct mig_request *rq, int64_t offset, void *data, uint32_t data_count,
	uint32_t *written)
{
	uint32_t size = data_count < IO_INLINE_MAX ? data_count : IO_INLINE_MAX;
	kern_return_t kr = io_write_s(rq, offset, data, size, written);

	if (kr == KERN_SUCCESS)
		mig_free(data, data_count);
	return kr;
}

DEFAULT
io_truncate_s(struct mig_request *rq, int64_t size)
{
	(void)rq, (void)size;
	return EINVAL;
}

DEFAULT
io_sync_s(struct mig_request *rq, uint32_t data_only)
{
	(void)rq, (void)data_only;
	return EINVAL;
}

DEFAULT
io_map_s(struct mig_request *rq, mach_port_t *object, uint32_t *object_type)
{
	(void)rq, (void)object, (void)object_type;
	return ENODEV;
}

DEFAULT
io_chmod_s(struct mig_request *rq, uint32_t mode)
{
	(void)rq, (void)mode;
	return EINVAL;
}

DEFAULT
io_chown_s(struct mig_request *rq, uint32_t uid, uint32_t gid)
{
	(void)rq, (void)uid, (void)gid;
	return EINVAL;
}

DEFAULT
io_utimens_s(struct mig_request *rq, const struct io_times *times)
{
	(void)rq, (void)times;
	return EINVAL;
}

DEFAULT
io_statfs_s(struct mig_request *rq, struct io_statfs *info)
{
	(void)rq, (void)info;
	return ENOSYS;
}

DEFAULT
io_get_flags_s(struct mig_request *rq, uint32_t *flags)
{
	(void)rq;
	*flags = IO_O_RDWR;
	return KERN_SUCCESS;
}

DEFAULT
io_set_flags_s(struct mig_request *rq, uint32_t flags)
{
	(void)rq;
	return (flags & IO_O_NONBLOCK) ? EINVAL : KERN_SUCCESS;
}

/* What never waits is always ready. */
DEFAULT
io_poll_s(struct mig_request *rq, uint32_t events, uint32_t key, mach_port_t waiter,
	uint32_t *happened)
{
	(void)rq, (void)key;
	port_drop(waiter);
	*happened = events & (IO_POLL_IN | IO_POLL_OUT);
	return KERN_SUCCESS;
}

DEFAULT
io_open_s(struct mig_request *rq, uint64_t rdev, uint32_t flags, uint32_t label, uint32_t uid, mach_port_t *file,
	uint32_t *file_type)
{
	(void)rq, (void)rdev, (void)flags, (void)label, (void)uid, (void)file, (void)file_type;
	return ENXIO;
}

DEFAULT
io_lock_s(struct mig_request *rq, uint32_t command, const struct io_lock *wanted, struct io_lock *found)
{
	(void)rq, (void)command, (void)wanted, (void)found;
	return EINVAL;
}

DEFAULT
io_flock_s(struct mig_request *rq, uint32_t operation)
{
	(void)rq, (void)operation;
	return EINVAL;
}
