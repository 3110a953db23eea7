/*
 * The server's side of io.defs: what is asked of an open file.
 */
#include "server.h"
#include "interrupts.h"
#include "locks.h"
#include "pager/pager.h"
#include "pipes.h"

#include "io_server.h"

#include <errno.h>
#include <string.h>

int
stat_fill(struct vnode *vn, struct io_stat *info)
{
	struct vfs_attr attr;
	int error = pipes_update_times(vn);

	if (!error)
		error = vfs_getattr(vn, &attr);
	if (error)
		return error;
	*info = (struct io_stat){
		.dev = vn->mount->dev,
		.ino = attr.ino,
		.mode = attr.mode,
		.nlink = attr.links,
		.uid = attr.uid,
		.gid = attr.gid,
		.rdev = attr.rdev,
		.size = (int64_t)attr.size,
		.blocks = (int64_t)attr.sectors,
		.block_size = attr.block_size,
		.flags = vfs_service(vn) ? IO_STAT_TTY : 0,
		.atime = attr.atime.seconds,
		.mtime = attr.mtime.seconds,
		.ctime = attr.ctime.seconds,
		.atime_nsec = attr.atime.nanoseconds,
		.mtime_nsec = attr.mtime.nanoseconds,
		.ctime_nsec = attr.ctime.nanoseconds,
	};
	return 0;
}

/*
 * What its clients may only execute the process server reads and maps all the same: they get a process, and never a right with which
 * they could do so. No server does for clients what would show them the bytes.
 */
static bool
runs_programs(const struct mig_request *rq, const struct file *file)
{
	return rq->sender.label < PROC_LABEL_FIRST && file_is_program(file);
}

static int
read_file(const struct mig_request *rq, struct file *file, int64_t offset, void *data, size_t size, size_t *done)
{
	return runs_programs(rq, file) ? file_read_program(file, offset, data, size, done) : file_read(file, offset, data, size, done);
}

kern_return_t
io_read_s(struct mig_request *rq, int64_t offset, uint32_t size, void *data, uint32_t *data_count)
{
	struct open_file *open = files_use(rq->port);
	size_t done = 0;
	int error;

	if (!open)
		return EBADF;
	if (size < *data_count)
		*data_count = size;
	if (files_file(open)->pipe) {
		error = offset >= 0 ? ESPIPE : pipes_read(rq, files_file(open), data, data_count);
	} else {
		error = read_file(rq, files_file(open), offset, data, *data_count, &done);
		*data_count = (uint32_t)done;
	}
	files_done(open);
	return error;
}

/* Reads into fresh pages; those that stay empty are given back. */
static int
read_pages(const struct mig_request *rq, struct file *file, int64_t offset, uint32_t size, void **data, uint32_t *count)
{
	size_t done = 0, room = vm_page_round(size), used;
	uint8_t *pages = os_pages_alloc(room);
	int error;

	if (!pages)
		return ENOMEM;
	error = read_file(rq, file, offset, pages, size, &done);
	used = error ? 0 : vm_page_round(done);
	if (used < room)
		os_pages_free(pages + used, room - used);
	*data = used ? pages : NULL;
	*count = used ? (uint32_t)done : 0;
	return error;
}

kern_return_t
io_read_ool_s(struct mig_request *rq, int64_t offset, uint32_t size, void **data,
	uint32_t *data_count)
{
	struct open_file *open = files_use(rq->port);
	int error = 0;

	if (!open)
		return EBADF;
	*data = NULL;
	*data_count = 0;
	if (size > IO_OOL_MAX)
		size = IO_OOL_MAX;
	if (files_file(open)->pipe)
		error = offset >= 0 ? ESPIPE
				    : pipes_read_ool(rq, files_file(open), size, data, data_count);
	else if (size > 0)
		error = read_pages(rq, files_file(open), offset, size, data, data_count);
	files_done(open);
	return error;
}

static kern_return_t
write_bytes(struct mig_request *rq, int64_t offset, const void *data, uint32_t size, bool ool,
	uint32_t *written)
{
	struct open_file *open = files_use(rq->port);
	size_t done = 0;
	kern_return_t kr;

	if (!open)
		return EBADF;
	if (files_file(open)->pipe) {
		kr = offset >= 0 ? ESPIPE
				 : pipes_write(rq, files_file(open), data, size, ool, written);
	} else {
		kr = file_write(files_file(open), offset, data, size, &done);
		*written = (uint32_t)done;
		if (kr == KERN_SUCCESS && ool)
			mig_free((void *)(uintptr_t)data, size);
	}
	files_done(open);
	return kr;
}

kern_return_t
io_write_s(struct mig_request *rq, int64_t offset, const void *data, uint32_t data_count,
	uint32_t *written)
{
	return write_bytes(rq, offset, data, data_count, false, written);
}

kern_return_t
io_write_ool_s(struct mig_request *rq, int64_t offset, void *data, uint32_t data_count,
	uint32_t *written)
{
	return write_bytes(rq, offset, data, data_count, true, written);
}

kern_return_t
io_get_flags_s(struct mig_request *rq, uint32_t *flags)
{
	struct open_file *open = files_use(rq->port);

	if (!open)
		return EBADF;
	*flags = file_flags(files_file(open));
	files_done(open);
	return KERN_SUCCESS;
}

kern_return_t
io_set_flags_s(struct mig_request *rq, uint32_t flags)
{
	struct open_file *open = files_use(rq->port);
	int error;

	if (!open)
		return EBADF;
	error = file_set_flags(files_file(open), flags);
	files_done(open);
	return error;
}

kern_return_t
io_seek_s(struct mig_request *rq, int64_t offset, uint32_t whence, int64_t *position)
{
	struct open_file *open = files_use(rq->port);
	int error;

	if (!open)
		return EBADF;
	error = files_file(open)->pipe ? ESPIPE : file_seek(files_file(open), offset, whence, position);
	files_done(open);
	return error;
}

kern_return_t
io_stat_s(struct mig_request *rq, struct io_stat *info)
{
	struct open_file *open = files_use(rq->port);
	int error;

	if (!open)
		return EBADF;
	error = stat_fill(files_file(open)->vn, info);
	if (!error)
		pipes_stat(files_file(open), info);
	files_done(open);
	return error;
}

/* A reply being filled with directory records. */
struct batch {
	uint8_t *at;
	size_t left;			/* bytes */
};

static int
batch_add(void *context, const struct vfs_dirent *entry)
{
	struct batch *b = context;
	size_t length = (sizeof(struct io_dirent) + entry->length + 1 + 7) & ~(size_t)7;
	struct io_dirent *record = (struct io_dirent *)b->at;

	if (length > b->left)
		return 1;
	memset(b->at, 0, length);
	record->ino = entry->ino;
	record->next = entry->next;
	record->record_length = (uint16_t)length;
	record->type = (uint8_t)(entry->type >> 12);
	record->name_length = (uint8_t)entry->length;
	memcpy(record->name, entry->name, entry->length);
	b->at += length;
	b->left -= length;
	return 0;
}

kern_return_t
io_readdir_s(struct mig_request *rq, void *entries, uint32_t *entries_count)
{
	struct open_file *open = files_use(rq->port);
	struct batch batch = { entries, *entries_count };
	int error;

	if (!open)
		return EBADF;
	error = file_readdir(files_file(open), batch_add, &batch);
	*entries_count -= (uint32_t)batch.left;
	files_done(open);
	return error;
}

/* Disk reads end by themselves soon: there is nothing to interrupt, as POSIX allows for files. */
kern_return_t
io_interrupt_s(struct mig_request *rq)
{
	struct open_file *open = files_use(rq->port);

	if (!open)
		return EBADF;
	interrupts_note(rq);
	locks_interrupt(files_file(open), rq->sender.label);
	pipes_interrupt(files_file(open), rq->sender.label);
	files_done(open);
	return KERN_SUCCESS;
}

kern_return_t
io_poll_s(struct mig_request *rq, uint32_t events, uint32_t key, mach_port_t waiter,
	uint32_t *happened)
{
	struct open_file *open = files_use(rq->port);
	kern_return_t kr = KERN_SUCCESS;

	if (!open)
		return EBADF;
	if (files_file(open)->pipe) {
		kr = pipes_poll(rq, files_file(open), events, key, waiter, happened);
	} else {
		*happened = events & (IO_POLL_IN | IO_POLL_OUT);
		port_drop(waiter);
	}
	files_done(open);
	return kr;
}

/* --- the file behind it --- */

kern_return_t
io_truncate_s(struct mig_request *rq, int64_t size)
{
	struct open_file *open = files_use(rq->port);
	int error;

	if (!open)
		return EBADF;
	error = files_file(open)->pipe ? EINVAL : file_truncate(files_file(open), size);
	files_done(open);
	return error;
}

kern_return_t
io_map_s(struct mig_request *rq, mach_port_t *object, uint32_t *object_type)
{
	struct open_file *open = files_use(rq->port);
	int error;

	(void)object_type;		/* preset: MOVE_SEND */
	if (!open)
		return EBADF;
	error = files_file(open)->pipe ? ENODEV : runs_programs(rq, files_file(open)) ? 0 : file_may_map(files_file(open));
	if (!error)
		error = pager_map(files_file(open)->vn, &files_file(open)->cred,
			file_is_writable(files_file(open)), object);
	files_done(open);
	return error;
}

kern_return_t
io_sync_s(struct mig_request *rq, uint32_t data_only)
{
	struct open_file *open = files_use(rq->port);
	int error;

	if (!open)
		return EBADF;
	error = files_file(open)->pipe ? EINVAL
				       : vfs_sync_file(files_file(open)->vn, data_only != 0);
	files_done(open);
	return error;
}

kern_return_t
io_chmod_s(struct mig_request *rq, uint32_t mode)
{
	struct open_file *open = files_use(rq->port);
	struct vfs_cred cred = sender_of(rq);
	int error;

	if (!open)
		return EBADF;
	error = vfs_chmod(files_file(open)->vn, &cred, mode);
	files_done(open);
	return error;
}

kern_return_t
io_chown_s(struct mig_request *rq, uint32_t uid, uint32_t gid)
{
	struct open_file *open = files_use(rq->port);
	struct vfs_cred cred = sender_of(rq);
	int error;

	if (!open)
		return EBADF;
	error = vfs_chown(files_file(open)->vn, &cred, uid, gid);
	files_done(open);
	return error;
}

/* Returns 0 and the time a field says: *time NULL to leave it alone. */
static int
time_from(int64_t seconds, uint32_t nanoseconds, struct vfs_time *space, const struct vfs_time **time)
{
	*time = space;
	*space = (struct vfs_time){ seconds, nanoseconds };
	if (nanoseconds == IO_TIME_NOW)
		*space = vfs_now();
	else if (nanoseconds == IO_TIME_OMIT)
		*time = NULL;
	else if (nanoseconds > 999999999)
		return EINVAL;
	return 0;
}

int
times_set(struct vnode *vn, const struct vfs_cred *cred, const struct io_times *times)
{
	bool now = times->atime_nsec == IO_TIME_NOW && times->mtime_nsec == IO_TIME_NOW;
	const struct vfs_time *atime, *mtime;
	struct vfs_time space[2];
	int error = time_from(times->atime, times->atime_nsec, &space[0], &atime);

	if (!error)
		error = time_from(times->mtime, times->mtime_nsec, &space[1], &mtime);
	if (!error)
		error = pipes_update_times(vn);		/* what was marked before comes before */
	return error ? error : vfs_set_times(vn, cred, atime, mtime, now);
}

kern_return_t
io_utimens_s(struct mig_request *rq, const struct io_times *times)
{
	struct open_file *open = files_use(rq->port);
	struct vfs_cred cred = sender_of(rq);
	int error;

	if (!open)
		return EBADF;
	error = times_set(files_file(open)->vn, &cred, times);
	files_done(open);
	return error;
}

int
statfs_fill(struct vnode *vn, struct io_statfs *info)
{
	struct vfs_statfs s;
	int error = vfs_statfs(vn, &s);

	if (error)
		return error;
	*info = (struct io_statfs){
		.block_size = s.block_size,
		.blocks = s.blocks,
		.blocks_free = s.blocks_free,
		.blocks_available = s.blocks_available,
		.files = s.files,
		.files_free = s.files_free,
		.dev = vn->mount->dev,
		.name_max = VFS_NAME_MAX,
		.flags = vn->mount->read_only ? IO_STATFS_READ_ONLY : 0,
	};
	strncpy(info->type, s.type, sizeof(info->type) - 1);
	return 0;
}

kern_return_t
io_statfs_s(struct mig_request *rq, struct io_statfs *info)
{
	struct open_file *open = files_use(rq->port);
	int error;

	if (!open)
		return EBADF;
	error = statfs_fill(files_file(open)->vn, info);
	files_done(open);
	return error;
}
