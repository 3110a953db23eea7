/*
 * Making, removing and renaming names: what POSIX says about them whatever the file system, and the
 * locks. See vnode.h.
 *
 * A name is looked up again under its directory's exclusive lock, and only that counts. Locks are
 * taken from the top of the tree down. A rename from one directory to another holds the mount's
 * rename lock, so no directory moves meanwhile, and then
 *
 *	the two directories	(the one above the other first, else by address)
 *	the two files		(by address; neither is above a directory locked already)
 *
 * References are given back after all locks: the last one may have to free the file.
 */
#include "walk.h"

#include <errno.h>
#include <string.h>

static bool
is_dots(const struct walk_last *last)
{
	return strcmp(last->name, ".") == 0 || strcmp(last->name, "..") == 0;
}

/* Returns 0 and the directory's attributes if the caller may change names in it. Conditions: locked. */
static int
may_change(struct vnode *dir, const struct vfs_cred *cred, struct vfs_attr *attr)
{
	int error;

	if (dir->unlinked)
		return ENOENT;
	if (dir->mount->read_only)
		return EROFS;
	error = dir->ops->getattr(dir, attr);
	return error ? error : vfs_access(attr, cred, VFS_WRITE | VFS_EXECUTE);
}

/*
 * Returns 0 if the caller may take the name of vn from a directory with these attributes: in a
 * sticky one only the owner of either may. Conditions: vn locked.
 */
static int
may_take(const struct vfs_attr *dir, struct vnode *vn, const struct vfs_cred *cred)
{
	struct vfs_attr attr;
	int error;

	if (vfs_is_covered(vn))
		return EBUSY;
	if (!(dir->mode & 01000) || cred->uid == 0 || cred->uid == dir->uid)
		return 0;
	error = vn->ops->getattr(vn, &attr);
	return error ? error : cred->uid == attr.uid ? 0 : EPERM;
}

/* Conditions: the directory is locked. Returns 0 if the name is free; EEXIST with what has it. */
static int
look(const struct walk_last *last, struct vnode **child)
{
	int error = last->dir->ops->lookup(last->dir, last->name, last->length, child);

	if (!error && *child == last->dir) {	/* a damaged disk; it would be locked twice */
		vnode_put(*child);
		*child = NULL;
		return EIO;
	}
	return error == ENOENT ? 0 : error ? error : EEXIST;
}

/* A file made in a set-group-id directory belongs to its group, and a directory is one more. */
static struct vfs_new
inherit(const struct vfs_new *what, const struct vfs_attr *dir)
{
	struct vfs_new n = *what;

	if (dir->mode & 02000) {
		n.cred.gid = dir->gid;
		if ((n.mode & VFS_S_IFMT) == VFS_S_IFDIR)
			n.mode |= 02000;
		else if (what->cred.uid != 0 && what->cred.gid != dir->gid)
			n.mode &= ~02000u;
	}
	return n;
}

/* The part of vfs_create under the directory's lock. */
static int
create_at(const struct walk_last *last, const struct vfs_new *what, struct vnode **existing,
	struct vnode **made)
{
	struct vnode *dir = last->dir;
	struct vfs_attr attr;
	struct vfs_new n;
	int error = look(last, existing);

	if (!error)
		error = may_change(dir, &what->cred, &attr);
	if (error)
		return error;
	if (last->slash && (what->mode & VFS_S_IFMT) != VFS_S_IFDIR)
		return (what->mode & VFS_S_IFMT) == VFS_S_IFREG ? EISDIR : ENOENT;
	if (!dir->ops->create)
		return EPERM;
	error = os_wait_place();	/* in any file system: what comes after may wait, and it must not be made twice */
	if (error)
		return error;
	n = inherit(what, &attr);
	return dir->ops->create(dir, last->name, last->length, &n, made);
}

int
vfs_create(const struct walk_start *start, const char *path, bool follow, const struct vfs_new *what,
	struct vnode **result)
{
	uint32_t type = what->mode & VFS_S_IFMT;
	struct vnode *existing = NULL, *made = NULL;
	struct walk_last last;
	int error;

	if ((type == VFS_S_IFCHR || type == VFS_S_IFBLK) && what->cred.uid != 0)
		return EPERM;
	error = vfs_walk_last(start, path, follow, &last);
	if (error)
		return error;
	if (last.length == 0 || is_dots(&last)) {
		error = EEXIST;
	} else {
		error = rwlock_ask_write(&last.dir->lock);
		if (!error) {
			error = create_at(&last, what, &existing, &made);
			rwlock_unlock_write(&last.dir->lock);
		}
	}
	vnode_put(existing);
	vnode_put(last.dir);
	if (!error && result)
		*result = made;
	else
		vnode_put(made);
	return error;
}

/* The part of vfs_remove under the directory's lock. */
static int
remove_at(const struct walk_last *last, const struct vfs_cred *cred, bool directory,
	struct vnode **victim)
{
	struct vnode *dir = last->dir, *vn;
	struct vfs_attr attr;
	int error = look(last, victim);

	if (error != EEXIST)
		return error ? error : ENOENT;
	vn = *victim;
	if (vn->type == VFS_S_IFDIR ? !directory : directory || last->slash)
		return directory || last->slash ? ENOTDIR : EISDIR;
	error = may_change(dir, cred, &attr);
	if (error)
		return error;
	error = rwlock_ask_write(&vn->lock);
	if (error)
		return error;
	error = may_take(&attr, vn, cred);
	if (!error)
		error = dir->ops->remove ? dir->ops->remove(dir, last->name, last->length, vn)
					 : EPERM;
	rwlock_unlock_write(&vn->lock);
	return error;
}

int
vfs_remove(const struct walk_start *start, const char *path, bool directory)
{
	struct vnode *victim = NULL;
	struct walk_last last;
	int error = vfs_walk_last(start, path, false, &last);

	if (error)
		return error;
	if (last.length == 0) {
		error = directory ? EBUSY : EISDIR;
	} else if (is_dots(&last)) {
		error = !directory ? EISDIR : last.length == 1 ? EINVAL : ENOTEMPTY;
	} else {
		error = rwlock_ask_write(&last.dir->lock);
		if (!error) {
			error = remove_at(&last, &start->cred, directory, &victim);
			rwlock_unlock_write(&last.dir->lock);
		}
	}
	vnode_put_removed(victim);
	vnode_put(last.dir);
	return error;
}

/* The part of vfs_link under the directory's lock. */
static int
link_at(const struct walk_last *last, const struct vfs_cred *cred, struct vnode *vn,
	struct vnode **existing)
{
	struct vfs_attr attr;
	int error = look(last, existing);

	if (!error)
		error = may_change(last->dir, cred, &attr);
	if (!error && last->slash)
		error = ENOENT;
	if (error)
		return error;
	if (!last->dir->ops->link)
		return EPERM;
	error = rwlock_ask_write(&vn->lock);
	if (error)
		return error;
	error = vn->unlinked ? ENOENT : last->dir->ops->link(last->dir, last->name, last->length, vn);
	rwlock_unlock_write(&vn->lock);
	return error;
}

int
vfs_link(const struct walk_start *start, const char *path, bool follow,
	const struct walk_start *to_start, const char *to_path)
{
	struct vnode *vn, *existing = NULL;
	struct walk_last last;
	int error = vfs_walk(start, path, follow ? 0 : WALK_NOFOLLOW, &vn);

	if (error)
		return error;
	error = vn->type == VFS_S_IFDIR ? EPERM : vfs_walk_last(to_start, to_path, false, &last);
	if (error) {
		vnode_put(vn);
		return error;
	}
	if (last.length == 0 || is_dots(&last)) {
		error = EEXIST;
	} else if (last.dir->mount != vn->mount) {
		error = EXDEV;
	} else {
		error = rwlock_ask_write(&last.dir->lock);
		if (!error) {
			error = link_at(&last, &to_start->cred, vn, &existing);
			rwlock_unlock_write(&last.dir->lock);
		}
	}
	vnode_put(existing);
	vnode_put(last.dir);
	vnode_put(vn);
	return error;
}

/* --- rename --- */

struct renaming {
	struct walk_last from, to;
	const struct vfs_cred *cred;
	bool no_replace;
	struct vnode *vn, *victim;	/* referenced; victim may be NULL */
};

#define DEPTH_MAX 65536u		/* directories above one another; more is a circle on a damaged disk */

/*
 * Purpose: is `above` the directory `dir` or one above it, in the same file system?
 * Conditions: the mount's rename lock is held, no vnode lock.
 */
static int
is_above(struct vnode *above, struct vnode *dir, bool *result)
{
	unsigned depth = 0;
	int error = 0;

	*result = false;
	vnode_hold(dir);
	while (!(*result = dir == above) && dir != dir->mount->root && !error) {
		struct vnode *parent;

		error = ++depth > DEPTH_MAX ? EIO : vfs_lookup(dir, "..", 2, &parent);
		if (error)
			break;
		vnode_put(dir);
		dir = parent;
	}
	vnode_put(dir);
	return error;
}

/* Looks both names up, without any lock. Returns 0; ENOENT. */
static int
find_both(struct renaming *r)
{
	int error = vfs_lookup(r->from.dir, r->from.name, r->from.length, &r->vn);

	if (error)
		return error;
	error = vfs_lookup(r->to.dir, r->to.name, r->to.length, &r->victim);
	return error == ENOENT ? 0 : error;
}

/* Returns 0 if the names still stand for what find_both found, else EAGAIN. Conditions: directories locked. */
static int
check_both(struct renaming *r, struct vnode **vn, struct vnode **victim)
{
	int error = look(&r->from, vn);

	if (error == EEXIST)
		error = look(&r->to, victim);
	if (error && error != EEXIST)
		return error;
	return *vn == r->vn && *victim == r->victim ? 0 : EAGAIN;
}

/* The rules that need no look at the disk. */
static int
check_kinds(const struct renaming *r)
{
	bool directory = r->vn->type == VFS_S_IFDIR;

	if (!directory && (r->from.slash || r->to.slash))
		return ENOTDIR;
	if (!r->victim)
		return 0;
	if (r->no_replace)
		return EEXIST;
	if (directory != (r->victim->type == VFS_S_IFDIR))
		return directory ? ENOTDIR : EISDIR;
	return 0;
}

/* Conditions: both directories and both files locked. */
static int
rename_locked(struct renaming *r)
{
	struct vfs_rename what = {
		r->from.dir, r->vn, r->to.dir, r->victim, r->from.name, r->to.name,
		r->from.length, r->to.length,
	};
	struct vfs_attr from, to, attr;
	int error = may_change(r->from.dir, r->cred, &from);

	if (!error)
		error = may_change(r->to.dir, r->cred, &to);
	if (!error)
		error = may_take(&from, r->vn, r->cred);
	if (!error && r->victim)
		error = may_take(&to, r->victim, r->cred);
	if (!error && r->vn->type == VFS_S_IFDIR && r->from.dir != r->to.dir) {
		error = r->vn->ops->getattr(r->vn, &attr);	/* its ".." is to change */
		if (!error)
			error = vfs_access(&attr, r->cred, VFS_WRITE);
	}
	if (error)
		return error;
	return r->from.dir->ops->rename ? r->from.dir->ops->rename(&what) : EPERM;
}

/* Locks two vnodes, which may be the same or NULL. Returns 0; OS_LATER, with nothing locked. */
static int
lock_two(struct vnode *first, struct vnode *second)
{
	int error = rwlock_ask_write(&first->lock);

	if (error || !second || second == first)
		return error;
	error = rwlock_ask_write(&second->lock);
	if (error)
		rwlock_unlock_write(&first->lock);
	return error;
}

static void
unlock_two(struct vnode *first, struct vnode *second)
{
	if (second && second != first)
		rwlock_unlock_write(&second->lock);
	rwlock_unlock_write(&first->lock);
}

/* Conditions: both directories locked. */
static int
rename_files(struct renaming *r)
{
	bool victim_first = r->victim && r->victim < r->vn;
	int error = check_kinds(r);

	if (error)
		return error;
	error = victim_first ? lock_two(r->victim, r->vn) : lock_two(r->vn, r->victim);
	if (error)
		return error;
	error = rename_locked(r);
	unlock_two(r->vn, r->victim);
	return error;
}

/*
 * The rules about what lies above what, and with them the order of the directories' locks: *swap
 * when to.dir comes first. Conditions: the rename lock is held.
 */
static int
check_tree(struct renaming *r, bool *swap)
{
	bool above;
	int error = is_above(r->vn, r->to.dir, &above);

	if (!error && above)
		return EINVAL;
	if (!error && r->victim) {
		error = is_above(r->victim, r->from.dir, &above);
		if (!error && above)
			return ENOTEMPTY;
	}
	if (!error)
		error = is_above(r->to.dir, r->from.dir, swap);
	if (error || *swap)
		return error;
	error = is_above(r->from.dir, r->to.dir, &above);
	*swap = !above && r->to.dir < r->from.dir;
	return error;
}

/*
 * Conditions: r->vn, r->victim found; the rename lock held if the directories differ. Returns EAGAIN
 * when the names meanwhile stand for something else.
 */
static int
rename_found(struct renaming *r)
{
	struct vnode *vn = NULL, *victim = NULL, *first, *second;
	bool swap = false;
	int error = 0;

	if (r->from.dir != r->to.dir)
		error = check_tree(r, &swap);
	if (error)
		return error;
	first = swap ? r->to.dir : r->from.dir;
	second = swap ? r->from.dir : r->to.dir;
	error = lock_two(first, second);
	if (error)
		return error;
	error = check_both(r, &vn, &victim);
	if (!error && r->vn != r->victim)	/* two names of one file: nothing to do */
		error = rename_files(r);
	unlock_two(first, second);
	vnode_put(vn);
	vnode_put(victim);
	return error;
}

/* Conditions: r->from, r->to found. */
static int
rename_dirs(struct renaming *r)
{
	bool apart = r->from.dir != r->to.dir;
	int error = 0;

	if (r->from.dir->mount != r->to.dir->mount)
		return EXDEV;
	if (r->from.length == 0 || r->to.length == 0)
		return EBUSY;
	if (is_dots(&r->from) || is_dots(&r->to))
		return EINVAL;
	if (apart)
		error = os_mutex_ask(&r->from.dir->mount->rename_lock);
	if (error)
		return error;
	do {
		r->vn = r->victim = NULL;
		error = find_both(r);
		if (!error)
			error = rename_found(r);
		if (r->vn && error == EAGAIN) {
			vnode_put(r->vn);
			vnode_put(r->victim);
		}
	} while (error == EAGAIN);
	if (apart)
		os_mutex_unlock(&r->from.dir->mount->rename_lock);
	vnode_put(r->vn);
	vnode_put_removed(r->victim);
	return error;
}

int
vfs_rename(const struct walk_start *start, const char *path, const struct walk_start *to_start,
	const char *to_path, bool no_replace)
{
	struct renaming r = { .cred = &start->cred, .no_replace = no_replace };
	int error = vfs_walk_last(start, path, false, &r.from);

	if (error)
		return error;
	error = vfs_walk_last(to_start, to_path, false, &r.to);
	if (!error) {
		error = rename_dirs(&r);
		vnode_put(r.to.dir);
	}
	vnode_put(r.from.dir);
	return error;
}
