/*
 * Faults on pages of pagers: finding them, asking for them, waiting.
 *
 * A page may be mapped for writing only once it is marked dirty, so no page changes unnoticed: a
 * read maps a clean page read-only.
 */
#include "arch/pmap.h"
#include "vm/map.h"
#include "vm/pager.h"
#include "vm/pageout.h"
#include <mach/memory_object.h>

static bool
pager_find(struct vm_object *object, uint64_t index, vm_prot_t access, struct object_place *place)
{
	struct pager *pager = pager_of(object);
	struct page *page = pager->state == PAGER_READY ? radix_lookup(&pager->pages, index) : NULL;

	if (page == NULL || (access & page_locked(page)) != 0)
		return false;
	if ((access & VM_PROT_WRITE) != 0)
		page->flags |= PAGE_DIRTY;
	place->address = page_address(page);
	place->page = page;
	place->cache = PMAP_CACHED;
	place->allowed = VM_PROT_ALL & ~page_locked(page);
	if ((page->flags & PAGE_DIRTY) == 0)
		place->allowed &= ~VM_PROT_WRITE;
	return true;
}

static uintptr_t
request_get(struct pager *pager, uint64_t index)
{
	return (uintptr_t)radix_lookup(&pager->requests, index);
}

/* Adds bits to the request of a page. Returns false: no memory. */
static bool
request_add(struct pager *pager, uint64_t index, uintptr_t bits)
{
	uintptr_t old = request_get(pager, index);

	if (old == 0)
		return radix_insert(&pager->requests, index, (void *)(bits | REQUEST_SLOT));
	radix_replace(&pager->requests, index, (void *)(old | bits));
	return true;
}

#define REQUESTS_MAX	4096u		/* open ones of a pager: each takes memory, and stays when nobody waits any more */

/* The question a fault has for the pager: a message to send, or none because it was sent before. */
struct question {
	mach_msg_id_t id;			/* 0: none */
	uintptr_t bits;				/* of the request; it is open while they are set */
};

/*
 * Whether it is too early to ask: nobody listens, or pages are about to be sent, and no question may
 * overtake them: its answer would be older than they are. Conditions: object locked.
 */
static bool
too_early(const struct pager *pager, uint64_t index)
{
	return pager->state == PAGER_NEW || pager->leaving != 0 ||
	       (pager->store != NULL && store_leaving(pager, index));
}

/* Of errors that nobody has taken: who still wants to know asks again. Conditions: object locked. */
static void
forget_answers(struct pager *pager)
{
	if (!pager->has_errors)
		return;
	pager->has_errors = false;
	for (uint64_t index = 0; radix_next(&pager->requests, &index) != NULL; index++)
		pager_close_request(pager, index, REQUEST_ERROR);
}

/*
 * Decides what an access needs that pager_find refused. A pager may take the last frames for its answer, so who asks for a page waits
 * until there is one it could have itself: else a program that touches many pages would eat up what paging lives on.
 * Conditions: object locked. Returns MEMORY_ERROR: the pager reported one; RESOURCE_SHORTAGE: there is no frame; MEMORY_FAILURE: no memory
 * for the question.
 */
static kern_return_t
ask(struct pager *pager, uint64_t index, vm_prot_t access, struct question *question)
{
	struct page *page = radix_lookup(&pager->pages, index);
	uintptr_t open = request_get(pager, index);

	question->id = 0;
	question->bits = 0;
	if (pager->state == PAGER_FAILED)
		return KERN_MEMORY_ERROR;
	if (too_early(pager, index))
		return KERN_SUCCESS;
	if ((open & REQUEST_ERROR) != 0) {
		radix_remove(&pager->requests, index);
		return KERN_MEMORY_ERROR;
	}
	question->bits =
	    page == NULL ? REQUEST_DATA : REQUEST_UNLOCK * (access & page_locked(page));
	if (question->bits == 0 || (open & question->bits) == question->bits)
		return KERN_SUCCESS;
	if (page == NULL && !page_would_fit(1, anon_page_flags()))
		return KERN_RESOURCE_SHORTAGE;
	if (open == 0 && pager->requests.count >= REQUESTS_MAX)
		forget_answers(pager);
	if (open == 0 && pager->requests.count >= REQUESTS_MAX)
		return KERN_MEMORY_ERROR;
	if (!request_add(pager, index, question->bits))
		return KERN_MEMORY_FAILURE;
	question->id = page == NULL ? MEMORY_OBJECT_DATA_REQUEST_ID : MEMORY_OBJECT_DATA_UNLOCK_ID;
	return KERN_SUCCESS;
}

void
pager_close_request(struct pager *pager, uint64_t index, uintptr_t bits)
{
	uintptr_t rest = request_get(pager, index) & ~bits;

	if (rest == REQUEST_SLOT)
		radix_remove(&pager->requests, index);
	else if (rest == (REQUEST_SLOT | REQUEST_DOOMED))
		store_question_closed(pager, index);
	else if (rest != 0)
		radix_replace(&pager->requests, index, (void *)rest);
}

/* Whether there is still nothing new for who asked. Conditions: object locked. */
static bool
unanswered(struct pager *pager, uint64_t index, const struct question *question)
{
	if (pager->state != PAGER_FAILED && too_early(pager, index))
		return true;
	return question->bits != 0 && pager->state == PAGER_READY &&
	       (request_get(pager, index) & (REQUEST_ERROR | REQUEST_DOOMED)) == 0 &&
	       (request_get(pager, index) & question->bits) != 0;
}

/* Sends the question. Conditions: object locked; unlocked meanwhile. Returns MEMORY_FAILURE: it was not sent. */
static kern_return_t
ask_pager(struct pager *pager, uint64_t index, vm_prot_t access, const struct question *question)
{
	uint64_t count = pager->store != NULL ? store_ask(pager, index) : 1;
	bool sent;

	spin_unlock(&pager->object.lock);
	sent = pager_send(pager, question->id, index << PAGE_SHIFT, count << PAGE_SHIFT, access);
	if (sent && question->id == MEMORY_OBJECT_DATA_REQUEST_ID)
		vm_count(pageins, count);
	spin_lock(&pager->object.lock);
	if (sent)
		return KERN_SUCCESS;
	for (uint64_t i = 0; i < count; i++)
		pager_close_request(pager, index + i, question->bits);
	waitq_wake_all(&pager->waiters);	/* who relied on it has to ask itself */
	return KERN_MEMORY_FAILURE;
}

/*
 * Whether the question was closed without an answer because there was no memory for one: asked at once, it
 * would be again. Conditions: object locked; shortages: as they were before it was asked.
 */
static bool
went_without(struct pager *pager, uint64_t index, unsigned shortages)
{
	return pager->shortages != shortages && pager->state == PAGER_READY &&
	       request_get(pager, index) == 0 && radix_lookup(&pager->pages, index) == NULL;
}

static kern_return_t
pager_wait(struct vm_object *object, uint64_t index, vm_prot_t access)
{
	struct pager *pager = pager_of(object);
	uint64_t refusals = page_refusals();
	unsigned shortages = pager->shortages, flags;
	struct question question;
	kern_return_t result;
	bool without;

	if (pager_slot(pager, index) != 0 && pager->state == PAGER_READY)
		return pager_swap_in(pager, index);
	result = ask(pager, index, access, &question);
	if (result == KERN_SUCCESS && question.id != 0)
		result = ask_pager(pager, index, access, &question);
	if (result == KERN_RESOURCE_SHORTAGE || result == KERN_MEMORY_FAILURE) {
		spin_unlock(&object->lock);
		return result == KERN_RESOURCE_SHORTAGE ? pageout_wait(PAGEOUT_PAGE_BACK) : pageout_wait_after(refusals, PAGEOUT_PAGE_BACK);
	}
	while (result == KERN_SUCCESS && unanswered(pager, index, &question))
		if (waitq_wait(&pager->waiters, &object->lock, WAIT_FOREVER,
			WAIT_INTERRUPTIBLE | WAIT_KILLABLE, "pager", NULL) == WAIT_ABORTED)
			result = KERN_ABORTED;
	without = result == KERN_SUCCESS && went_without(pager, index, shortages);
	flags = pager->short_flags;
	spin_unlock(&object->lock);
	return without ? pageout_wait_for(flags) : result;
}

static uint64_t
pager_resident(struct vm_object *object, uint64_t first, uint64_t count)
{
	struct pager *pager = pager_of(object);
	uint64_t resident = 0;

	for (uint64_t index = first;
	     radix_next(&pager->pages, &index) != NULL && index - first < count; index++)
		resident++;
	return resident;
}

const struct vm_object_ops pager_ops = {
    .find = pager_find,
    .wait = pager_wait,
    .resident = pager_resident,
    .drop_last = pager_drop_last,
    .region_kind = VM_REGION_OBJECT,
};
