/*
 * Directories of tmpfs: lists of names.
 */
#include "local.h"

#include <errno.h>
#include <string.h>

static struct entry **
entry_find(struct node *dir, const char *name, size_t length)
{
	struct entry **p = &dir->entries;

	while (*p && ((*p)->length != length || memcmp((*p)->name, name, length) != 0))
		p = &(*p)->next;
	return p;
}

void
entry_free(struct tmpfs *fs, struct entry *entry)
{
	tmpfs_free(fs, entry, sizeof(*entry) + entry->length);
}

/* Appends a name. Returns 0; ENOSPC. */
static int
entry_add(struct tmpfs *fs, struct node *dir, const char *name, size_t length, const struct node *node)
{
	struct entry *e = tmpfs_alloc(fs, sizeof(*e) + length);

	if (!e)
		return ENOSPC;
	e->position = dir->next_position++;
	e->id = node->id;
	e->type = node->mode & VFS_S_IFMT;
	e->length = (uint8_t)length;
	memcpy(e->name, name, length);
	*dir->last = e;
	dir->last = &e->next;
	dir->mtime = dir->ctime = vfs_now();
	return 0;
}

static void
entry_remove(struct tmpfs *fs, struct node *dir, const char *name, size_t length)
{
	struct entry **p = entry_find(dir, name, length), *e = *p;

	if (!e)
		return;
	*p = e->next;
	if (dir->last == &e->next)
		dir->last = p;
	entry_free(fs, e);
	dir->mtime = dir->ctime = vfs_now();
}

static int
op_lookup(struct vnode *vn, const char *name, size_t length, struct vnode **child)
{
	struct node *dir = node_of(vn);
	struct entry *e;

	if (length == 1 && name[0] == '.')
		return vnode_get(vn->mount, dir->id, child);
	if (length == 2 && name[0] == '.' && name[1] == '.')
		return vnode_get(vn->mount, dir->parent, child);
	e = *entry_find(dir, name, length);
	return e ? vnode_get(vn->mount, e->id, child) : ENOENT;
}

static int
op_readdir(struct vnode *vn, uint64_t *position, vfs_visit_t *visit, void *context)
{
	struct node *dir = node_of(vn);
	struct entry *e = dir->entries;

	tmpfs_note_access(vn);
	for (; *position < 2; ++*position) {
		struct vfs_dirent dots = {
			.ino = *position ? dir->parent : dir->id, .type = VFS_S_IFDIR,
			.name = "..", .length = *position + 1, .next = *position + 1};

		if (visit(context, &dots))
			return 0;
	}
	for (; e; e = e->next) {
		struct vfs_dirent entry = {
			.ino = e->id, .type = e->type, .name = e->name, .length = e->length,
			.next = e->position + 1};

		if (e->position < *position)
			continue;
		if (visit(context, &entry)) {
			*position = e->position;
			return 0;
		}
		*position = entry.next;
	}
	return 0;
}

/* Returns 0 and the new node; ENOENT; ENOSPC. */
static int
make(struct tmpfs *fs, struct node *dir, const char *name, size_t length, const struct vfs_new *what, struct node **result)
{
	struct node *node;
	int error;

	if (what->target && what->target_length == 0)
		return ENOENT;
	node = node_make(fs, what);
	if (!node)
		return ENOSPC;
	error = entry_add(fs, dir, name, length, node);
	if (error) {
		node_free(fs, node);
		return error;
	}
	if ((what->mode & VFS_S_IFMT) == VFS_S_IFDIR) {
		node->parent = dir->id;
		dir->links++;
	}
	*result = node;
	return 0;
}

static int
op_create(struct vnode *vn, const char *name, size_t length, const struct vfs_new *what,
	struct vnode **child)
{
	struct vnode *room;
	struct node *node;
	int error = vnode_reserve(vn->mount, &room);

	if (error)
		return error;
	error = make(tmpfs_of(vn), node_of(vn), name, length, what, &node);
	if (error) {
		vnode_unreserve(room);
		return error;
	}
	return vnode_get_new(vn->mount, node->id, room, child);
}

static int
op_link(struct vnode *vn, const char *name, size_t length, struct vnode *file)
{
	int error = entry_add(tmpfs_of(vn), node_of(vn), name, length, node_of(file));

	if (error)
		return error;
	node_of(file)->links++;
	node_of(file)->ctime = vfs_now();
	return 0;
}

/* A name of a file in a directory is gone. */
static void
drop_link(struct node *dir, struct vnode *vn)
{
	struct node *node = node_of(vn);

	node->ctime = vfs_now();
	if (vn->type == VFS_S_IFDIR) {
		node->links = 0;
		dir->links--;
	} else {
		node->links--;
	}
	if (node->links == 0)
		vn->unlinked = true;
}

static int
op_remove(struct vnode *vn, const char *name, size_t length, struct vnode *file)
{
	struct node *dir = node_of(vn);

	if (file->type == VFS_S_IFDIR && node_of(file)->entries)
		return ENOTEMPTY;
	entry_remove(tmpfs_of(vn), dir, name, length);
	drop_link(dir, file);
	return 0;
}

static int
op_rename(const struct vfs_rename *r)
{
	struct tmpfs *fs = tmpfs_of(r->vn);
	struct node *from = node_of(r->from_dir), *to = node_of(r->to_dir), *node = node_of(r->vn);
	int error = 0;

	if (r->victim && r->victim->type == VFS_S_IFDIR && node_of(r->victim)->entries)
		return ENOTEMPTY;
	if (r->victim) {
		(*entry_find(to, r->to, r->to_length))->id = node->id;
		(*entry_find(to, r->to, r->to_length))->type = r->vn->type;
		to->mtime = to->ctime = vfs_now();
		drop_link(to, r->victim);
	} else {
		error = entry_add(fs, to, r->to, r->to_length, node);
	}
	if (error)
		return error;
	entry_remove(fs, from, r->from, r->from_length);
	node->ctime = vfs_now();
	if (r->vn->type == VFS_S_IFDIR && from != to) {
		node->parent = to->id;
		from->links--;
		to->links++;
	}
	return 0;
}

const struct vnode_ops tmpfs_dir_ops = {
	.lookup = op_lookup, .getattr = tmpfs_getattr, .readdir = op_readdir, .create = op_create,
	.link = op_link, .remove = op_remove, .rename = op_rename, .setattr = tmpfs_setattr,
};
