/*
 * Open files: a vnode, how it may be used, and an offset shared by all who hold the file's port.
 *
 * Permission is checked at open; afterwards whoever holds the file may do what it was opened for.
 * All functions return 0 or an errno value and may block on the disk.
 */
#ifndef FS_VFS_FILE_H
#define FS_VFS_FILE_H

#include "os.h"
#include "walk.h"

/* Open flags, with the values of IO_O_* in inc/proto/types.h. */
enum {
	FILE_READ_ONLY = 0x0,
	FILE_WRITE_ONLY = 0x1,
	FILE_READ_WRITE = 0x2,
	FILE_SEARCH = 0x3,		/* neither; a directory may be searched, a program executed */
	FILE_ACCESS = 0x3,
	FILE_CREATE = 0x40,
	FILE_EXCLUSIVE = 0x80,
	FILE_TRUNCATE = 0x200,
	FILE_APPEND = 0x400,
	FILE_NONBLOCK = 0x800,
	FILE_DSYNC = 0x1000,
	FILE_DIRECTORY = 0x10000,
	FILE_NOFOLLOW = 0x20000,
	FILE_SYNC = 0x101000,		/* FILE_DSYNC among them */
};

enum { FILE_SEEK_SET = 0, FILE_SEEK_CURRENT = 1, FILE_SEEK_END = 2 };

#define FILE_OFFSET_CURRENT (-1)	/* read or write where the offset stands, and move it */

struct pipe_end;

struct file {
	struct vnode *vn;		/* referenced */
	struct vnode *root;		/* referenced: root of paths that start here */
	struct vfs_cred cred;		/* who opened it */
	unsigned flags;			/* changed by file_set_flags: read and written atomically */

	struct pipe_end *pipe;		/* of a pipe or FIFO: belongs to the server (pipes.c) */

	struct os_mutex lock;
	uint64_t offset;		/* guarded by lock; of a directory: a readdir position */
};

/*
 * Purpose: open what a path names, making a file with the permissions `mode` if FILE_CREATE says
 * so. cred is start->cred.
 * Returns: 0; the errors of vfs_walk and vfs_create; EACCES; EISDIR for writing a directory or with FILE_CREATE; ENOTDIR with
 * FILE_DIRECTORY; ELOOP with FILE_NOFOLLOW; EEXIST; EROFS for what would change a read-only file
 * system or disk; EBUSY for a disk in use; ENXIO for a device nobody drives; EOPNOTSUPP for a
 * socket's name; EINVAL for bad flags; ENOMEM.
 */
int file_open(const struct walk_start *start, const char *path, unsigned flags, uint32_t mode,
	struct file **result);

/* Purpose: open a vnode as a directory without any check, as its own root. Returns 0; ENOMEM. */
int file_open_root(struct vnode *vn, struct file **result);

/* Paths that start at the directory do not lead above it from now on. Conditions: nobody else has the file yet. */
void file_become_root(struct file *file);

/* Purpose: open a vnode, which is its own root, without any check. Returns 0; ENOMEM. */
int file_open_vnode(struct vnode *vn, unsigned flags, struct file **result);

/* Conditions: nobody else uses the file any more. */
void file_close(struct file *file);

/*
 * Reads up to `length` bytes; *done is 0 at the end. EBADF if not open for reading; EINVAL for
 * other negative offsets; EISDIR.
 */
int file_read(struct file *file, int64_t offset, void *data, size_t length, size_t *done);

/*
 * The same at an offset, of a program that is open to be executed: for a server that runs it and shows it to nobody. EBADF: it is none, or open
 * for something else.
 */
int file_read_program(struct file *file, int64_t offset, void *data, size_t length, size_t *done);
int file_write(struct file *file, int64_t offset, const void *data, size_t length, size_t *done);

/* Returns 0; EBADF if not open for writing; EINVAL for a negative size; as vfs_truncate. */
int file_truncate(struct file *file, int64_t size);

/* Returns 0; EACCES if not open for reading, which mapping takes. */
int file_may_map(const struct file *file);

/* Returns whether it is a program that is open to be executed. */
bool file_is_program(const struct file *file);

/* Returns whether what it maps may be written, too. */
bool file_is_writable(const struct file *file);

/* Access mode, FILE_APPEND, FILE_NONBLOCK and FILE_SYNC; all but the first can be changed. */
unsigned file_flags(struct file *file);
int file_set_flags(struct file *file, unsigned flags);	/* 0; OS_LATER */

/* Returns 0 and the new offset; EINVAL when it would be negative or `whence` is unknown. */
int file_seek(struct file *file, int64_t offset, unsigned whence, int64_t *position);

/*
 * Visits directory entries from the offset on, which moves to the first entry the visitor refused.
 * ENOTDIR.
 */
int file_readdir(struct file *file, vfs_visit_t *visit, void *context);

#endif
