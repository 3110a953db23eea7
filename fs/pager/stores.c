/*
 * What clients store through shared mappings, on its way to the file.
 *
 * The kernel has it until it is called back (lock_request), or comes by itself when memory is short.
 * It arrives at the thread of serve.c, which puts it on the file's list and never waits for a
 * vnode's lock; so whoever has that lock may wait for what was called back. Whoever has it
 * exclusively takes things off the list and writes them: a thread of the pager, or one that came to
 * read, write or cut the file and wants all of it in its place.
 */
#include "local.h"

#include "mach/mach.h"

#include <errno.h>

#define SPARE		64u		/* places for pages that arrive while there is no memory */
#define TRIES		500u		/* with the pause: 5 s for the kernel to find memory */
#define PAUSE_MS	10
#define PIECE		128u		/* pages called back at a time */
#define OBJECT_END	(1ull << 62)	/* bytes: no file is so long */

static struct returned spare[SPARE];
static struct returned *free_spare;	/* pager.lock */

void
stores_init(void)
{
	for (unsigned i = 0; i < SPARE; i++) {
		spare[i].next = free_spare;
		free_spare = &spare[i];
	}
}

/* --- places on the lists --- */

static struct returned *
take_place(void)
{
	struct returned *r = os_alloc(sizeof(*r));

	if (r)
		return r;
	os_mutex_lock(&pager.lock);
	while (!free_spare)
		os_cond_wait(&pager.changed, &pager.lock);
	r = free_spare;
	free_spare = r->next;
	os_mutex_unlock(&pager.lock);
	return r;
}

static void
free_place(struct returned *r)
{
	if (r < spare || r >= spare + SPARE) {
		os_free(r);
		return;
	}
	os_mutex_lock(&pager.lock);
	r->next = free_spare;
	free_spare = r;
	os_cond_broadcast(&pager.changed);
	os_mutex_unlock(&pager.lock);
}

void
stores_arrived(struct pages *p, uint64_t offset, void *data, vm_size_t size)
{
	struct returned *r = take_place();

	*r = (struct returned){ NULL, offset, data, size };
	os_mutex_lock(&pager.lock);
	*p->last = r;
	p->last = &r->next;
	page_set_remove(&p->granted, offset / VM_PAGE_SIZE, size / VM_PAGE_SIZE);
	work_tidy(p);
	os_cond_broadcast(&pager.changed);
	os_mutex_unlock(&pager.lock);
}

static struct returned *
take_first(struct pages *p)
{
	struct returned *r;

	os_mutex_lock(&pager.lock);
	r = p->first;
	if (r) {
		p->first = r->next;
		if (!p->first)
			p->last = &p->first;
	}
	os_mutex_unlock(&pager.lock);
	return r;
}

/* --- to the file; the vnode locked exclusively --- */

/* What lies past the end is nobody's. */
static int
write_back(struct pages *p, const struct returned *r)
{
	struct vnode *vn = p->vn;
	struct vfs_attr attr;
	size_t length = r->size, done = 0;
	int error = vn->ops->getattr(vn, &attr);

	if (error || r->offset >= attr.size)
		return error;
	if (length > attr.size - r->offset)
		length = attr.size - r->offset;
	error = vn->ops->write(vn, r->offset, r->data, length, true, &done);
	if (p->keeps && vn->ops->uncache)
		vn->ops->uncache(vn, r->offset, done);	/* once it is written */
	return error || done == length ? error : EIO;
}

int
stores_merge(struct pages *p)
{
	struct returned *r;
	int error = 0;

	while ((r = take_first(p)) != NULL) {
		int failed = write_back(p, r);

		error = error ? error : failed;
		os_pages_free(r->data, r->size);
		free_place(r);
	}
	if (error)
		__atomic_store_n(&p->vn->lost, EIO, __ATOMIC_RELAXED);
	return error ? EIO : 0;
}

/*
 * Waits until what the n-th lock_request called back has come, or until nothing more comes, and
 * merges: all the time, as places on the lists may be scarce.
 */
static int
await(struct pages *p, bool end, unsigned n)
{
	int error = 0, failed;
	bool done = false;

	while (!done) {
		os_mutex_lock(&pager.lock);
		while (!p->first && !(done = p->ended || (!end && (int)(p->completed - n) >= 0)))
			os_cond_wait(&pager.changed, &pager.lock);
		os_mutex_unlock(&pager.lock);
		failed = stores_merge(p);
		error = error ? error : failed;
	}
	return error;
}

void
stores_end(struct pages *p)
{
	(void)await(p, true, 0);	/* noted for the next sync, if there is one */
	p->vn->pages = NULL;
}

/*
 * Merges until nothing of a range can be on its way: a page leaves `granted` at the moment at which
 * it comes to the list, so both are looked at together. Nothing is granted meanwhile, as that takes
 * the vnode's lock. Returns whether pages are granted still, and in *at the first of them.
 */
static bool
merge_until_granted(struct pages *p, uint64_t first, uint64_t count, uint64_t *at, int *error)
{
	for (;;) {
		bool granted, arrived;
		int failed;

		os_mutex_lock(&pager.lock);
		granted = page_set_lowest(&p->granted, first, count, at);
		arrived = p->first != NULL;
		os_mutex_unlock(&pager.lock);
		if (granted || !arrived)
			return granted;
		failed = stores_merge(p);
		*error = *error ? *error : failed;
	}
}

/*
 * One lock_request. What it sends is merged before it is tried again for want of memory: that is
 * what gives some back. Errors of merging go to *error.
 */
static kern_return_t
request(struct pages *p, uint64_t first, uint64_t count, unsigned flags, mach_port_t reply, int *error)
{
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;

	for (unsigned i = 0; i < TRIES && kr == KERN_RESOURCE_SHORTAGE; i++) {
		int failed;

		if (i > 0)
			clock_sleep(PAUSE_MS);
		p->keeps = !(flags & MEMORY_OBJECT_FLUSH);
		kr = memory_object_lock_request(p->control, first * VM_PAGE_SIZE, count * VM_PAGE_SIZE,
			flags | MEMORY_OBJECT_CLEAN, VM_PROT_WRITE, reply);
		flags |= MEMORY_OBJECT_FLUSH;	/* that takes less memory: no copies */
		failed = stores_merge(p);
		*error = *error ? *error : failed;
	}
	return kr;
}

/* Calls the granted pages of a piece back, and merges them. The same conditions and returns. */
static kern_return_t
call_back_piece(struct pages *p, uint64_t first, uint64_t count, unsigned flags, int *error)
{
	kern_return_t kr = request(p, first, count, flags, p->object, error);
	int failed = 0;

	if (kr == KERN_SUCCESS)
		failed = await(p, false, ++p->asked);
	p->keeps = false;
	if (kr != KERN_SUCCESS)
		return kr;
	*error = *error ? *error : failed;
	os_mutex_lock(&pager.lock);
	page_set_remove(&p->granted, first, count);
	os_mutex_unlock(&pager.lock);
	return KERN_SUCCESS;
}

/* In pieces: only so much of a file lies here on its way, whatever is called back. */
int
stores_call_back(struct pages *p, uint64_t first, uint64_t count, unsigned flags)
{
	kern_return_t kr = KERN_SUCCESS;
	uint64_t end = first + count, at;
	int error = 0;

	while (kr == KERN_SUCCESS && merge_until_granted(p, first, count, &at, &error))
		kr = call_back_piece(p, at, end - at < PIECE ? end - at : PIECE, flags, &error);
	if (kr == KERN_SUCCESS && (flags & MEMORY_OBJECT_FLUSH))
		kr = request(p, first, count, flags, MACH_PORT_NULL, &error);
	if (kr == KERN_INVALID_ARGUMENT) {
		stores_end(p);
		return error;
	}
	return kr == KERN_SUCCESS ? error : EIO;
}

/* A range in pages. Returns false: nothing is in it. */
static bool
pages_in(uint64_t offset, uint64_t length, uint64_t *first, uint64_t *count)
{
	uint64_t end = offset + length < offset || offset + length > OBJECT_END ? OBJECT_END
										: offset + length;

	if (length == 0 || offset >= end)
		return false;
	*first = offset / VM_PAGE_SIZE;
	*count = (end + VM_PAGE_SIZE - 1) / VM_PAGE_SIZE - *first;
	return true;
}

static bool
newer(struct vnode *vn, uint64_t offset, uint64_t length)
{
	struct pages *p = vn->pages;
	uint64_t first, count;
	bool is;

	os_mutex_lock(&pager.lock);
	is = p->first || (pages_in(offset, length, &first, &count) && page_set_any(&p->granted, first, count));
	os_mutex_unlock(&pager.lock);
	return is;
}

static size_t
copy(struct vnode *vn, uint64_t offset, void *data, size_t length)
{
	vm_size_t done = 0;

	memory_object_copy(vn->pages->control, offset, (vm_address_t)data, length, MEMORY_OBJECT_COPY_OUT, &done);
	return done;
}

static int
recall(struct vnode *vn, uint64_t offset, uint64_t length, unsigned flags)
{
	struct pages *p = vn->pages;
	uint64_t first, count;

	return pages_in(offset, length, &first, &count) ? stores_call_back(p, first, count, flags) : 0;
}

static int
collect(struct vnode *vn, uint64_t offset, uint64_t length)
{
	return recall(vn, offset, length, 0);
}

static int
withdraw(struct vnode *vn, uint64_t offset, uint64_t length)
{
	return recall(vn, offset, length, MEMORY_OBJECT_FLUSH);
}

static void
retire(struct vnode *vn)
{
	struct pages *p;

	rwlock_write(&vn->lock);
	p = vn->pages;
	if (p) {
		os_mutex_lock(&pager.lock);
		pages_hold(p);
		os_mutex_unlock(&pager.lock);
	}
	rwlock_unlock_write(&vn->lock);
	if (!p)
		return;
	pages_retire(p);
	pages_drop(p);
}

/* --- all of a mount --- */

/* The next object after one, referenced; of those with stores, if asked. */
static struct pages *
next_of(struct mount *mount, uint64_t serial, bool stored)
{
	struct pages *p;

	os_mutex_lock(&pager.lock);
	for (p = pager.list; p; p = p->list_next)
		if (p->serial > serial && p->mount == mount && p->refs > 0 &&
			(!stored || p->first || page_set_any(&p->granted, 0, UINT64_MAX)))
			break;
	if (p)
		pages_hold(p);
	os_mutex_unlock(&pager.lock);
	return p;
}

static int
collect_all(struct mount *mount)
{
	uint64_t serial = 0;
	int error = 0;

	for (struct pages *p; (p = next_of(mount, serial, true)) != NULL; pages_drop(p)) {
		int failed = 0;

		serial = p->serial;
		rwlock_write(&p->vn->lock);
		if (p->vn->pages == p)
			failed = recall(p->vn, 0, UINT64_MAX, 0);
		rwlock_unlock_write(&p->vn->lock);
		error = error ? error : failed;
	}
	return error;
}

/* Whether the kernel still has it, although it was told to let go: somebody uses it. */
static bool
in_use(struct pages *p)
{
	return memory_object_lock_request(p->control, 0, VM_PAGE_SIZE, 0, VM_PROT_WRITE,
		       MACH_PORT_NULL) == KERN_SUCCESS;
}

/* Waits until no object of a mount has a number. */
static void
wait_gone(struct mount *mount, uint64_t serial)
{
	struct pages *p;

	os_mutex_lock(&pager.lock);
	do {
		for (p = pager.list; p && (p->serial != serial || p->mount != mount); )
			p = p->list_next;
		if (p)
			os_cond_wait(&pager.changed, &pager.lock);
	} while (p);
	os_mutex_unlock(&pager.lock);
}

static void
retire_all(struct mount *mount)
{
	uint64_t serial = 0;

	for (struct pages *p; (p = next_of(mount, serial, false)) != NULL; ) {
		bool used;

		serial = p->serial;
		pages_retire(p);
		used = in_use(p);
		pages_drop(p);
		if (!used)
			wait_gone(mount, serial);
	}
}

const struct vfs_pager stores_ops = {
	.newer = newer, .copy = copy, .collect = collect, .withdraw = withdraw, .retire = retire,
	.collect_all = collect_all, .retire_all = retire_all,
};
