/*
 * Making, finding and ending pagers. See pager.h.
 */
#include "vm/pager.h"
#include "arch/timer.h"
#include "init/panic.h"
#include "ipc/port.h"
#include "mm/kalloc.h"
#include "mm/page.h"
#include "sched/cpu.h"
#include "sched/sched.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/map.h"
#include <mach/memory_object.h>

#define BUCKETS 64u
#define RETRY_NS 10000000ull		/* frames come back in ways that tell nobody */

static struct spinlock pagers_lock;
static struct list pagers[BUCKETS];		/* listed ones, by port */
static struct list pager_round;			/* the same, next one for the clock first */

static struct spinlock ending_lock = SPINLOCK_INIT("pagers ending", RANK_WAITQ);
static struct list ending = LIST_INIT(ending);	/* not listed any more, by the same link */
static struct waitq ending_queue = WAITQ_INIT(ending_queue);	/* the thread */

static struct list *
bucket_of(const struct ipc_port *port)
{
	return &pagers[((uintptr_t)port >> 6) % BUCKETS];
}

void
pager_drop(struct pager *pager)
{
	if (!refcount_drop(&pager->refs))
		return;
	assert(pager->pages.count == 0 && pager->swapped.count == 0);
	radix_destroy(&pager->requests);
	if (pager->farewell != NULL)
		kmsg_destroy(pager->farewell);
	port_release_send(pager->port);
	flight_drop(pager->flight);
	store_free(pager);
	kfree(pager);
}

/* --- the end --- */

/*
 * Takes up to a batch of pages out of the object. Conditions: object locked, nothing mapped any
 * more.
 */
static unsigned
take_pages(struct pager *pager, struct page *taken[PAGER_BATCH])
{
	unsigned count = 0;
	uint64_t index = 0;

	while (count < PAGER_BATCH && (taken[count] = radix_next(&pager->pages, &index)) != NULL) {
		struct page *page = taken[count++];

		radix_remove(&pager->pages, index);
		page->owner = NULL;
		if (page->wired != 0)		/* wired or not, there is no such memory any more */
			vm_count(wired, -1);
		page->wired = 0;
	}
	return count;
}

static void
drop_pages(struct pager *pager)
{
	struct page *taken[PAGER_BATCH];
	unsigned count;

	do {
		spin_lock(&pager->object.lock);
		pager_swap_discard(pager, 0, UINT64_MAX);
		count = take_pages(pager, taken);
		spin_unlock(&pager->object.lock);
		for (unsigned i = 0; i < count; i++)
			page_drop(taken[i]);
		cpu_preempt_point();
	} while (count != 0);
}

void
pager_fail(struct pager *pager)
{
	bool first;

	spin_lock(&pager->object.lock);
	first = pager->state != PAGER_FAILED;
	if (first && pager->store != NULL)
		store_failed(pager);
	pager->state = PAGER_FAILED;
	object_protect(&pager->object, 0, UINT64_MAX, VM_PROT_NONE);
	waitq_wake_all(&pager->waiters);
	spin_unlock(&pager->object.lock);
	if (!first)
		return;
	drop_pages(pager);
	pager_reconsider(pager);
}

/*
 * Returns the dirty pages; nobody maps them, so they go themselves. Returns false: not all, to be
 * repeated.
 */
static bool
return_dirty(struct pager *pager)
{
	kern_return_t result = KERN_SUCCESS;

	if (pager->state != PAGER_FAILED)
		result = pager_lock_range(pager, 0, UINT64_MAX >> PAGE_SHIFT,
		    MEMORY_OBJECT_CLEAN | MEMORY_OBJECT_FLUSH, VM_PROT_NONE);
	return result == KERN_SUCCESS || result == KERN_MEMORY_ERROR;	/* what is lost in swap is lost */
}

static void
finish(struct pager *pager)
{
	pager_send_terminate(pager);
	kobject_port_destroy(pager->control);
	spin_lock(&pager->object.lock);
	pager->state = PAGER_FAILED;	/* answers that are on their way come too late */
	spin_unlock(&pager->object.lock);
	drop_pages(pager);
	if (port_watch_remove(&pager->watch))
		pager_drop(pager);
	pager_drop(pager);
}

/*
 * Dirty pages that went to swap are fetched for the pager, and those that there is no memory to return
 * now are returned later, by a thread that nobody can abort and nobody waits for.
 */
static void
end_thread(void *argument)
{
	(void)argument;
	for (;;) {
		struct list_node *node;
		struct pager *pager;

		spin_lock(&ending_lock);
		while ((node = list_pop(&ending)) == NULL)
			waitq_wait(&ending_queue, &ending_lock, WAIT_FOREVER, 0, "pager end", NULL);
		spin_unlock(&ending_lock);
		pager = list_entry(node, struct pager, link);
		while (!return_dirty(pager)) {
			spin_lock(&ending_lock);
			waitq_wait(&ending_queue, &ending_lock, timer_now() + RETRY_NS, 0, "memory", NULL);
			spin_unlock(&ending_lock);
		}
		finish(pager);
	}
}

void
pager_end_start(void)
{
	if (thread_create_kernel(end_thread, NULL, MACH_PRIORITY_USER, "pager end") == NULL)
		panic("no memory for the thread that ends pagers");
}

void
pager_end(struct pager *pager)
{
	if (pager->swapped.count == 0 && return_dirty(pager)) {
		finish(pager);
		return;
	}
	spin_lock(&ending_lock);
	list_append(&ending, &pager->link);
	waitq_wake_all(&ending_queue);
	spin_unlock(&ending_lock);
}

/* Takes it off the list if it is to end. Conditions: pagers_lock. */
static bool
delist_unused(struct pager *pager)
{
	if (pager->object.refs != 0 || !pager->listed || pager->at_hand ||
	    (pager->may_cache && pager->state == PAGER_READY))
		return false;
	list_remove(&pager->link);
	list_remove(&pager->round_link);
	pager->listed = false;
	return true;
}

void
pager_reconsider(struct pager *pager)
{
	bool end;

	spin_lock(&pagers_lock);
	end = delist_unused(pager);
	spin_unlock(&pagers_lock);
	if (end)
		pager_end(pager);
}

void
pager_drop_last(struct vm_object *object)
{
	struct pager *pager = pager_of(object);
	bool end = false;

	spin_lock(&pagers_lock);
	if (refcount_drop(&object->refs))
		end = delist_unused(pager);
	spin_unlock(&pagers_lock);
	if (end)
		pager_end(pager);
}

static void
pager_port_died(struct port_watch *watch)
{
	struct pager *pager = container_of(watch, struct pager, watch);

	pager_fail(pager);
	pager_drop(pager);
}

/* --- for the clock --- */

struct pager *
pager_at_hand(void)
{
	struct list_node *node;
	struct pager *pager = NULL;

	spin_lock(&pagers_lock);
	node = list_pop(&pager_round);
	if (node != NULL) {
		list_append(&pager_round, node);
		pager = list_entry(node, struct pager, round_link);
		pager->at_hand = true;
		pager_take(pager);
	}
	spin_unlock(&pagers_lock);
	return pager;
}

void
pager_pass_on(struct pager *pager)
{
	bool end;

	spin_lock(&pagers_lock);
	pager->at_hand = false;
	end = delist_unused(pager);
	spin_unlock(&pagers_lock);
	if (end)
		pager_end(pager);
	pager_drop(pager);
}

/* --- the beginning --- */

bool
pager_use(struct pager *pager)
{
	bool ok;

	spin_lock(&pagers_lock);
	ok = pager->listed && pager->state != PAGER_FAILED;
	if (ok)
		vm_object_take(&pager->object);
	spin_unlock(&pagers_lock);
	return ok;
}

/* Conditions: pagers_lock. A failed pager is not given to new users. */
static struct pager *
find_listed(const struct ipc_port *port)
{
	struct pager *pager;

	list_for_each(pager, bucket_of(port), link)
		if (pager->port == port && pager->state != PAGER_FAILED) {
			vm_object_take(&pager->object);
			return pager;
		}
	return NULL;
}

struct pager *
pager_create(struct ipc_port *port)
{
	struct pager *pager = kalloc(sizeof(*pager), KALLOC_OBJECT);

	if (pager == NULL)
		return NULL;
	object_init(&pager->object, &pager_ops, UINT64_MAX & ~VM_PAGE_MASK);
	refcount_set(&pager->refs, 1);
	radix_init(&pager->pages);
	radix_init(&pager->requests);
	radix_init(&pager->swapped);
	list_init(&pager->pieces);
	waitq_init(&pager->waiters);
	pager->state = PAGER_NEW;
	pager->watch.died = pager_port_died;
	pager->flight = flight_create();
	pager->farewell = pager_terminate_create();
	if (pager->flight != NULL && pager->farewell != NULL)
		pager->control = kobject_port_create(KOBJECT_MEMORY_CONTROL, pager);
	if (pager->control == NULL) {
		if (pager->flight != NULL)
			flight_drop(pager->flight);
		if (pager->farewell != NULL)
			kmsg_destroy(pager->farewell);
		kfree(pager);
		return NULL;
	}
	pager->port = port;
	return pager;
}

/* Undoes pager_create for one that nobody has seen; the right is released. */
static void
pager_discard(struct pager *pager)
{
	kobject_port_destroy(pager->control);
	pager_drop(pager);
}

/* Makes it known, unless somebody else was faster: then theirs is returned. */
static struct pager *
pager_list(struct pager *pager)
{
	struct pager *other;

	spin_lock(&pagers_lock);
	other = find_listed(pager->port);
	if (other == NULL) {
		pager->listed = true;
		list_append(bucket_of(pager->port), &pager->link);
		list_append(&pager_round, &pager->round_link);
	}
	spin_unlock(&pagers_lock);
	if (other != NULL) {
		pager_discard(pager);
		return other;
	}
	/* The watch has a reference, which goes when it has fired or was taken back. */
	pager_take(pager);
	if (!port_watch_add(pager->port, &pager->watch))
		pager_port_died(&pager->watch);
	else if (!pager_send(pager, MEMORY_OBJECT_INIT_ID, 0, PAGE_SIZE, VM_PROT_NONE) &&
		 port_watch_remove(&pager->watch))
		pager_port_died(&pager->watch);
	return pager;
}

struct pager *
pager_for_port(struct ipc_port *port)
{
	struct pager *pager;

	spin_lock(&pagers_lock);
	pager = find_listed(port);
	spin_unlock(&pagers_lock);
	if (pager == NULL && !port_is_flooded(port)) {
		pager = pager_create(port);
		if (pager != NULL)
			return pager_list(pager);
	}
	port_release_send(port);
	return pager;
}

/* --- names --- */

static kern_return_t
view_of_name(mach_port_t name, struct object_view *view)
{
	struct ipc_port *port;
	struct pager *pager;

	if (proxy_view(name, view))
		return KERN_SUCCESS;
	if (space_copyin_send(current_task()->space, name, &port) != KERN_SUCCESS ||
	    !ipc_port_valid(port))
		return KERN_INVALID_ARGUMENT;
	if (port->kobject != KOBJECT_NONE) {
		port_release_send(port);
		return KERN_INVALID_ARGUMENT;
	}
	pager = pager_for_port(port);
	if (pager == NULL)
		return KERN_RESOURCE_SHORTAGE;
	*view = (struct object_view){ &pager->object, 0, pager->object.size, VM_PROT_ALL };
	return KERN_SUCCESS;
}

static void
control_take(void *object)
{
	pager_take(object);
}

static void
control_drop(void *object)
{
	pager_drop(object);
}

static const struct kobject_ops control_ops = {.name = "memory control",
    .take = control_take,
    .drop = control_drop};

void
vm_pager_init(void)
{
	spin_init(&pagers_lock, "pagers", RANK_OBJECT);
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&pagers[i]);
	list_init(&pager_round);
	kobject_register(KOBJECT_MEMORY_CONTROL, &control_ops);
	proxy_init();
	object_from_name = view_of_name;
}
