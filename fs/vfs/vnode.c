/*
 * The vnode table. See vnode.h.
 *
 * Invariants, under the lock:
 *  - a vnode is on the LRU list exactly while refs == 0, and is then READY;
 *  - a vnode of no file yet (vnode_reserve) is LOADING, too, but not in the hash: nobody finds it;
 *  - a LOADING vnode is referenced by the thread that loads it; others that want it wait;
 *  - a BAD vnode is out of the hash and freed by its last user; so is a LEFT one, whose load was given
 *    up for later: others that want it look again;
 *  - a DYING vnode is unlinked and its storage being freed by the thread that gave back the last
 *    reference, or soon by another (vnode_errands); others that want its number wait until it is gone.
 */
#include "vnode.h"
#include "os.h"

#include <errno.h>

#define HASH_SIZE 1024u			/* a power of two */
#define IN_USE_MOST 8u			/* times the limit: what is in use may be more than what is kept */

static struct {
	struct os_mutex lock;
	struct os_cond changed;		/* a vnode was loaded, or is gone */
	unsigned count, limit;
	struct vnode *hash[HASH_SIZE];
	struct vnode lru;		/* list head: lru_next is the least recently used */
	struct vnode *dying;		/* linked by lru_next: for vnode_errands */
} table;

void
vnode_init(unsigned limit)
{
	os_mutex_init(&table.lock);
	os_cond_init(&table.changed);
	table.limit = limit;
	table.lru.lru_prev = table.lru.lru_next = &table.lru;
}

static struct vnode **
hash_slot(const struct mount *mount, uint64_t id)
{
	return &table.hash[(((uintptr_t)mount >> 6) + id) * 0x9e3779b97f4a7c15ull >> 32 &
			   (HASH_SIZE - 1)];
}

static void
hash_remove(struct vnode *vn)
{
	struct vnode **p = hash_slot(vn->mount, vn->id);

	while (*p != vn)
		p = &(*p)->hash_next;
	*p = vn->hash_next;
}

static void
lru_remove(struct vnode *vn)
{
	vn->lru_prev->lru_next = vn->lru_next;
	vn->lru_next->lru_prev = vn->lru_prev;
}

static void
lru_append(struct vnode *vn)
{
	vn->lru_prev = table.lru.lru_prev;
	vn->lru_next = &table.lru;
	vn->lru_prev->lru_next = vn;
	table.lru.lru_prev = vn;
}

/* Frees a vnode that nobody can find any more. Conditions: lock held. */
static void
destroy(struct vnode *vn)
{
	if (vn->state == VNODE_READY && vn->mount->ops->unload)
		vn->mount->ops->unload(vn);
	table.count--;
	os_free(vn);
}

/* Makes room for one more vnode. Conditions: lock held. Returns 0; ENFILE. */
static int
make_room(void)
{
	struct vnode *oldest = table.lru.lru_next;

	if (table.count < table.limit)
		return 0;
	if (oldest == &table.lru)
		return table.count < IN_USE_MOST * table.limit ? 0 : ENFILE;
	lru_remove(oldest);
	hash_remove(oldest);
	destroy(oldest);
	return 0;
}

/* Makes a LOADING vnode of no file yet. Conditions: lock held. Returns 0; ENFILE; ENOMEM. */
static int
make(struct mount *mount, struct vnode **result)
{
	struct vnode *vn;
	int error = make_room();

	if (error)
		return error;
	vn = os_alloc(mount->ops->vnode_size);
	if (!vn)
		return ENOMEM;
	vn->mount = mount;
	vn->refs = 1;
	vn->state = VNODE_LOADING;
	rwlock_init(&vn->lock);
	table.count++;
	*result = vn;
	return 0;
}

/* Conditions: lock held. */
static void
insert(struct vnode *vn, uint64_t id)
{
	struct vnode **slot = hash_slot(vn->mount, id);

	vn->id = id;
	vn->hash_next = *slot;
	*slot = vn;
}

/* Frees the storage of a DYING vnode's file. Conditions: lock held, dropped meanwhile. */
static void
reclaim(struct vnode *vn)
{
	os_mutex_unlock(&table.lock);
	vn->mount->ops->reclaim(vn);
	os_mutex_lock(&table.lock);
	hash_remove(vn);
	vn->state = VNODE_READY;
	destroy(vn);
	os_cond_broadcast(&table.changed);
}

/* The last reference to an unlinked file is given back. Conditions: lock held, dropped meanwhile. */
static void
die(struct vnode *vn)
{
	vn->state = VNODE_DYING;
	if (os_wait_place() == 0) {
		reclaim(vn);
		return;
	}
	vn->lru_next = table.dying;
	table.dying = vn;
	os_want_errand();
}

/* Conditions: lock held; may be dropped for a time if the vnode is unlinked. */
static void
put_locked(struct vnode *vn)
{
	if (vn->refs == 1 && vn->state == VNODE_READY && vn->unlinked && vn->mount->ops->reclaim) {
		die(vn);
		return;
	}
	if (--vn->refs > 0)
		return;
	if (vn->state == VNODE_READY && table.count <= table.limit) {
		lru_append(vn);
		return;
	}
	if (vn->state == VNODE_READY)
		hash_remove(vn);
	destroy(vn);
}

/*
 * Loads a vnode just inserted; wakes those who found it meanwhile. Conditions: lock held, dropped
 * while loading.
 */
static int
load(struct vnode *vn)
{
	int error;

	os_mutex_unlock(&table.lock);
	error = vn->mount->ops->load(vn);
	os_mutex_lock(&table.lock);
	vn->state = error == OS_LATER ? VNODE_LEFT : error ? VNODE_BAD : VNODE_READY;
	if (error)
		hash_remove(vn);
	os_cond_broadcast(&table.changed);
	return error;
}

/* Conditions: lock held. */
static struct vnode *
find(const struct mount *mount, uint64_t id)
{
	struct vnode *vn = *hash_slot(mount, id);

	while (vn && (vn->id != id || vn->mount != mount))
		vn = vn->hash_next;
	return vn;
}

/* Waits for who is loading it. Returns 0 and a reference; EIO; EAGAIN: he gave up. Conditions: lock held, dropped meanwhile. */
static int
join(struct vnode *vn)
{
	int error;

	if (vn->refs++ == 0)
		lru_remove(vn);
	while (vn->state == VNODE_LOADING)
		os_cond_wait(&table.changed, &table.lock);
	error = vn->state == VNODE_BAD ? EIO : vn->state == VNODE_LEFT ? EAGAIN : 0;
	if (error)
		put_locked(vn);
	return error;
}

/*
 * One try of vnode_get. *room: a vnode of no file, which is used up if one is needed, or NULL. EAGAIN: what it is has changed. Conditions: lock
 * held, dropped meanwhile.
 */
static int
get(struct mount *mount, uint64_t id, struct vnode **room, struct vnode **result)
{
	struct vnode *vn = find(mount, id);
	int error = 0;

	if (vn && (vn->state == VNODE_LOADING || vn->state == VNODE_DYING))
		error = os_wait_place();
	if (error)
		return error;
	if (vn && vn->state == VNODE_DYING) {
		os_cond_wait(&table.changed, &table.lock);
		return EAGAIN;
	}
	if (vn) {
		error = join(vn);
	} else {
		error = *room ? 0 : make(mount, room);
		if (error)
			return error;
		vn = *room;
		*room = NULL;
		insert(vn, id);
		error = load(vn);
		if (error)
			put_locked(vn);
	}
	if (!error)
		*result = vn;
	return error;
}

int
vnode_get_new(struct mount *mount, uint64_t id, struct vnode *room, struct vnode **result)
{
	int error;

	os_mutex_lock(&table.lock);
	do
		error = get(mount, id, &room, result);
	while (error == EAGAIN);
	if (room)
		destroy(room);
	os_mutex_unlock(&table.lock);
	return error;
}

int
vnode_get(struct mount *mount, uint64_t id, struct vnode **result)
{
	return vnode_get_new(mount, id, NULL, result);
}

int
vnode_reserve(struct mount *mount, struct vnode **room)
{
	int error;

	os_mutex_lock(&table.lock);
	error = make(mount, room);
	os_mutex_unlock(&table.lock);
	return error;
}

void
vnode_unreserve(struct vnode *room)
{
	os_mutex_lock(&table.lock);
	destroy(room);
	os_mutex_unlock(&table.lock);
}

/* Conditions: lock held, dropped meanwhile. */
static void
errands_locked(void)
{
	struct vnode *vn;

	while ((vn = table.dying) != NULL) {
		table.dying = vn->lru_next;
		reclaim(vn);
	}
}

void
vnode_errands(void)
{
	os_mutex_lock(&table.lock);
	errands_locked();
	os_mutex_unlock(&table.lock);
}

/* One of a mount, if any is left. Conditions: lock held. */
static struct vnode *
find_dying(const struct mount *mount)
{
	for (unsigned i = 0; i < HASH_SIZE; i++)
		for (struct vnode *vn = table.hash[i]; vn; vn = vn->hash_next)
			if (vn->mount == mount && vn->state == VNODE_DYING)
				return vn;
	return NULL;
}

void
vnode_settle(const struct mount *mount)
{
	os_mutex_lock(&table.lock);
	while (find_dying(mount))	/* somebody frees it now, or it has just come on the list */
		if (table.dying)
			errands_locked();
		else
			os_cond_wait(&table.changed, &table.lock);
	os_mutex_unlock(&table.lock);
}

void
vnode_lost(struct mount *mount, uint64_t id)
{
	struct vnode *vn;

	os_mutex_lock(&table.lock);
	vn = find(mount, id);
	if (vn)
		__atomic_store_n(&vn->lost, EIO, __ATOMIC_RELAXED);
	os_mutex_unlock(&table.lock);
}

void
vnode_hold(struct vnode *vn)
{
	os_mutex_lock(&table.lock);
	vn->refs++;
	os_mutex_unlock(&table.lock);
}

void
vnode_put(struct vnode *vn)
{
	if (!vn)
		return;
	os_mutex_lock(&table.lock);
	put_locked(vn);
	os_mutex_unlock(&table.lock);
}

void
vnode_put_removed(struct vnode *vn)
{
	if (vn && vn->unlinked && __atomic_load_n(&vn->pages, __ATOMIC_RELAXED))
		vfs_pager->retire(vn);
	vnode_put(vn);
}

unsigned
vnode_purge(struct mount *mount)
{
	unsigned busy = 0;

	os_mutex_lock(&table.lock);
	for (unsigned i = 0; i < HASH_SIZE; i++)
		for (struct vnode *vn = table.hash[i], *next; vn; vn = next) {
			next = vn->hash_next;
			if (vn->mount != mount)
				continue;
			if (vn->refs > 0) {
				busy += vn->refs;
				continue;
			}
			lru_remove(vn);
			hash_remove(vn);
			destroy(vn);
		}
	os_mutex_unlock(&table.lock);
	return busy;
}
