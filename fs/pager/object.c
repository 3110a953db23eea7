/*
 * Which port is which file's memory object; making and ending them.
 *
 * An object is made when a file is first mapped and stays: the kernel keeps its pages when nobody
 * maps them, until it wants the memory. It is retired when the file has no name any more, when its
 * file system is to be unmounted, or when OBJECTS_MAX others are younger. The kernel then lets go
 * of it once its last user is gone.
 */
#include "local.h"

#include "mach/mach.h"

#include <errno.h>

#define OBJECTS_MAX	512u		/* not retired */
#define HASH_SIZE	256u		/* a power of two */
#define OBJECT_SIZE	(1ull << 62)	/* bytes that a proxy shows: past the end of any file */

struct pager pager;

static struct pages *hash[HASH_SIZE];
static uint64_t last_serial;

void
objects_init(void)
{
	os_mutex_init(&pager.lock);
	os_cond_init(&pager.changed);
	os_cond_init(&pager.work_there);
	pager.work_last = &pager.work;
	pager.list_last = &pager.list;
}

static struct pages **
slot_of(mach_port_t object)
{
	return &hash[MACH_PORT_INDEX(object) & (HASH_SIZE - 1)];
}

struct pages *
pages_of_port(mach_port_t object)
{
	struct pages *p;

	os_mutex_lock(&pager.lock);
	for (p = *slot_of(object); p && (p->object != object || p->refs == 0); )
		p = p->hash_next;
	if (p)
		pages_hold(p);
	os_mutex_unlock(&pager.lock);
	return p;
}

void
pages_hold(struct pages *p)
{
	p->refs++;
}

/* It is on the list until its vnode is given back: wait_gone waits for that. Conditions: lock held. */
static void
forget(struct pages *p)
{
	struct pages **at;

	for (at = slot_of(p->object); *at != p; )
		at = &(*at)->hash_next;
	*at = p->hash_next;
	for (at = &pager.list; *at != p; )
		at = &(*at)->list_next;
	*at = p->list_next;
	if (!p->list_next)
		pager.list_last = at;
	os_cond_broadcast(&pager.changed);
}

void
pages_drop(struct pages *p)
{
	bool last;

	os_mutex_lock(&pager.lock);
	last = --p->refs == 0;
	os_mutex_unlock(&pager.lock);
	if (!last)
		return;
	vnode_put(p->vn);
	os_mutex_lock(&pager.lock);
	forget(p);
	os_mutex_unlock(&pager.lock);
	port_drop(p->control);
	port_drop(p->object);
	port_drop_receive(p->object);
	page_set_remove(&p->granted, 0, UINT64_MAX);
	os_free(p);
}

void
pages_leave(struct pages *p)
{
	os_mutex_lock(&pager.lock);
	if (p->refs == 1)
		work_tidy(p);
	p->refs--;
	os_mutex_unlock(&pager.lock);
}

void
pages_retire(struct pages *p)
{
	mach_port_t proxies[2];

	os_mutex_lock(&pager.lock);
	if (!p->retired)
		pager.kept--;
	p->retired = true;
	for (unsigned i = 0; i < 2; i++) {
		proxies[i] = p->proxies[i];
		p->proxies[i] = MACH_PORT_NULL;
	}
	os_mutex_unlock(&pager.lock);
	port_drop(proxies[0]);
	port_drop(proxies[1]);
	memory_object_ready(p->control, false, MEMORY_OBJECT_COPY_DELAY);
}

/* Retires the oldest if there are too many. No locks. */
static void
limit_objects(void)
{
	struct pages *p = NULL;

	os_mutex_lock(&pager.lock);
	if (pager.kept > OBJECTS_MAX) {
		for (p = pager.list; p && (p->retired || p->ended || p->refs == 0); )
			p = p->list_next;
		if (p)
			pages_hold(p);
	}
	os_mutex_unlock(&pager.lock);
	if (!p)
		return;
	pages_retire(p);
	pages_drop(p);
}

/* --- making one --- */

/*
 * Introduces a port to the kernel as a memory object: by mapping it, for a moment. The kernel's
 * first message is there when that returns. Returns its control port, or NULL.
 */
static mach_port_t
introduce(mach_port_t object)
{
	struct memory_object_message m;
	struct vm_map_args args = {
		.target = mach_task_self(), .flags = VM_FLAGS_ANYWHERE, .size = VM_PAGE_SIZE,
		.object = object, .cur_protection = VM_PROT_NONE, .max_protection = VM_PROT_NONE,
		.inheritance = VM_INHERIT_NONE,
	};
	mach_port_t control = MACH_PORT_NULL;

	if (vm_map(&args) != KERN_SUCCESS)
		return MACH_PORT_NULL;
	if (mach_msg(&m.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(m), object, 0,
		    MACH_PORT_NULL) == MACH_MSG_SUCCESS) {
		if (m.header.msgh_id == MEMORY_OBJECT_INIT_ID)
			control = m.control.name;
		memory_object_ready(control, true, MEMORY_OBJECT_COPY_DELAY);
	}
	vm_deallocate(mach_task_self(), args.address, VM_PAGE_SIZE);
	return control;
}

/* Conditions: the vnode locked exclusively. */
static void
enter(struct pages *p, struct vnode *vn)
{
	vnode_hold(vn);
	p->vn = vn;
	p->mount = vn->mount;
	p->last = &p->first;
	p->refs = 1;			/* vnode->pages */
	p->retired = vn->unlinked;
	os_mutex_lock(&pager.lock);
	p->serial = ++last_serial;
	pager.kept += !p->retired;
	p->hash_next = *slot_of(p->object);
	*slot_of(p->object) = p;
	*pager.list_last = p;
	pager.list_last = &p->list_next;
	os_mutex_unlock(&pager.lock);
	vn->pages = p;
}

/* Conditions: the vnode locked exclusively, without pages. Returns 0; ENOMEM. */
static int
make(struct vnode *vn)
{
	struct pages *p = os_alloc(sizeof(*p));

	if (!p)
		return ENOMEM;
	if (port_create(true, &p->object) != KERN_SUCCESS) {
		os_free(p);
		return ENOMEM;
	}
	p->control = introduce(p->object);
	if (p->control != MACH_PORT_NULL &&
		mach_port_move_member(mach_task_self(), p->object, pager.set) == KERN_SUCCESS) {
		enter(p, vn);
		return 0;
	}
	port_drop(p->control);
	port_drop(p->object);
	port_drop_receive(p->object);
	os_free(p);
	return ENOMEM;
}

/* --- proxies --- */

/* A right to the proxy that is kept for all clients. Lock held. MACH_PORT_NULL: there is none. */
static mach_port_t
kept_proxy(struct pages *p, bool writable)
{
	mach_port_t proxy = p->proxies[writable];

	return proxy != MACH_PORT_NULL && port_hold(proxy) == KERN_SUCCESS ? proxy : MACH_PORT_NULL;
}

/* Keeps a new proxy for others, unless somebody else was faster or nothing is to be kept. */
static void
keep_proxy(struct pages *p, bool writable, mach_port_t proxy)
{
	os_mutex_lock(&pager.lock);
	if (!p->retired && p->proxies[writable] == MACH_PORT_NULL &&
		port_hold(proxy) == KERN_SUCCESS)
		p->proxies[writable] = proxy;
	os_mutex_unlock(&pager.lock);
}

/* Returns INVALID_ARGUMENT: the kernel has let go of the object. */
static kern_return_t
proxy_of(struct pages *p, bool writable, mach_port_t *proxy)
{
	vm_prot_t allowed = writable ? VM_PROT_ALL : VM_PROT_READ | VM_PROT_EXECUTE;
	kern_return_t kr;

	os_mutex_lock(&pager.lock);
	*proxy = kept_proxy(p, writable);
	os_mutex_unlock(&pager.lock);
	if (*proxy != MACH_PORT_NULL)
		return KERN_SUCCESS;
	kr = memory_object_proxy(p->control, allowed, 0, OBJECT_SIZE, proxy);
	if (kr == KERN_SUCCESS)
		keep_proxy(p, writable, *proxy);
	return kr;
}

/*
 * Stores take set-id bits away from now on, also those to pages that are granted: these are called
 * back, so that they ask again. Conditions: the vnode locked exclusively.
 */
static void
make_common(struct pages *p)
{
	if (!p->common) {
		p->common = true;
		(void)stores_call_back(p, 0, OBJECT_SIZE / VM_PAGE_SIZE, 0);
	}
}

/* Conditions: the vnode locked exclusively. */
static int
map_locked(struct vnode *vn, bool writable, bool common, mach_port_t *object)
{
	kern_return_t kr = KERN_INVALID_ARGUMENT;
	int error = 0;

	if (vn->pages && ((writable && common && !vn->pages->common) || vfs_pager->newer(vn, 0, UINT64_MAX)))
		error = os_wait_place();	/* what is stored there may have to be written */
	if (error)
		return error;
	if (vn->pages) {
		kr = proxy_of(vn->pages, writable, object);
		if (kr == KERN_INVALID_ARGUMENT)
			stores_end(vn->pages);
	}
	if (kr == KERN_INVALID_ARGUMENT) {
		error = make(vn);

		if (error)
			return error;
		kr = proxy_of(vn->pages, writable, object);
	}
	if (vn->unlinked)
		pages_retire(vn->pages);
	if (kr == KERN_SUCCESS && writable && common)
		make_common(vn->pages);
	return kr == KERN_SUCCESS ? 0 : ENOMEM;
}

int
pager_map(struct vnode *vn, const struct vfs_cred *cred, bool writable, mach_port_t *object)
{
	int error;

	if (vn->type != VFS_S_IFREG || !vn->ops->read || (writable && !vn->ops->reserve))
		return ENODEV;
	error = rwlock_ask_write(&vn->lock);
	if (error)
		return error;
	error = map_locked(vn, writable, cred->uid != 0, object);
	rwlock_unlock_write(&vn->lock);
	limit_objects();
	return error;
}
