/*
 * lock_request: cleaning, flushing and locking of resident pages.
 *
 * Dirty pages go to the pager in runs of neighbours, up to a batch in one DATA_RETURN. A page that
 * is flushed goes itself; of one that stays, a copy.
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "init/string.h"
#include "sched/sched.h"
#include "vm/copy.h"
#include "vm/map.h"
#include "vm/pager.h"
#include <mach/memory_object.h>

struct lock_request {
	struct pager *pager;
	uint64_t index, end;			/* still to do */
	unsigned flags;
	vm_prot_t lock;
	struct flight *flight;			/* that counts what is sent, or NULL */
	struct vm_map_copy *copy;		/* of the run; room for a batch */
	struct ipc_kmsg *message;		/* to carry it */
	uint64_t run_first, run_count;
};

static bool
flushes(const struct lock_request *request, const struct page *page)
{
	return (request->flags & MEMORY_OBJECT_FLUSH) != 0 && page->wired == 0 && page->pins == 0;
}

/* The page as it is sent: itself if it leaves the object, else a copy. NULL: no memory. */
static struct page *
outgoing_page(struct lock_request *request, struct page *page)
{
	struct page *copy;

	if (flushes(request, page)) {
		page_take(page);
		return page;
	}
	copy = page_alloc(0, PAGE_USE_OBJECT, PAGE_ALLOC_RESERVE);
	if (copy != NULL)
		memcpy(page_virtual(copy), page_virtual(page), PAGE_SIZE);
	return copy;
}

/*
 * Puts a dirty page into the run. Conditions: object locked, no mapping can write. Returns false:
 * no memory.
 */
static bool
clean_page(struct lock_request *request, uint64_t index, struct page *page)
{
	struct page *out = outgoing_page(request, page);

	if (out == NULL)
		return false;
	if (!copy_put_page(request->copy, request->run_count, out)) {
		page_drop(out);
		return false;
	}
	if (request->run_count++ == 0)
		request->run_first = index;
	page->flags &= ~PAGE_DIRTY;
	return true;
}

void
pager_flush_page(struct pager *pager, uint64_t index, struct page *page)
{
	radix_remove(&pager->pages, index);
	if (page->owner == pager)		/* not yet somebody else's, in a run */
		page->owner = NULL;
	page_set_use(page, PAGE_USE_ANON);
	page->flags = 0;
	page_drop(page);
}

/* Does one page. Conditions: object locked. */
static bool
lock_page(struct lock_request *request, uint64_t index, struct page *page)
{
	struct pager *pager = request->pager;
	bool flush = flushes(request, page);
	bool clean = (request->flags & MEMORY_OBJECT_CLEAN) != 0 && (page->flags & PAGE_DIRTY) != 0;
	vm_prot_t left = flush ? VM_PROT_NONE : VM_PROT_ALL & ~request->lock;

	if (clean)
		left &= ~VM_PROT_WRITE;
	if (left != VM_PROT_ALL)
		object_protect(&pager->object, index, 1, left);
	if (clean && !clean_page(request, index, page))
		return false;
	if (flush) {
		pager_flush_page(pager, index, page);
		if (clean && request->flight != NULL)
			flight_start(request->flight, page);
	} else {
		page->flags = (uint8_t)((page->flags & ((1u << PAGE_LOCK_SHIFT) - 1)) |
					request->lock << PAGE_LOCK_SHIFT);
	}
	pager_close_request(pager, index, REQUEST_UNLOCK * VM_PROT_ALL);
	return true;
}

/* Whether a page cannot join the run that has begun. */
static bool
breaks_run(const struct lock_request *request, uint64_t index, const struct page *page)
{
	if (request->run_count == 0 || (request->flags & MEMORY_OBJECT_CLEAN) == 0 ||
	    (page->flags & PAGE_DIRTY) == 0)
		return false;
	return index != request->run_first + request->run_count ||
	       request->run_count == PAGER_BATCH;
}

/*
 * Does pages until the run is complete or a batch has been looked at. Conditions: object locked.
 * Returns false: no memory.
 */
static bool
lock_some(struct lock_request *request)
{
	struct pager *pager = request->pager;

	for (unsigned looked = 0; looked < 4 * PAGER_BATCH; looked++) {
		struct page *page = request->index < request->end ?
					radix_next(&pager->pages, &request->index) :
					NULL;

		if (page == NULL || request->index >= request->end) {
			request->index = request->end;
			return true;
		}
		if (breaks_run(request, request->index, page))
			return true;
		if (!lock_page(request, request->index, page))
			return false;
		request->index++;
	}
	return true;
}

/* What a run needs. Returns false: no memory. */
static bool
begin_run(struct lock_request *request)
{
	request->run_count = 0;
	if ((request->flags & MEMORY_OBJECT_CLEAN) == 0)
		return true;
	request->message = pager_return_create();
	request->copy = request->message != NULL ? copy_create(PAGER_BATCH) : NULL;
	if (request->copy != NULL)
		return true;
	if (request->message != NULL)
		kmsg_destroy(request->message);
	return false;
}

/* Sends the run, if there is one. */
static void
send_run(struct lock_request *request)
{
	if ((request->flags & MEMORY_OBJECT_CLEAN) == 0)
		return;
	if (request->run_count == 0) {
		vm_map_copy_discard(request->copy);
		kmsg_destroy(request->message);
		return;
	}
	vm_count(pageouts, request->run_count);
	copy_trim(request->copy, request->run_count);
	pager_return_send(request->pager, request->message, request->run_first << PAGE_SHIFT,
	    request->copy, true);
}

static void
run_sent(struct pager *pager)
{
	spin_lock(&pager->object.lock);
	pager->leaving--;
	waitq_wake_all(&pager->waiters);
	spin_unlock(&pager->object.lock);
}

/* Waits until nothing that was taken out before the call, by the clock perhaps, is still to be sent. */
static void
wait_sent(struct pager *pager)
{
	spin_lock(&pager->object.lock);
	while (pager->leaving != 0)
		waitq_wait(&pager->waiters, &pager->object.lock, WAIT_FOREVER, 0, "pager", NULL);
	spin_unlock(&pager->object.lock);
}

static kern_return_t
lock_range(struct lock_request *request)
{
	bool ok = true, leaves;

	while (ok && request->index < request->end) {
		if (!begin_run(request))
			return KERN_RESOURCE_SHORTAGE;
		spin_lock(&request->pager->object.lock);
		ok = lock_some(request);
		leaves = request->run_count != 0;
		request->pager->leaving += leaves;
		waitq_wake_all(&request->pager->waiters);
		spin_unlock(&request->pager->object.lock);
		send_run(request);
		if (leaves)
			run_sent(request->pager);
		cpu_preempt_point();
	}
	return ok ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

kern_return_t
pager_lock_range(struct pager *pager, uint64_t first, uint64_t count, unsigned flags,
    vm_prot_t lock)
{
	struct lock_request request = {.pager = pager,
	    .index = first,
	    .end = first + count,
	    .flags = flags,
	    .lock = lock};
	kern_return_t result = KERN_SUCCESS;

	if ((flags & MEMORY_OBJECT_CLEAN) != 0) {
		result = pager_swap_in_range(pager, first, count);
	} else if ((flags & MEMORY_OBJECT_FLUSH) != 0) {
		spin_lock(&pager->object.lock);
		pager_swap_discard(pager, first, count);
		spin_unlock(&pager->object.lock);
	}
	if (result == KERN_SUCCESS)
		result = lock_range(&request);
	wait_sent(pager);
	return result;
}

kern_return_t
pager_evict_range(struct pager *pager, uint64_t first, uint64_t count)
{
	struct lock_request request = {.pager = pager,
	    .index = first,
	    .end = first + count,
	    .flags = MEMORY_OBJECT_CLEAN | MEMORY_OBJECT_FLUSH,
	    .flight = pager->flight};

	return lock_range(&request);
}
