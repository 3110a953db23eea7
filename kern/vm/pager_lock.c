/*
 * lock_request: cleaning, flushing and locking of resident pages.
 *
 * Dirty pages go to the pager in runs of neighbours, up to a batch in one DATA_RETURN. A page that
 * is flushed goes itself; of one that stays, a copy, or itself if there is no frame for one.
 *
 * Dirty pages may be in swap (pager_clock.c). A request goes through its range in pieces, brings back
 * what is in swap of one and then does it; meanwhile nothing of the piece goes to swap, or the walk
 * would miss it. Other pages may, so a piece, not the range, is what has to fit into memory.
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
	uint64_t index, end;			/* still to do; of a lock_request, in this piece */
	unsigned flags;
	vm_prot_t lock;
	struct flight *flight;			/* that counts what is sent, or NULL */
	struct vm_map_copy *copy;		/* of the run; room for a batch */
	struct ipc_kmsg *message;		/* to carry it */
	uint64_t run_first, run_count;
};

static bool
may_leave(const struct page *page)
{
	return page->wired == 0 && page->pins == 0;
}

/*
 * Puts a dirty page into the run: itself if it leaves the object, else a copy, whose frame is given.
 * Conditions: object locked, no mapping can write. Returns false: no memory.
 */
static bool
clean_page(struct lock_request *request, uint64_t index, struct page *page, struct page *copy)
{
	struct page *out = copy != NULL ? copy : page;

	if (copy != NULL)
		memcpy(page_virtual(copy), page_virtual(page), PAGE_SIZE);
	else
		page_take(page);
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
	/* Who waits to be let at it has to ask for it first. */
	pager_close_request(pager, index, REQUEST_UNLOCK * VM_PROT_ALL);
	waitq_wake_all(&pager->waiters);
}

/* Does one page. Conditions: object locked. */
static bool
lock_page(struct lock_request *request, uint64_t index, struct page *page)
{
	struct pager *pager = request->pager;
	bool flush = (request->flags & MEMORY_OBJECT_FLUSH) != 0 && may_leave(page);
	bool clean = (request->flags & MEMORY_OBJECT_CLEAN) != 0 && (page->flags & PAGE_DIRTY) != 0;
	struct page *copy = NULL;
	vm_prot_t left;

	if (clean && !flush)
		copy = page_alloc(0, PAGE_USE_OBJECT, PAGE_ALLOC_RESERVE);
	if (clean && !flush && copy == NULL) {
		if (!may_leave(page))
			return false;
		flush = true;		/* as if it were evicted after that */
	}
	left = flush ? VM_PROT_NONE : VM_PROT_ALL & ~request->lock;
	if (clean)
		left &= ~VM_PROT_WRITE;
	if (left != VM_PROT_ALL)
		object_protect(&pager->object, index, 1, left);
	if (clean && !clean_page(request, index, page, copy))
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

/* Does one run. Returns RESOURCE_SHORTAGE. */
static kern_return_t
lock_next(struct lock_request *request)
{
	bool ok, leaves;

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
	return ok ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

/* --- pieces of a lock_request --- */

/*
 * Begins the next piece that has pages, in memory or in swap, before `end`. Returns false: there is
 * none.
 */
static bool
begin_piece(struct lock_request *request, struct pager_piece *piece, uint64_t end)
{
	struct pager *pager = request->pager;
	uint64_t page = request->index, swapped = request->index;
	bool any;

	spin_lock(&pager->object.lock);
	if (radix_next(&pager->pages, &page) == NULL)
		page = end;
	if (radix_next(&pager->swapped, &swapped) == NULL)
		swapped = end;
	piece->first = page < swapped ? page : swapped;
	any = piece->first < end;
	if (any) {
		piece->end = end - piece->first < PAGER_BATCH ? end : piece->first + PAGER_BATCH;
		list_append(&pager->pieces, &piece->link);
		request->index = piece->first;
		request->end = piece->end;
	}
	spin_unlock(&pager->object.lock);
	return any;
}

static void
end_piece(struct pager *pager, struct pager_piece *piece)
{
	spin_lock(&pager->object.lock);
	list_remove(&piece->link);
	spin_unlock(&pager->object.lock);
}

/*
 * Sees to it that nothing of the piece is in swap that the request is about: what is not to be
 * returned and not to stay is forgotten, and what is locked never went there.
 */
static kern_return_t
fetch_piece(const struct lock_request *request, const struct pager_piece *piece)
{
	struct pager *pager = request->pager;
	bool clean = (request->flags & MEMORY_OBJECT_CLEAN) != 0;

	if (!clean && (request->flags & MEMORY_OBJECT_FLUSH) != 0) {
		spin_lock(&pager->object.lock);
		pager_swap_discard(pager, piece->first, piece->end - piece->first);
		spin_unlock(&pager->object.lock);
	} else if (clean || request->lock != VM_PROT_NONE) {
		return pager_swap_in_range(pager, piece->first, piece->end);
	}
	return KERN_SUCCESS;
}

/* Returns MEMORY_ERROR: pages in swap are lost; all others are done. */
static kern_return_t
lock_pieces(struct lock_request *request, uint64_t end)
{
	kern_return_t result = KERN_SUCCESS, fetched;
	struct pager_piece piece;

	list_node_init(&piece.link);
	while (result == KERN_SUCCESS || result == KERN_MEMORY_ERROR) {
		if (!begin_piece(request, &piece, end))
			return result;
		fetched = fetch_piece(request, &piece);
		if (fetched != KERN_SUCCESS)
			result = fetched;
		if (fetched == KERN_SUCCESS || fetched == KERN_MEMORY_ERROR)
			fetched = lock_next(request);
		if (fetched != KERN_SUCCESS)
			result = fetched;
		end_piece(request->pager, &piece);
	}
	return result;
}

/* Who faults in the range asks the pager anew. */
static void
forget_errors(struct pager *pager, uint64_t first, uint64_t end)
{
	spin_lock(&pager->object.lock);
	for (uint64_t index = first; radix_next(&pager->requests, &index) != NULL && index < end; index++)
		pager_close_request(pager, index, REQUEST_ERROR);
	spin_unlock(&pager->object.lock);
}

kern_return_t
pager_lock_range(struct pager *pager, uint64_t first, uint64_t count, unsigned flags,
    vm_prot_t lock)
{
	struct lock_request request = {.pager = pager, .index = first, .flags = flags, .lock = lock};
	kern_return_t result;

	if ((flags & MEMORY_OBJECT_FLUSH) != 0)
		forget_errors(pager, first, first + count);
	result = lock_pieces(&request, first + count);
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
	kern_return_t result = KERN_SUCCESS;

	while (result == KERN_SUCCESS && request.index < request.end)
		result = lock_next(&request);
	return result;
}
