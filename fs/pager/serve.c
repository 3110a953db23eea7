/*
 * The kernel's messages about memory objects, and who answers them.
 *
 * One thread receives, in order, and does what takes no time: so pages that come back are known of
 * before a later question about them is. The questions go to a few threads that read from the disk.
 * None of this needs memory without bound: there is one question for a page at a time, and of pages
 * that come back the kernel keeps few on the way. What it needs the threads may take from the last
 * frames (thread_wire), as it is they who make others free.
 */
#include "local.h"

#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/mig.h"
#include "mach/service.h"

#include <errno.h>

#define TRIES		500u		/* with the pause: 5 s until there is memory */
#define PAUSE_MS	10
#define WHOLE		64u		/* pages: files up to this size are read in large pieces */
#define WINDOW_WHOLE	16u		/* pages supplied at a time: of those, */
#define WINDOW_FIRST	2u		/* of a larger file, and as far as a sequential reader gets */
#define WINDOW_MOST	32u

/* --- answers; the vnode locked, exclusively where that matters --- */

static void
refuse(struct pages *p, uint64_t offset)
{
	memory_object_data_error(p->control, offset, VM_PAGE_SIZE, KERN_MEMORY_ERROR);
}

/*
 * Conditions: the vnode locked exclusively. Returns 0; ENOMEM; EROFS. A remount looks for grants,
 * with the lock, after it has said read-only: so it finds one, or that finds out.
 */
static int
grant(struct pages *p, uint64_t index)
{
	int error = 0;

	os_mutex_lock(&pager.lock);
	if (__atomic_load_n(&p->mount->read_only, __ATOMIC_RELAXED))
		error = EROFS;
	else if (!page_set_add(&p->granted, index))
		error = ENOMEM;
	os_mutex_unlock(&pager.lock);
	return error;
}

/*
 * How many pages to give at once from one on, at most as many as the file has. None that somebody
 * may have stored to: granted, or on its way, or on the list when it is no longer granted.
 */
static unsigned
window(struct pages *p, uint64_t index, uint64_t file_pages)
{
	uint64_t most = file_pages - index;
	unsigned count = WINDOW_FIRST;

	os_mutex_lock(&pager.lock);
	if (file_pages <= WHOLE)
		count = WINDOW_WHOLE;
	else if (index == p->next_index && p->window > 0)
		count = p->window * 2 < WINDOW_MOST ? p->window * 2 : WINDOW_MOST;
	if (count > most)
		count = (unsigned)most;
	if (count > 1 && (p->first || page_set_any(&p->granted, index + 1, count - 1)))
		count = 1;
	p->next_index = index + count;
	p->window = count;
	os_mutex_unlock(&pager.lock);
	return count;
}

/*
 * Reads pages, of which the file has at least one byte each, and gives the kernel those that could
 * be read as a whole; an error if not even the first. Returns 0; ENOMEM; OS_LATER.
 */
static int
supply(struct pages *p, uint64_t offset, unsigned count, uint64_t file_size, vm_prot_t lock)
{
	size_t size = count * VM_PAGE_SIZE, done = 0, whole;
	size_t want = file_size - offset < size ? file_size - offset : size;
	void *data = os_pages_alloc(size);
	int error = data ? p->vn->ops->read(p->vn, offset, data, size, &done) : ENOMEM;
	kern_return_t kr;

	if (error)
		done = 0;
	whole = done >= want ? size : done - done % VM_PAGE_SIZE;
	if (data && whole < size)
		os_pages_free((uint8_t *)data + whole, size - whole);
	if (error == ENOMEM || error == OS_LATER)
		return error;
	if (whole == 0) {
		refuse(p, offset);
		return 0;
	}
	kr = memory_object_data_supply(p->control, offset, (vm_address_t)data, whole, lock);
	if (kr != KERN_SUCCESS && kr != KERN_MEMORY_FAILURE)	/* it has not taken the pages */
		os_pages_free(data, whole);
	if (kr == KERN_SUCCESS && p->vn->ops->uncache)
		p->vn->ops->uncache(p->vn, offset, whole);
	return 0;
}

/*
 * A page is to be written: everything that takes is there from now on. That is a write, for the
 * set-id bits, too. Returns 0; EROFS; ENOSPC; EIO; ENOMEM.
 */
static int
reserve(struct pages *p, uint64_t offset, const struct vfs_attr *attr)
{
	static const struct vfs_cred somebody = { 65534, 65534 };
	uint64_t size = attr->size;
	size_t length = size - offset < VM_PAGE_SIZE ? size - offset : VM_PAGE_SIZE;
	int error = __atomic_load_n(&p->mount->read_only, __ATOMIC_RELAXED) ? EROFS : 0;

	if (!error)
		error = p->vn->ops->reserve(p->vn, offset, length);
	if (!error && p->common)
		error = vfs_clear_set_id(p->vn, attr, &somebody);
	return error ? error : grant(p, offset / VM_PAGE_SIZE);
}

/* Returns 0; ENOMEM; OS_LATER: not even the page itself is cached. */
static int
answer_supply(struct pages *p, const struct work *w, const struct vfs_attr *attr)
{
	uint64_t size = attr->size;
	unsigned count = 1;
	int error = w->offset >= size ? EINVAL : 0;

	if (!error && w->write)
		error = reserve(p, w->offset, attr);
	else if (!error)
		count = window(p, w->offset / VM_PAGE_SIZE, (size + VM_PAGE_SIZE - 1) / VM_PAGE_SIZE);
	if (error == ENOMEM)
		return ENOMEM;
	if (error) {
		refuse(p, w->offset);
		return 0;
	}
	error = supply(p, w->offset, count, size, w->write ? VM_PROT_NONE : VM_PROT_WRITE);
	if (error == OS_LATER && count > 1)
		error = supply(p, w->offset, 1, size, VM_PROT_WRITE);
	return error;
}

/* A page that cannot be written goes: it is asked for again, and then there is an error to give. */
static kern_return_t
unlock(struct pages *p, uint64_t offset, bool may)
{
	return memory_object_lock_request(p->control, offset, VM_PAGE_SIZE,
		may ? 0 : MEMORY_OBJECT_CLEAN | MEMORY_OBJECT_FLUSH,
		may ? VM_PROT_NONE : VM_PROT_WRITE, MACH_PORT_NULL);
}

/* Returns 0; ENOMEM. */
static int
answer_unlock(struct pages *p, const struct work *w, const struct vfs_attr *attr)
{
	int error = w->offset < attr->size ? reserve(p, w->offset, attr) : EINVAL;

	if (error == ENOMEM)
		return ENOMEM;
	return unlock(p, w->offset, !error) == KERN_RESOURCE_SHORTAGE ? ENOMEM : 0;
}

/* Whether the file may lack stores to a page. A question may be an old one, answered long ago with others. */
static bool
is_newer(struct pages *p, uint64_t index)
{
	bool is;

	os_mutex_lock(&pager.lock);
	is = p->first || page_set_any(&p->granted, index, 1);
	os_mutex_unlock(&pager.lock);
	return is;
}

/* Returns 0; ENOMEM. */
static int
answer(struct pages *p, const struct work *w)
{
	struct vfs_attr attr;

	if (p->vn->ops->getattr(p->vn, &attr) != 0)
		attr.size = 0;
	return w->kind == WORK_SUPPLY ? answer_supply(p, w, &attr) : answer_unlock(p, w, &attr);
}

/* --- the threads that answer --- */

static mach_port_t host;

static void
wire(void)
{
	if (host == MACH_PORT_NULL || thread_wire(host, mach_thread_self(), 1) != KERN_SUCCESS)
		os_report("mapped files may have to wait for memory");
}

/* Only reading what nobody has stored to leaves others at the file. Returns 0; ENOMEM, EIO or OS_LATER: not answered. */
static int
try_question(struct pages *p, const struct work *w)
{
	uint64_t index = w->offset / VM_PAGE_SIZE;
	int error = 0;

	if (w->kind == WORK_SUPPLY && !w->write) {
		bool newer;

		error = rwlock_ask_read(&p->vn->lock);
		if (error)
			return error;
		newer = is_newer(p, index);
		if (!newer)
			error = answer(p, w);
		rwlock_unlock_read(&p->vn->lock);
		if (!newer)
			return error;
	}
	error = os_wait_place();
	if (error)
		return error;
	rwlock_write(&p->vn->lock);
	(void)stores_merge(p);
	if (w->kind == WORK_SUPPLY)
		error = stores_call_back(p, index, 1, 0);
	if (!error)
		error = answer(p, w);
	rwlock_unlock_write(&p->vn->lock);
	return error;
}

/* Puts a question to the end of the queue, with a reference. */
static void
ask_again(struct work *w)
{
	os_mutex_lock(&pager.lock);
	pages_hold(w->pages);
	work_enqueue(w);
	os_mutex_unlock(&pager.lock);
}

/* A question that cannot be answered now goes back to the queue. */
static void
do_question(struct work *w)
{
	struct pages *p = w->pages;
	int error = try_question(p, w);

	if (error == OS_LATER) {
		w->cold = true;
		ask_again(w);
		return;
	}
	w->tries += error == ENOMEM ? 1 : TRIES / 4;	/* whatever else was tried for long already */
	if (error && w->tries < TRIES) {
		clock_sleep(PAUSE_MS);
		ask_again(w);
		return;
	}
	if (error && w->kind == WORK_SUPPLY)
		refuse(p, w->offset);
	else if (error)
		unlock(p, w->offset, false);
	work_free(w);
}

static void
do_tidy(struct pages *p)
{
	bool over;

	os_mutex_lock(&pager.lock);
	p->tidy.pages = NULL;		/* what comes from now on is to be tidied again */
	os_mutex_unlock(&pager.lock);
	rwlock_write(&p->vn->lock);
	(void)stores_merge(p);
	os_mutex_lock(&pager.lock);
	over = p->ended && !p->over;
	p->over |= over;
	os_mutex_unlock(&pager.lock);
	if (over && p->vn->pages == p)
		p->vn->pages = NULL;
	rwlock_unlock_write(&p->vn->lock);
	if (over)
		pages_drop(p);
}

static void *
answer_thread(void *argument)
{
	wire();
	for (;;) {
		bool hurry;
		struct work *w = work_next(&hurry);
		struct pages *p = w->pages;

		os_may_wait(!hurry);
		if (w->kind == WORK_TIDY)
			do_tidy(p);
		else
			do_question(w);
		work_done(p, hurry);
		if (hurry)
			pages_leave(p);
		else
			pages_drop(p);
	}
	return argument;
}

/* --- the thread that receives --- */

union message {
	mach_msg_header_t header;
	struct memory_object_message range;
	struct memory_object_data_return returned;
	uint8_t room[MIG_BUFFER_SIZE];
};

static void
ask(struct pages *p, const struct memory_object_message *m)
{
	struct work *w = work_question();

	if (!w) {
		refuse(p, m->offset);
		return;
	}
	w->pages = p;
	w->tries = 0;
	w->cold = false;
	w->kind = m->header.msgh_id == MEMORY_OBJECT_DATA_REQUEST_ID ? WORK_SUPPLY : WORK_UNLOCK;
	w->offset = m->offset;
	w->write = (m->access & VM_PROT_WRITE) != 0;
	ask_again(w);
}

static void
note(struct pages *p, bool ended)
{
	os_mutex_lock(&pager.lock);
	if (ended) {
		if (!p->retired)
			pager.kept--;
		p->retired = p->ended = true;
		work_tidy(p);
	} else {
		p->completed++;
	}
	os_cond_broadcast(&pager.changed);
	os_mutex_unlock(&pager.lock);
}

/* Returns whether the message's memory is taken over. */
static bool
handle(struct pages *p, const union message *m)
{
	switch (m->header.msgh_id) {
	case MEMORY_OBJECT_DATA_REQUEST_ID:
	case MEMORY_OBJECT_DATA_UNLOCK_ID:
		ask(p, &m->range);
		break;
	case MEMORY_OBJECT_DATA_RETURN_ID:
		stores_arrived(p, m->returned.offset, (void *)m->returned.data.address,
			m->returned.data.size);
		port_drop(m->returned.control.name);
		return true;
	case MEMORY_OBJECT_LOCK_COMPLETED_ID:
	case MEMORY_OBJECT_TERMINATE_ID:
		note(p, m->header.msgh_id == MEMORY_OBJECT_TERMINATE_ID);
		break;
	}
	return false;
}

/* There was no room for the pages in this task: that should not be, and they are lost. */
static void
lost(struct pages *p)
{
	__atomic_store_n(&p->vn->lost, EIO, __ATOMIC_RELAXED);
	os_report("no memory for pages of inode %llu: what was stored there is lost",
		(unsigned long long)p->vn->id);
}

static void
received(union message *m, bool whole)
{
	const mach_msg_trailer_t *trailer =
		(const void *)(m->room + mig_pad(m->header.msgh_size));
	struct pages *p = NULL;

	if (trailer->msgh_sender.label == 0)
		p = pages_of_port(m->header.msgh_local_port);
	if (p && !whole)
		lost(p);
	if (!p || !whole || !handle(p, m))
		mig_destroy(&m->header);
	if (p)
		pages_leave(p);
}

static void *
receive_thread(void *argument)
{
	static union message m;

	wire();
	for (;;) {
		mach_msg_return_t mr = mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m), pager.set, 0,
			MACH_PORT_NULL);

		if (mr == MACH_MSG_SUCCESS || mr == MACH_RCV_BODY_ERROR)
			received(&m, mr == MACH_MSG_SUCCESS);
	}
	return argument;
}

int
pager_init(void)
{
	objects_init();
	stores_init();
	queue_init();
	host = service_grant("host");
	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &pager.set) !=
			KERN_SUCCESS ||
		cthread_spawn(receive_thread, NULL) != KERN_SUCCESS)
		return EAGAIN;
	for (unsigned i = 0; i < PAGER_THREADS; i++)
		if (cthread_spawn(answer_thread, NULL) != KERN_SUCCESS)
			return EAGAIN;
	vfs_pager = &stores_ops;
	return 0;
}
