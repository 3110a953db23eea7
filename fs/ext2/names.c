/*
 * Making, removing and renaming files. vfs has checked who may and what fits, and locked all vnodes
 * concerned.
 */
#include "ext2_vnode.h"

#include <errno.h>
#include <string.h>

/* A new inode: its bitmap and descriptor, its slot, a block for content; the name; the parent. */
#define CREDITS_CREATE	(3 + EXT2_CREDITS_MAP + 2 + EXT2_CREDITS_NAME + 1)
/* Four inodes, two names, "..", a neighbour on the orphan list. */
#define CREDITS_RENAME	(4 + EXT2_CREDITS_NAME + 1 + 1 + 2)

_Static_assert(CREDITS_CREATE <= EXT2_CREDITS_MAX && CREDITS_RENAME <= EXT2_CREDITS_MAX, "credits");

/* A directory's content has changed. */
static int
touch_dir(struct ext2_handle *h, struct ext2_inode *dir)
{
	dir->mtime = dir->ctime = ext2_now(dir->fs);
	return ext2_inode_write(h, dir);
}

/*
 * Without a journal the inodes of a transaction reach the disk in any order, and the names too. So a directory and what is in it are not
 * made by the same one, nor removed: power cut between would leave a live inode in a dead directory, and then e2fsck -p asks. Nor does an
 * inode get a name and lose another: it might be left without. This waits for the transaction that did the first of the two, if its list
 * has the inode. Conditions: no handle. Returns 0; EROFS, EIO.
 */
static int
keep_apart(const struct ext2_inode *inode, const struct ext2_list *list)
{
	struct ext2_trans *t = &inode->fs->trans;
	bool together;

	os_mutex_lock(&t->lock);
	together = ext2_list_has(list, inode->ino);
	os_mutex_unlock(&t->lock);
	return together ? ext2_commit(inode->fs) : 0;
}

/* A name is to be put into a directory: not by the transaction that makes it. */
static int
before_name(const struct ext2_inode *dir)
{
	return keep_apart(dir, &dir->fs->trans.lists.new_dirs);
}

/* A file is to lose a name: not by the transaction that gave it one, or emptied it. */
static int
before_loss(const struct ext2_inode *inode)
{
	const struct ext2_lists *lists = &inode->fs->trans.lists;

	return keep_apart(inode, (inode->mode & EXT2_S_IFMT) == EXT2_S_IFDIR ? &lists->thinned_dirs : &lists->linked);
}

/* Puts an inode on one of the lists. Returns 0; ENOMEM. */
static int
note(struct ext2_handle *h, struct ext2_list *list, const struct ext2_inode *inode)
{
	struct ext2_trans *t = &h->fs->trans;
	int error = 0;

	if (t->journal)
		return 0;
	os_mutex_lock(&t->lock);
	if (!ext2_list_has(list, inode->ino))
		error = ext2_list_add(list, inode->ino);
	os_mutex_unlock(&t->lock);
	return error;
}

/* A directory is about to lose a name. Returns 0; ENOMEM. */
static int
note_thinned(struct ext2_handle *h, const struct ext2_inode *dir)
{
	return note(h, &h->fs->trans.lists.thinned_dirs, dir);
}

/* --- making --- */

/* Gives a new symbolic link its target. Returns 0; ENAMETOOLONG; ENOSPC; EIO. */
static int
set_target(struct ext2_handle *h, struct ext2_inode *inode, const struct vfs_new *what)
{
	struct ext2_fs *fs = inode->fs;
	uint32_t block;
	struct buf *b;
	int error;

	if (what->target_length == 0 || what->target_length >= fs->block_size)
		return what->target_length ? ENAMETOOLONG : ENOENT;
	inode->size = what->target_length;
	if (what->target_length < sizeof(inode->block)) {
		memcpy(inode->block, what->target, what->target_length);
		return 0;
	}
	error = ext2_map_add(h, inode, 0, what->cred.uid == 0, &block);
	if (!error)
		error = bcache_get_new(fs->cache, block, &b);
	if (error)
		return error;
	memcpy(b->data, what->target, what->target_length);
	bcache_dirty(fs->cache, b, inode->ino);
	bcache_release(fs->cache, b);
	return 0;
}

/* Gives a new inode its content. */
static int
fill(struct ext2_handle *h, struct ext2_inode *inode, uint32_t parent, const struct vfs_new *what)
{
	switch (what->mode & VFS_S_IFMT) {
	case VFS_S_IFDIR:
		return ext2_dir_begin(h, inode, parent);
	case VFS_S_IFLNK:
		return set_target(h, inode, what);
	case VFS_S_IFCHR:
	case VFS_S_IFBLK:
		inode->block[what->rdev < 65536 ? 0 : 1] = (uint32_t)what->rdev;
		return 0;
	default:
		return 0;
	}
}

/* Gives back what a file that could not be made has got. */
static void
undo(struct ext2_handle *h, struct ext2_inode *inode)
{
	bool directory = (inode->mode & EXT2_S_IFMT) == EXT2_S_IFDIR, done;

	if (inode->sectors > 0)
		(void)ext2_map_trim(h, inode, 0, &done);
	inode->links = 0;
	inode->size = 0;
	inode->dtime = (uint32_t)inode->ctime.seconds;
	(void)ext2_inode_write(h, inode);
	(void)ext2_inode_free(h, inode->ino, directory);
}

/* Makes a file under a handle. Returns 0 and its number; ENOSPC, EIO: nothing is left of it. */
static int
create(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length,
	const struct vfs_new *what, uint32_t *ino)
{
	bool directory = (what->mode & VFS_S_IFMT) == VFS_S_IFDIR;
	struct ext2_inode inode = {
		.fs = dir->fs, .mode = (uint16_t)what->mode, .links = directory ? 2 : 1,
		.uid = what->cred.uid, .gid = what->cred.gid, .ctime = ext2_now(dir->fs),
	};
	int error = ext2_inode_alloc(h, dir->ino, directory, &inode.ino);

	if (error)
		return error;
	inode.atime = inode.mtime = inode.ctime;
	inode.generation = (uint32_t)os_now() ^ (inode.ino << 16);
	error = fill(h, &inode, dir->ino, what);
	if (!error)
		error = ext2_inode_write_new(h, &inode);
	if (!error)
		error = ext2_dir_add(h, dir, name, length, inode.ino, inode.mode, NULL);
	if (error) {
		undo(h, &inode);
		return error;
	}
	*ino = inode.ino;
	if (directory)
		dir->links++;
	return touch_dir(h, dir);
}

/* Returns 0 and the number of the new file. */
static int
make(struct ext2_inode *dir, const char *name, size_t length, const struct vfs_new *what, uint32_t *ino)
{
	int error = before_name(dir);

	if (error)
		return error;
	if ((what->mode & VFS_S_IFMT) == VFS_S_IFDIR && dir->links >= EXT2_LINK_MAX)
		return EMLINK;
	error = ENOSPC;
	/* What was freed lately can be had once that is on the disk. */
	for (unsigned tries = 0; tries < 2 && error == ENOSPC; tries++) {
		struct ext2_handle h;

		error = tries > 0 ? ext2_commit(dir->fs) : 0;
		if (!error)
			error = ext2_begin(dir->fs, CREDITS_CREATE, &h);
		if (error)
			break;
		error = create(&h, dir, name, length, what, ino);
		ext2_end(&h);
	}
	return error;
}

int
ext2_op_create(struct vnode *vn, const char *name, size_t length, const struct vfs_new *what,
	struct vnode **child)
{
	struct vnode *room;
	uint32_t ino = 0;
	int error = vnode_reserve(vn->mount, &room);

	if (error)
		return error;
	error = make(inode_of(vn), name, length, what, &ino);
	if (error) {
		vnode_unreserve(room);
		return error;
	}
	return vnode_get_new(vn->mount, ino, room, child);
}

/* Gives a file another name. */
static int
add_link(struct ext2_handle *h, struct ext2_inode *dir, const char *name, size_t length, struct ext2_inode *inode)
{
	int error = ext2_dir_add(h, dir, name, length, inode->ino, inode->mode, NULL);

	if (error)
		return error;
	inode->links++;
	inode->ctime = ext2_now(inode->fs);
	error = ext2_inode_write(h, inode);
	return error ? error : touch_dir(h, dir);
}

int
ext2_op_link(struct vnode *dir_vn, const char *name, size_t length, struct vnode *vn)
{
	struct ext2_inode *dir = inode_of(dir_vn), *inode = inode_of(vn);
	struct ext2_handle h;
	int error;

	if (inode->links >= EXT2_LINK_MAX)
		return EMLINK;
	error = before_name(dir);
	if (!error)
		error = ext2_begin(dir->fs, EXT2_CREDITS_NAME + 2, &h);
	if (error)
		return error;
	error = note(&h, &dir->fs->trans.lists.linked, inode);
	if (!error)
		error = add_link(&h, dir, name, length, inode);
	ext2_end(&h);
	return error;
}

/* --- removing --- */

/* A name of a file is gone: of a directory, the only one. Three credits. */
static int
drop_link(struct ext2_handle *h, struct vnode *vn)
{
	struct ext2_inode *inode = inode_of(vn);
	int error = 0;

	inode->ctime = ext2_now(inode->fs);
	if (vn->type == VFS_S_IFDIR)
		inode->links = 0;
	else if (inode->links > 0)
		inode->links--;
	if (inode->links == 0) {
		vn->unlinked = true;
		inode->dtime = (uint32_t)inode->ctime.seconds;
		error = ext2_orphan_add(h, inode);
	}
	return error ? error : ext2_inode_write(h, inode);
}

/* A directory has lost a subdirectory. */
static void
drop_child(struct ext2_inode *dir)
{
	if (dir->links > 2)
		dir->links--;
}

int
ext2_op_remove(struct vnode *dir_vn, const char *name, size_t length, struct vnode *vn)
{
	struct ext2_inode *dir = inode_of(dir_vn);
	struct ext2_handle h;
	int error = vn->type == VFS_S_IFDIR ? ext2_dir_is_empty(inode_of(vn)) : 0;

	if (!error)
		error = before_loss(inode_of(vn));
	if (!error)
		error = ext2_begin(dir->fs, 6, &h);
	if (error)
		return error;
	error = note_thinned(&h, dir);
	if (!error)
		error = ext2_dir_remove(&h, dir, name, length);
	if (!error) {
		error = drop_link(&h, vn);
		if (vn->type == VFS_S_IFDIR)
			drop_child(dir);
	}
	if (!error)
		error = touch_dir(&h, dir);
	ext2_end(&h);
	return error;
}

/* --- renaming --- */

/* The second name that a file has while its only one becomes another's: "#INODE", as e2fsck calls what it finds. length 0: it needs none. */
struct spare {
	char name[48];
	size_t length;
};

/* Finds a name that the directory has not. Returns 0; ENOSPC: it has far too many of them; EIO. */
static int
spare_choose(struct ext2_inode *dir, uint32_t ino, struct spare *s)
{
	char name[sizeof(s->name)], *end = name + sizeof(name), *at = end;
	uint32_t found;
	int error = 0;

	for (uint32_t rest = ino; rest > 0; rest /= 10)
		*--at = (char)('0' + rest % 10);
	while (!error && at > name) {
		*--at = '#';
		error = ext2_dir_lookup(dir, at, (size_t)(end - at), &found);
	}
	if (error != ENOENT)
		return error ? error : ENOSPC;
	s->length = (size_t)(end - at);
	memcpy(s->name, at, s->length);
	return 0;
}

/*
 * Without a journal the sector with a name and that with an inode are not written together: if a file died when its only name became another's,
 * power cut between would leave a name of a dead inode, or a file without a name. fsck takes the one away, and with it what was to be
 * replaced, and asks about the other. So it gets a second name first, and dies with that one. Conditions: no handle. Returns 0; ENOSPC; EROFS; EIO.
 */
static int
spare_give(const struct vfs_rename *r, struct spare *s)
{
	struct ext2_inode *to = inode_of(r->to_dir), *victim = r->victim ? inode_of(r->victim) : NULL;
	struct ext2_handle h;
	int error;

	s->length = 0;
	if (to->fs->trans.journal || !victim || r->victim->type == VFS_S_IFDIR || victim->links > 1)
		return 0;
	error = ext2_begin(to->fs, EXT2_CREDITS_NAME + 2, &h);
	if (error)
		return error;
	error = spare_choose(to, victim->ino, s);
	if (!error)
		error = add_link(&h, to, s->name, s->length, victim);
	ext2_end(&h);
	return error ? error : ext2_commit(to->fs);
}

/* The name that was replaced is on the disk: the file that had it goes. Four credits. */
static int
spare_take(struct ext2_handle *h, const struct vfs_rename *r, const struct spare *s)
{
	struct ext2_inode *to = inode_of(r->to_dir);
	int error = note_thinned(h, to);

	if (!error)
		error = ext2_dir_remove(h, to, s->name, s->length);
	return error ? error : drop_link(h, r->victim);
}

/* Lets the new name stand for the file. Returns 0 and the sector it is in. */
static int
set_new_name(struct ext2_handle *h, const struct vfs_rename *r, uint64_t *where)
{
	struct ext2_inode *to = inode_of(r->to_dir), *inode = inode_of(r->vn);
	int error;

	if (!r->victim)
		return ext2_dir_add(h, to, r->to, r->to_length, inode->ino, inode->mode, where);
	error = ext2_dir_locate(to, r->to, r->to_length, false, where);
	if (!error)
		error = ext2_dir_replace(h, to, r->to, r->to_length, inode->ino, inode->mode);
	if (!error)
		error = drop_link(h, r->victim);
	if (!error && r->victim->type == VFS_S_IFDIR)
		drop_child(to);
	return error;
}

/* Takes the old name away, and what a directory has to do with its parent along. */
static int
clear_old_name(struct ext2_handle *h, const struct vfs_rename *r)
{
	struct ext2_inode *from = inode_of(r->from_dir), *to = inode_of(r->to_dir);
	struct ext2_inode *inode = inode_of(r->vn);
	int error = ext2_dir_remove(h, from, r->from, r->from_length);

	if (!error && r->vn->type == VFS_S_IFDIR && from != to) {
		error = ext2_dir_replace(h, inode, "..", 2, to->ino, EXT2_S_IFDIR);
		drop_child(from);
		to->links++;
	}
	inode->ctime = ext2_now(inode->fs);
	if (!error)
		error = ext2_inode_write(h, inode);
	if (!error)
		error = touch_dir(h, from);
	if (!error && from != to)
		error = touch_dir(h, to);
	return error;
}

/*
 * Without a journal two sectors are never written together. So the new name comes first, alone, and
 * power cut between leaves two names for fsck rather than none. That a directory has two is a
 * state in which e2fsck -p asks (-y keeps the old name); so the old one goes at once. On its way its ".." may
 * be that of the other parent, the second such state (-y puts it right).
 */
static bool
needs_two_steps(const struct vfs_rename *r, uint64_t new_sector)
{
	struct ext2_inode *from = inode_of(r->from_dir);
	uint64_t old_sector = 0;

	if (from->fs->trans.journal)
		return false;
	return ext2_dir_locate(from, r->from, r->from_length, true, &old_sector) || old_sector != new_sector;
}

/* Puts the new name on the disk before the old one goes. */
static int
first_step(struct ext2_handle *h, const struct vfs_rename *r)
{
	struct ext2_inode *to = inode_of(r->to_dir);
	int error = touch_dir(h, to);

	ext2_end(h);
	if (!error)
		error = ext2_commit(to->fs);
	return error ? error : ext2_begin(to->fs, CREDITS_RENAME, h);
}

int
ext2_op_rename(const struct vfs_rename *r)
{
	struct ext2_inode *to = inode_of(r->to_dir);
	bool open = true, two_steps, directory = r->vn->type == VFS_S_IFDIR;
	struct ext2_handle h;
	struct spare spare = { .length = 0 };
	uint64_t where = 0;
	int error = 0;

	if (directory && !r->victim && r->from_dir != r->to_dir && to->links >= EXT2_LINK_MAX)
		return EMLINK;
	if (r->victim && r->victim->type == VFS_S_IFDIR)
		error = ext2_dir_is_empty(inode_of(r->victim));
	if (!error && r->victim)
		error = before_loss(inode_of(r->victim));
	if (!error)
		error = before_name(to);
	if (!error)
		error = spare_give(r, &spare);
	if (!error)
		error = ext2_begin(to->fs, CREDITS_RENAME, &h);
	if (error)
		return error;
	if (r->victim)
		error = note_thinned(&h, to);
	if (!error)
		error = set_new_name(&h, r, &where);
	two_steps = !error && (spare.length > 0 || needs_two_steps(r, where));
	if (two_steps) {
		error = first_step(&h, r);
		open = !error;
	}
	if (!error && spare.length > 0)
		error = spare_take(&h, r, &spare);
	if (!error)
		error = clear_old_name(&h, r);
	if (open)
		ext2_end(&h);
	return !error && two_steps && directory ? ext2_commit(to->fs) : error;
}
