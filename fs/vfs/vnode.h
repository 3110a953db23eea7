/*
 * Vnodes: one object in memory per file in use, whatever file system it is on.
 *
 * A file system embeds struct vnode as the first member of its own structure and fills in a table
 * of operations. The table in vnode.c sees to it that a file has at most one vnode, counts
 * references, and keeps some unreferenced ones for the next user.
 *
 * Rules:
 *  - Whoever holds a vnode pointer holds a reference (vnode_get, vnode_hold), and gives it back
 *    with vnode_put.
 *  - A mounted file system holds a reference to its root vnode and to the directory it covers.
 *  - Operations are called with a reference and with the vnode's lock: shared for those that look,
 *    exclusive for those that change. They may block on the disk. An operation that is NULL is not
 *    supported: the functions below answer for it. Whoever holds a lock does not give back a
 *    reference to a vnode that may be its last one: that may have to reclaim the file.
 *  - A removed file (no name left) lives until its last reference: vnode->unlinked.
 *  - All functions return 0 or an errno value; those that would have to wait for the disk, or change
 *    something, also OS_LATER (os.h).
 *
 * Lock order: an open file's lock; the lock of renaming; vnode locks, a directory before what is in
 * it, two that are unrelated by address (change.c); what the file system has (ext2.h); then, under
 * which nothing blocks on the disk: the mount lock, the vnode table's lock, the block cache's lock.
 */
#ifndef FS_VFS_VNODE_H
#define FS_VFS_VNODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rwlock.h"

#define VFS_NAME_MAX	255u		/* bytes of a name, without terminator (POSIX) */
#define VFS_PATH_MAX	1024u		/* bytes of a path with its terminator: path_t of fs.defs */
#define VFS_LINKS_MAX	40u		/* symbolic links followed in one walk */

/* File types: the top four bits of a mode, as in ext2 and <sys/stat.h>. */
#define VFS_S_IFMT	0170000u
#define VFS_S_IFIFO	0010000u
#define VFS_S_IFCHR	0020000u
#define VFS_S_IFDIR	0040000u
#define VFS_S_IFBLK	0060000u
#define VFS_S_IFREG	0100000u
#define VFS_S_IFLNK	0120000u
#define VFS_S_IFSOCK	0140000u

/* Access bits, as in the permission triplets. */
#define VFS_READ	4u
#define VFS_WRITE	2u
#define VFS_EXECUTE	1u

struct vnode;
struct mount;
struct vfs_rename;

/* Who asks: the identity a message token carries. */
struct vfs_cred {
	uint32_t uid, gid;
};

struct vfs_time {
	int64_t seconds;		/* since 1970 */
	uint32_t nanoseconds;
};

struct vfs_attr {
	uint64_t ino;
	uint32_t mode;			/* type and permissions */
	uint32_t links;
	uint32_t uid, gid;
	uint64_t rdev;
	uint64_t size;			/* bytes */
	uint64_t sectors;		/* of 512 bytes, in use */
	uint32_t block_size;		/* preferred transfer size, bytes */
	struct vfs_time atime, mtime, ctime;
};

struct vfs_dirent {
	uint64_t ino;
	uint32_t type;			/* VFS_S_IF*, 0 unknown */
	const char *name;		/* valid during the visit */
	size_t length;
	uint64_t next;			/* position after this entry */
};

/* Nonzero stops the walk before this entry. Must not call back into a file system. */
typedef int vfs_visit_t(void *context, const struct vfs_dirent *entry);

/* A file to be made. */
struct vfs_new {
	uint32_t mode;			/* type and permissions */
	struct vfs_cred cred;		/* who makes it: its owner */
	uint64_t rdev;			/* of a device */
	const char *target;		/* of a symbolic link */
	size_t target_length;
};

/* Attributes to be changed. */
struct vfs_change {
	unsigned what;			/* VFS_SET_* */
	uint32_t mode;			/* permission bits */
	uint32_t uid, gid;
	uint64_t size;
	struct vfs_time atime, mtime;
};

#define VFS_SET_MODE	1u
#define VFS_SET_UID	2u
#define VFS_SET_GID	4u
#define VFS_SET_SIZE	8u
#define VFS_SET_ATIME	16u
#define VFS_SET_MTIME	32u
#define VFS_KEEP_CTIME	64u		/* the change time stays: it was only read */

struct vfs_rename {
	struct vnode *from_dir, *vn, *to_dir, *victim;
	const char *from, *to;
	size_t from_length, to_length;
};

struct vfs_statfs {
	const char *type;		/* "ext2" */
	uint32_t block_size;
	uint64_t blocks, blocks_free, blocks_available;
	uint64_t files, files_free;
};

struct vnode_ops {
	/*
	 * Returns 0 and a reference to the child called name[0..length); ENOENT. Also finds "." and
	 * "..".
	 */
	int (*lookup)(struct vnode *dir, const char *name, size_t length, struct vnode **child);
	int (*getattr)(struct vnode *vn, struct vfs_attr *attr);
	/* *done bytes, 0 at the end of the file */
	int (*read)(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done);
	/* Exclusive. privileged: may use the space kept for the administrator. */
	int (*write)(struct vnode *vn, uint64_t offset, const void *data, size_t length,
		bool privileged, size_t *done);
	/* Visits entries from *position on and moves it; "." and ".." are among them. */
	int (*readdir)(struct vnode *dir, uint64_t *position, vfs_visit_t *visit, void *context);
	/* The target, not terminated. */
	int (*readlink)(struct vnode *vn, char *buffer, size_t size, size_t *length);
	/* NULL, or: returns 0 if who has permission may open it to write. */
	int (*may_write)(struct vnode *vn);
	/* The service whose port stands for this file: an open gives that port. */
	const char *(*service)(struct vnode *vn);

	/* NULL, or: others keep these bytes in memory, so what is cached of them may go first. */
	void (*uncache)(struct vnode *vn, uint64_t offset, size_t length);

	/*
	 * From here on the vnodes named are locked exclusively. Names are neither "." nor ".."; what
	 * is the same for all file systems (permission, types, whether it exists) was checked.
	 */

	/* Makes a file of any type and returns a reference to it. */
	int (*create)(struct vnode *dir, const char *name, size_t length, const struct vfs_new *what,
		struct vnode **child);
	/* Another name for vn, in the same file system. EMLINK. */
	int (*link)(struct vnode *dir, const char *name, size_t length, struct vnode *vn);
	/* Removes the name of vn. ENOTEMPTY. */
	int (*remove)(struct vnode *dir, const char *name, size_t length, struct vnode *vn);
	/* In one step; victim, NULL or an existing file of a fitting type, loses the new name. */
	int (*rename)(const struct vfs_rename *r);
	/* Changes what change->what says. The change time is set too, unless that is VFS_KEEP_CTIME. */
	int (*setattr)(struct vnode *vn, const struct vfs_change *change);
	/*
	 * Bytes that lie within the file have a place on the disk from now on, so that writing them
	 * later cannot fail for want of space; the times are set. NULL: they cannot be mapped to be
	 * written.
	 */
	int (*reserve)(struct vnode *vn, uint64_t offset, size_t length);
	/* All that was written is on stable storage on return. Called without the vnode's lock. */
	int (*sync)(struct vnode *vn, bool data_only);
};

struct vnode {
	/* fixed while referenced */
	const struct vnode_ops *ops;
	struct mount *mount;
	uint64_t id;			/* inode number */
	uint32_t type;			/* VFS_S_IF* */

	struct rwlock lock;		/* guards what the file system keeps about the file */
	bool unlinked;			/* set under lock, for ever; read without it */
	struct pages *pages;		/* mapped by clients (below), or NULL; lock, exclusive to change */
	int lost;			/* EIO: something could not be written, until a sync says so; atomic */

	/* guarded by the mount lock */
	struct mount *covered_by;	/* the file system mounted here */

	/* guarded by the table's lock */
	unsigned refs;
	enum { VNODE_LOADING, VNODE_READY, VNODE_BAD, VNODE_LEFT, VNODE_DYING } state;
	struct vnode *hash_next;
	struct vnode *lru_prev, *lru_next;	/* linked while refs == 0 */
};

struct mount_ops {
	const char *name;		/* "ext2" */
	size_t vnode_size;		/* of the structure that embeds struct vnode */
	/*
	 * Fills in a zeroed vnode (ops, type and what is the file system's) of which mount and id
	 * are set. May block.
	 */
	int (*load)(struct vnode *vn);
	/* NULL, or: the vnode is about to be freed. Does not block. */
	void (*unload)(struct vnode *vn);
	/* NULL, or: the last reference to an unlinked file is gone: free its storage. May block. */
	void (*reclaim)(struct vnode *vn);
	int (*statfs)(struct mount *mount, struct vfs_statfs *info);
	/* NULL, or: all that was written is on stable storage on return. */
	int (*sync)(struct mount *mount);
	/* NULL, or: whether files are in use that have no name any more. */
	bool (*has_removed)(struct mount *mount);
	/* NULL, or: give cached memory back, about so many blocks; needs no memory, waits for no disk. Returns of how many. */
	unsigned (*shrink)(struct mount *mount, unsigned blocks);
	/* NULL: not supported. */
	int (*remount)(struct mount *mount, bool read_only);
	/* NULL, or: free the mount itself; no vnode of it is left. Returns 0; EIO: something is not on the disk. */
	int (*unmounted)(struct mount *mount);
};

struct mount {
	const struct mount_ops *ops;
	void *data;			/* the file system's */
	uint64_t dev;			/* st_dev of its files, unique */
	bool read_only;
	struct vnode *root;		/* referenced */
	struct vnode *covers;		/* directory it is mounted on, referenced; or NULL */
	struct os_mutex rename_lock;	/* held while a directory moves, so the tree stands still */
	unsigned visits;		/* threads at work on all of it (mount.c); the mount lock */
	bool leaving;			/* an unmount waits for them; the mount lock */
};

/* Purpose: start, to keep `limit` vnodes; those in use may be more. Conditions: once, before all else. */
void vfs_init(unsigned limit);

/* --- the table (vnode.c) --- */

void vnode_init(unsigned limit);

/*
 * Purpose: a reference to the vnode of a file, loading it if it is not in memory.
 * Returns: 0; ENFILE when all vnodes are in use; ENOMEM; what the file system's load says.
 */
int vnode_get(struct mount *mount, uint64_t id, struct vnode **result);

/*
 * For who makes a file: room for its vnode before it has a name, so that no name stays behind when there is none. Either vnode_get_new, whatever
 * it returns, or vnode_unreserve ends it.
 * Returns: 0; ENFILE; ENOMEM.
 */
int vnode_reserve(struct mount *mount, struct vnode **room);
void vnode_unreserve(struct vnode *room);
int vnode_get_new(struct mount *mount, uint64_t id, struct vnode *room, struct vnode **result);	/* as vnode_get, but ENFILE and ENOMEM */

void vnode_hold(struct vnode *vn);
void vnode_put(struct vnode *vn);		/* NULL is ignored */

/* Frees what removed files had whose last user was not to wait for the disk. Conditions: the caller may (os_wait_place). */
void vnode_errands(void);

/* The same, of one file system, and waits for those who are at it. Conditions: as before; no lock is held. */
void vnode_settle(const struct mount *mount);

/* What was written to a file is lost: its next sync says so, if anybody has it. */
void vnode_lost(struct mount *mount, uint64_t id);

/* vnode_put of one that may have lost its last name. Conditions: no lock. */
void vnode_put_removed(struct vnode *vn);

/*
 * Frees every unreferenced vnode of a mount. Returns how many references to the others there are.
 */
unsigned vnode_purge(struct mount *mount);

/* --- mounting (mount.c) --- */

/*
 * Purpose: put a file system, whose root has inode number root_id, over a directory (NULL: it is
 * the first).
 * Returns: 0; ENOTDIR; EBUSY if something is mounted there; what loading its root says.
 */
int vfs_mount(struct mount *mount, uint64_t root_id, struct vnode *on);

/*
 * Purpose: take a file system away. Returns: 0; EBUSY while its files are in use or something is
 * mounted in it; EIO when not all could be written: it is gone all the same.
 */
int vfs_unmount(struct mount *mount);

/* Purpose: all that was written to any file system is on stable storage. Returns 0; EIO. */
int vfs_sync(void);

/* Whether somebody uses files of a disk that have no name any more. */
bool vfs_has_removed(void);

/* Gives memory of caches back, of about so many blocks, clean ones. Returns of how many; 0: there is none to spare. */
unsigned vfs_shrink(unsigned blocks);

/*
 * Returns 0; what the file system says; EROFS; EINVAL where it cannot; EIO when not all that was
 * stored could be written: it is read-only all the same.
 */
int vfs_remount(struct mount *mount, bool read_only);

/*
 * Returns a reference to what is mounted on a directory, in exchange for the one to the directory;
 * or the vnode itself.
 */
struct vnode *vfs_descend(struct vnode *vn);

/* Returns whether something is mounted on a directory. */
bool vfs_is_covered(struct vnode *vn);

/* Purpose: the directory above. `root` is its own parent. Returns 0 and a reference. */
int vfs_parent(struct vnode *dir, struct vnode *root, struct vnode **parent);

/* --- mapped files --- */

#define VFS_PAGE	4096u		/* bytes: the kernel keeps whole pages */

/*
 * Who keeps the memory objects of files that clients map: the server's pager.c. Only files with
 * `pages` concern it. Nobody else looks into them. The range of all functions is in bytes; length
 * UINT64_MAX: to the end.
 */
struct vfs_pager {
	/* Locked. Returns whether something was perhaps stored there that the file does not have. */
	bool (*newer)(struct vnode *vn, uint64_t offset, uint64_t length);
	/* Locked. Copies what the kernel has of a range, up to the first page that it has not. Returns how many bytes. */
	size_t (*copy)(struct vnode *vn, uint64_t offset, void *data, size_t length);
	/* Locked exclusively. Writes what was stored to the file. Returns 0; EIO. */
	int (*collect)(struct vnode *vn, uint64_t offset, uint64_t length);
	/* The same, and nobody sees the old pages any more: they will be asked for again. */
	int (*withdraw)(struct vnode *vn, uint64_t offset, uint64_t length);
	/* Not locked. The file need not be kept in memory for those who may map it again. */
	void (*retire)(struct vnode *vn);
	/* No vnode locked. collect for all files of a mount. Returns 0; EIO. */
	int (*collect_all)(struct mount *mount);
	/* No vnode locked. retire for all of a mount; those that nobody uses are gone on return. */
	void (*retire_all)(struct mount *mount);
};

/* NULL, as in host tests: no file has pages. */
extern const struct vfs_pager *vfs_pager;

/* --- operations (ops.c), with an answer where a file system has none --- */

/*
 * Returns 0 if cred may do everything in `want` (VFS_READ ...); EACCES. uid 0 may do all but
 * execute what nobody may execute.
 */
int vfs_access(const struct vfs_attr *attr, const struct vfs_cred *cred, unsigned want);

int vfs_lookup(struct vnode *dir, const char *name, size_t length, struct vnode **child);
int vfs_getattr(struct vnode *vn, struct vfs_attr *attr);
int vfs_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done);

/*
 * Purpose: write at *offset, or with `append` at the end, where *offset is then set. Set-id bits go
 * unless uid 0 writes.
 */
int vfs_write(struct vnode *vn, const struct vfs_cred *cred, uint64_t *offset, bool append,
	const void *data, size_t length, size_t *done);

/* Takes the set-id bits of attr from a file in which cred's data are to stand. Conditions: locked exclusively. */
int vfs_clear_set_id(struct vnode *vn, const struct vfs_attr *attr, const struct vfs_cred *cred);
int vfs_readdir(struct vnode *dir, uint64_t *position, vfs_visit_t *visit, void *context);
int vfs_readlink(struct vnode *vn, char *buffer, size_t size, size_t *length);

int vfs_statfs(struct vnode *vn, struct vfs_statfs *info);
int vfs_sync_file(struct vnode *vn, bool data_only);

/* --- changing names (change.c) and attributes (attr.c): see their heads --- */

struct walk_start;

/*
 * Purpose: make a file. Returns: 0, and a reference in *result unless that is NULL; EEXIST; EACCES;
 * EROFS; ENOSPC; EPERM for a device not made by uid 0; what walking says.
 */
int vfs_create(const struct walk_start *start, const char *path, bool follow,
	const struct vfs_new *what, struct vnode **result);

/* Returns 0; EISDIR or ENOTDIR when it is not what `directory` says; ENOTEMPTY; EBUSY; EPERM. */
int vfs_remove(const struct walk_start *start, const char *path, bool directory);

/* Returns 0; EPERM for a directory; EXDEV; EMLINK; EEXIST. */
int vfs_link(const struct walk_start *start, const char *path, bool follow,
	const struct walk_start *to_start, const char *to_path);

/* Returns 0; EINVAL: a directory into itself; EXDEV; ENOTEMPTY; EISDIR; ENOTDIR; EEXIST. */
int vfs_rename(const struct walk_start *start, const char *path, const struct walk_start *to_start,
	const char *to_path, bool no_replace);

int vfs_chmod(struct vnode *vn, const struct vfs_cred *cred, uint32_t mode);
/* VFS_ID_KEEP leaves one as it is. */
int vfs_chown(struct vnode *vn, const struct vfs_cred *cred, uint32_t uid, uint32_t gid);
/* A time of NULL is left as it is; now_only: both are the present, which a writer may set too. */
int vfs_set_times(struct vnode *vn, const struct vfs_cred *cred, const struct vfs_time *atime,
	const struct vfs_time *mtime, bool now_only);
/*
 * Purpose: set the times of a file whose bytes do not go through vfs (a FIFO). `take`, called with the vnode locked, says what
 * happened since it was asked last: VFS_SET_ATIME, it was read; VFS_SET_MTIME, written. Returns 0, also where they cannot be set; OS_LATER, and
 * `take` was not called.
 */
int vfs_note_transfers(struct vnode *vn, unsigned (*take)(void *what), void *what);
/* The caller has checked that cred may write. */
int vfs_truncate(struct vnode *vn, const struct vfs_cred *cred, uint64_t size);

#define VFS_ID_KEEP 0xffffffffu

struct vfs_time vfs_now(void);

/* Returns the name of the service that serves this file itself; NULL for files of our own. */
const char *vfs_service(struct vnode *vn);

#endif
