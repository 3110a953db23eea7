/*
 * Path walking, without recursion: a symbolic link replaces its own name in the path still to go.
 *
 *	path      a/link/c          at link -> x/y:       x/y/c
 *	          ^rest                                   ^rest
 */
#include "walk.h"
#include "os.h"

#include <errno.h>
#include <string.h>

struct walk {
	const struct walk_start *start;
	unsigned flags;
	unsigned links;			/* followed so far */
	struct vnode *at;		/* referenced */
	char *rest;			/* what is still to go, within path */
	char path[VFS_PATH_MAX];
	char target[VFS_PATH_MAX];
};

/* Moves to another vnode, taking over the caller's reference to it. */
static void
move_to(struct walk *w, struct vnode *vn)
{
	vnode_put(w->at);
	w->at = vn;
}

static void
skip_slashes(struct walk *w)
{
	while (*w->rest == '/')
		w->rest++;
}

/* Begins at the root or the start directory, as the path says. */
static void
begin_path(struct walk *w)
{
	struct vnode *from = *w->path == '/' ? w->start->root : w->at;

	if (from != w->at) {
		vnode_hold(from);
		move_to(w, from);
	}
	w->rest = w->path;
	skip_slashes(w);
}

/*
 * Puts a link's target in front of what is still to go. `length` bytes of the rest are the link's
 * own name.
 */
static int
follow(struct walk *w, struct vnode *link, size_t length)
{
	size_t target_length, rest_length = strlen(w->rest + length);
	int error;

	if (++w->links > VFS_LINKS_MAX)
		return ELOOP;
	error = vfs_readlink(link, w->target, sizeof(w->target), &target_length);
	if (error)
		return error;
	if (target_length == 0)
		return ENOENT;
	if (target_length + rest_length >= sizeof(w->path))
		return ENAMETOOLONG;
	memmove(w->path + target_length, w->rest + length, rest_length + 1);
	memcpy(w->path, w->target, target_length);
	begin_path(w);
	return 0;
}

/* Returns 0 if the walker may search the directory it is at. */
static int
may_search(struct walk *w)
{
	struct vfs_attr attr;
	int error;

	if (w->at->type != VFS_S_IFDIR)
		return ENOTDIR;
	error = vfs_getattr(w->at, &attr);
	return error ? error : vfs_access(&attr, &w->start->cred, VFS_EXECUTE);
}

/*
 * Returns 0 and a reference to what a name in the current directory stands for, mounts crossed,
 * links not followed.
 */
static int
find_child(struct walk *w, const char *name, size_t length, struct vnode **child)
{
	int error = may_search(w);

	if (error)
		return error;
	if (length == 1 && name[0] == '.') {
		vnode_hold(w->at);
		*child = w->at;
		return 0;
	}
	if (length == 2 && name[0] == '.' && name[1] == '.')
		return vfs_parent(w->at, w->start->root, child);
	error = vfs_lookup(w->at, name, length, child);
	if (!error)
		*child = vfs_descend(*child);
	return error;
}

/* Takes the next name of the path. */
static int
step(struct walk *w)
{
	size_t length = strcspn(w->rest, "/");
	bool last = w->rest[length] == 0;
	struct vnode *child;
	int error;

	error = find_child(w, w->rest, length, &child);
	if (error)
		return error;
	if (child->type == VFS_S_IFLNK && !(last && (w->flags & WALK_NOFOLLOW))) {
		error = follow(w, child, length);
		vnode_put(child);
		return error;
	}
	move_to(w, child);
	w->rest += length;
	if (*w->rest == '/' && child->type != VFS_S_IFDIR)
		return ENOTDIR;
	skip_slashes(w);
	return 0;
}

/* Returns 0 and a walk that stands at its start; ENOENT for an empty path; ENAMETOOLONG; ENOMEM. */
static int
walk_begin(const struct walk_start *start, const char *path, unsigned flags, struct walk **result)
{
	struct walk *w;
	size_t length = strlen(path);

	if (length == 0)
		return ENOENT;
	if (length >= VFS_PATH_MAX)
		return ENAMETOOLONG;
	w = os_alloc(sizeof(*w));
	if (!w)
		return ENOMEM;
	w->start = start;
	w->flags = flags;
	memcpy(w->path, path, length + 1);
	w->at = start->dir;
	vnode_hold(w->at);
	begin_path(w);
	*result = w;
	return 0;
}

int
vfs_walk(const struct walk_start *start, const char *path, unsigned flags, struct vnode **result)
{
	struct walk *w;
	int error = walk_begin(start, path, flags, &w);

	if (error)
		return error;
	while (*w->rest && !error)
		error = step(w);
	if (error)
		vnode_put(w->at);
	else
		*result = w->at;
	os_free(w);
	return error;
}

/* Returns the length of the name in front if no other name follows it, else 0. */
static size_t
last_name(const struct walk *w)
{
	size_t length = strcspn(w->rest, "/");

	return w->rest[length + strspn(w->rest + length, "/")] ? 0 : length;
}

/* Follows the link that the last name is. Returns 0; ENOENT if it is none, or is not there. */
static int
follow_last(struct walk *w, size_t length)
{
	struct vnode *child;
	int error = find_child(w, w->rest, length, &child);

	if (error)
		return error;
	error = child->type == VFS_S_IFLNK ? follow(w, child, length) : ENOENT;
	vnode_put(child);
	return error;
}

int
vfs_walk_last(const struct walk_start *start, const char *path, bool follow_it,
	struct walk_last *last)
{
	struct walk *w;
	size_t length = 0;
	int error = walk_begin(start, path, 0, &w);

	if (error)
		return error;
	while (*w->rest && !error) {
		length = last_name(w);
		if (length == 0)
			error = step(w);
		else if (!follow_it || (error = follow_last(w, length)) != 0)
			break;
		length = 0;
	}
	if (length > 0 && error == ENOENT)
		error = 0;
	if (!error && w->at->type != VFS_S_IFDIR)
		error = ENOTDIR;
	if (!error && length > VFS_NAME_MAX)
		error = ENAMETOOLONG;
	if (error) {
		vnode_put(w->at);
	} else {
		last->dir = w->at;
		last->length = length;
		last->slash = w->rest[length] == '/';
		memcpy(last->name, w->rest, length);
		last->name[length] = 0;
	}
	os_free(w);
	return error;
}

struct name_search {
	uint64_t ino;
	size_t length;			/* 0 until found */
	char name[VFS_NAME_MAX];
};

static int
name_visit(void *context, const struct vfs_dirent *entry)
{
	struct name_search *s = context;
	bool dots = entry->name[0] == '.' &&
		    (entry->length == 1 || (entry->length == 2 && entry->name[1] == '.'));

	if (entry->ino != s->ino || dots)
		return 0;
	s->length = entry->length;
	memcpy(s->name, entry->name, entry->length);
	return 1;
}

/* Puts "/name" in front of the path that begins at *at, given a directory and the one above it. */
static int
prepend_name(struct vnode *dir, struct vnode *parent, char *buffer, size_t *at)
{
	struct name_search s = { .length = 0 };
	uint64_t position = 0;
	int error;

	while (dir != parent && dir == dir->mount->root && dir->mount->covers)
		dir = dir->mount->covers;
	s.ino = dir->id;
	error = vfs_readdir(parent, &position, name_visit, &s);
	if (error)
		return error;
	if (s.length == 0)
		return ENOENT;
	if (s.length + 1 > *at)
		return ENAMETOOLONG;
	*at -= s.length;
	memcpy(buffer + *at, s.name, s.length);
	buffer[--*at] = '/';
	return 0;
}

int
vfs_path_of(struct vnode *root, struct vnode *dir, char *buffer, size_t size)
{
	size_t at = size - 1;
	int error = 0;

	buffer[at] = 0;
	vnode_hold(dir);
	while (dir != root && !error) {
		struct vnode *parent;

		error = vfs_parent(dir, root, &parent);
		if (error)
			break;
		error = parent == dir ? ENOENT : prepend_name(dir, parent, buffer, &at);
		vnode_put(dir);
		dir = parent;
	}
	vnode_put(dir);
	if (error)
		return error;
	if (buffer[at] == 0) {			/* the root itself */
		if (at == 0)
			return ENAMETOOLONG;
		buffer[--at] = '/';
	}
	memmove(buffer, buffer + at, size - at);
	return 0;
}
