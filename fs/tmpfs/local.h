/*
 * What the files of tmpfs share.
 *
 * A node is a file; it stays while it has a name or a vnode. A vnode's id is its place in the table
 * of nodes, plus 1.
 */
#ifndef FS_TMPFS_LOCAL_H
#define FS_TMPFS_LOCAL_H

#include "tmpfs.h"
#include "../vfs/os.h"

#define PAGE 4096u
#define ROOT_ID 1u
#define NODES_MAX 32768u

/* A name in a directory, in the order they were made. */
struct entry {
	struct entry *next;
	uint64_t position;		/* of readdir: 2 and up, grows along the list */
	uint32_t id;
	uint32_t type;
	uint8_t length;
	char name[];
};

/* Guarded by the vnode's lock. */
struct node {
	uint32_t id;
	uint32_t mode, links, uid, gid;
	uint64_t rdev, size;
	struct vfs_time atime, mtime, ctime;
	uint8_t **pages;		/* of a file; NULL: a hole */
	size_t page_room;		/* elements of pages */
	size_t page_count;		/* pages that exist */
	char *target;			/* of a symbolic link */
	struct entry *entries, **last;	/* of a directory */
	uint64_t next_position;
	uint32_t parent;		/* of a directory */
};

struct tmpfs {
	struct mount mount;
	struct os_mutex lock;		/* guards the rest */
	struct node *nodes[NODES_MAX];
	uint32_t count, first_free;	/* no free place is below first_free */
	size_t bytes;			/* in use */
};

struct tmpfs_vnode {
	struct vnode vnode;		/* first */
	struct node *node;
};

static inline struct tmpfs *
tmpfs_of(struct vnode *vn)
{
	return vn->mount->data;
}

static inline struct node *
node_of(struct vnode *vn)
{
	return ((struct tmpfs_vnode *)vn)->node;
}

/* Memory that counts. NULL: none, or the limit is reached. */
void *tmpfs_alloc(struct tmpfs *fs, size_t size);
void tmpfs_free(struct tmpfs *fs, void *p, size_t size);

/* node.c */
struct node *node_make(struct tmpfs *fs, const struct vfs_new *what);
void node_free(struct tmpfs *fs, struct node *node);
struct node *node_find(struct tmpfs *fs, uint32_t id);

/* Reading notes the time of access. Conditions: locked, shared at least. */
void tmpfs_note_access(struct vnode *vn);

/* data.c: as in struct vnode_ops */
int tmpfs_read(struct vnode *vn, uint64_t offset, void *data, size_t length, size_t *done);
int tmpfs_reserve(struct vnode *vn, uint64_t offset, size_t length);
int tmpfs_write(struct vnode *vn, uint64_t offset, const void *data, size_t length, bool privileged,
	size_t *done);
int node_resize(struct tmpfs *fs, struct node *node, uint64_t size);

/* dir.c */
extern const struct vnode_ops tmpfs_dir_ops;
int tmpfs_getattr(struct vnode *vn, struct vfs_attr *attr);
int tmpfs_setattr(struct vnode *vn, const struct vfs_change *change);
void entry_free(struct tmpfs *fs, struct entry *entry);

#endif
