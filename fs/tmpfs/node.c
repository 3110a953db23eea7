/*
 * Nodes, attributes, mounting. See local.h.
 */
#include "local.h"

#include <errno.h>
#include <string.h>

void *
tmpfs_alloc(struct tmpfs *fs, size_t size)
{
	void *p = NULL;

	os_mutex_lock(&fs->lock);
	if (size <= TMPFS_BYTES_MAX - fs->bytes) {
		p = os_alloc(size);
		if (p)
			fs->bytes += size;
	}
	os_mutex_unlock(&fs->lock);
	return p;
}

void
tmpfs_free(struct tmpfs *fs, void *p, size_t size)
{
	if (!p)
		return;
	os_free(p);
	os_mutex_lock(&fs->lock);
	fs->bytes -= size;
	os_mutex_unlock(&fs->lock);
}

/* Gives a node a place in the table. Returns false when it is full. */
static bool
take_place(struct tmpfs *fs, struct node *node)
{
	uint32_t i;

	os_mutex_lock(&fs->lock);
	for (i = fs->first_free; i < NODES_MAX && fs->nodes[i]; i++)
		;
	if (i < NODES_MAX) {
		fs->nodes[i] = node;
		fs->first_free = i + 1;
		fs->count++;
		node->id = i + 1;
	}
	os_mutex_unlock(&fs->lock);
	return i < NODES_MAX;
}

/* Copies a link's target. Returns false without memory. */
static bool
set_target(struct tmpfs *fs, struct node *node, const struct vfs_new *what)
{
	if (!what->target)
		return true;
	node->size = what->target_length;
	node->target = tmpfs_alloc(fs, what->target_length + 1);
	if (node->target)
		memcpy(node->target, what->target, what->target_length);
	return node->target != NULL;
}

struct node *
node_make(struct tmpfs *fs, const struct vfs_new *what)
{
	struct node *node = tmpfs_alloc(fs, sizeof(*node));

	if (!node)
		return NULL;
	node->mode = what->mode;
	node->links = (what->mode & VFS_S_IFMT) == VFS_S_IFDIR ? 2 : 1;
	node->uid = what->cred.uid;
	node->gid = what->cred.gid;
	node->rdev = what->rdev;
	node->atime = node->mtime = node->ctime = vfs_now();
	node->last = &node->entries;
	node->next_position = 2;
	if (!set_target(fs, node, what) || !take_place(fs, node)) {
		if (node->target)
			tmpfs_free(fs, node->target, node->size + 1);
		tmpfs_free(fs, node, sizeof(*node));
		return NULL;
	}
	return node;
}

void
node_free(struct tmpfs *fs, struct node *node)
{
	struct entry *next;

	os_mutex_lock(&fs->lock);
	fs->nodes[node->id - 1] = NULL;
	fs->count--;
	if (node->id - 1 < fs->first_free)
		fs->first_free = node->id - 1;
	os_mutex_unlock(&fs->lock);
	for (struct entry *e = node->entries; e; e = next) {
		next = e->next;
		entry_free(fs, e);
	}
	if (node->target)
		tmpfs_free(fs, node->target, node->size + 1);
	else
		(void)node_resize(fs, node, 0);
	tmpfs_free(fs, node->pages, node->page_room * sizeof(*node->pages));
	tmpfs_free(fs, node, sizeof(*node));
}

struct node *
node_find(struct tmpfs *fs, uint32_t id)
{
	struct node *node;

	os_mutex_lock(&fs->lock);
	node = id > 0 && id <= NODES_MAX ? fs->nodes[id - 1] : NULL;
	os_mutex_unlock(&fs->lock);
	return node;
}

/* --- attributes --- */

int
tmpfs_getattr(struct vnode *vn, struct vfs_attr *attr)
{
	const struct node *n = node_of(vn);

	*attr = (struct vfs_attr){
		.ino = n->id, .mode = n->mode, .links = n->links, .uid = n->uid, .gid = n->gid,
		.rdev = n->rdev, .size = n->size, .sectors = n->page_count * (PAGE / 512),
		.block_size = PAGE, .atime = n->atime, .mtime = n->mtime, .ctime = n->ctime,
	};
	return 0;
}

int
tmpfs_setattr(struct vnode *vn, const struct vfs_change *c)
{
	struct node *n = node_of(vn);
	int error = c->what & VFS_SET_SIZE ? node_resize(tmpfs_of(vn), n, c->size) : 0;

	if (error)
		return error;
	if (!(c->what & VFS_KEEP_CTIME))
		n->ctime = vfs_now();
	if (c->what & VFS_SET_SIZE)
		n->mtime = n->ctime;
	if (c->what & VFS_SET_MODE)
		n->mode = (n->mode & VFS_S_IFMT) | (c->mode & 07777);
	if (c->what & VFS_SET_UID)
		n->uid = c->uid;
	if (c->what & VFS_SET_GID)
		n->gid = c->gid;
	if (c->what & VFS_SET_ATIME)
		n->atime = c->atime;
	if (c->what & VFS_SET_MTIME)
		n->mtime = c->mtime;
	return 0;
}

void
tmpfs_note_access(struct vnode *vn)
{
	struct node *n = node_of(vn);
	struct vfs_time now = vfs_now();

	if (vn->mount->read_only)
		return;
	__atomic_store_n(&n->atime.seconds, now.seconds, __ATOMIC_RELAXED);
	__atomic_store_n(&n->atime.nanoseconds, now.nanoseconds, __ATOMIC_RELAXED);
}

static int
op_readlink(struct vnode *vn, char *buffer, size_t size, size_t *length)
{
	const struct node *n = node_of(vn);

	if (n->size > size)
		return ENAMETOOLONG;
	tmpfs_note_access(vn);
	memcpy(buffer, n->target, n->size);
	*length = n->size;
	return 0;
}

static const struct vnode_ops file_ops = {
	.getattr = tmpfs_getattr, .setattr = tmpfs_setattr, .read = tmpfs_read, .write = tmpfs_write,
	.reserve = tmpfs_reserve,
};
static const struct vnode_ops other_ops = {
	.getattr = tmpfs_getattr, .setattr = tmpfs_setattr, .readlink = op_readlink,
};

/* --- the mount --- */

static int
op_load(struct vnode *vn)
{
	struct node *node = node_find(tmpfs_of(vn), (uint32_t)vn->id);

	if (!node)
		return EIO;
	((struct tmpfs_vnode *)vn)->node = node;
	vn->type = node->mode & VFS_S_IFMT;
	vn->ops = vn->type == VFS_S_IFDIR ? &tmpfs_dir_ops
		  : vn->type == VFS_S_IFREG ? &file_ops : &other_ops;
	return 0;
}

static void
op_reclaim(struct vnode *vn)
{
	node_free(tmpfs_of(vn), node_of(vn));
}

static int
op_statfs(struct mount *mount, struct vfs_statfs *info)
{
	struct tmpfs *fs = mount->data;

	os_mutex_lock(&fs->lock);
	info->block_size = PAGE;
	info->blocks = TMPFS_BYTES_MAX / PAGE;
	info->blocks_free = info->blocks_available = (TMPFS_BYTES_MAX - fs->bytes) / PAGE;
	info->files = NODES_MAX;
	info->files_free = NODES_MAX - fs->count;
	os_mutex_unlock(&fs->lock);
	return 0;
}

static int
op_remount(struct mount *mount, bool read_only)
{
	__atomic_store_n(&mount->read_only, read_only, __ATOMIC_RELAXED);
	return 0;
}

static int
op_unmounted(struct mount *mount)
{
	struct tmpfs *fs = mount->data;

	for (uint32_t i = 0; i < NODES_MAX; i++)
		if (fs->nodes[i])
			node_free(fs, fs->nodes[i]);
	os_free(fs);
	return 0;
}

static const struct mount_ops tmpfs_ops = {
	.name = "tmpfs", .vnode_size = sizeof(struct tmpfs_vnode), .load = op_load,
	.reclaim = op_reclaim, .statfs = op_statfs, .remount = op_remount,
	.unmounted = op_unmounted,
};

int
tmpfs_mount(uint64_t id, struct vnode *on, struct mount **result)
{
	struct vfs_new root = { .mode = VFS_S_IFDIR | 01777 };
	struct tmpfs *fs = os_alloc(sizeof(*fs));
	struct node *node;
	int error = ENOMEM;

	if (!fs)
		return ENOMEM;
	os_mutex_init(&fs->lock);
	fs->mount.ops = &tmpfs_ops;
	fs->mount.data = fs;
	fs->mount.dev = id;
	node = node_make(fs, &root);
	if (node) {
		node->parent = node->id;
		error = vfs_mount(&fs->mount, ROOT_ID, on);
		if (!error) {
			*result = &fs->mount;
			return 0;
		}
		node_free(fs, node);
	}
	os_free(fs);
	return error;
}
