/*
 * Swap: anonymous memory at the default pager.
 *
 * Anons are counted one by one and belong to no object for long, so they are not evicted to an
 * object each: the kernel makes stores, memory objects of STORE_PAGES pages, and gives an anon a slot
 * in one of them when it is evicted first.
 *
 *	default pager <- CREATE(object, control, size)	the kernel wants a store
 *	    memory_object_ready(control)		it has room for all of it
 *	    memory_object_destroy(control)		it has not: swap is full
 *	    <- DATA_RETURN, DATA_REQUEST		as with any object, slots are offsets
 *	    <- TERMINATE				the store is empty: its room is free
 *
 * A slot that is free again is written over without a word. A store is a struct pager whose pages
 * are those that have come back and were not taken yet. Only what was asked for is accepted, and a
 * slot that is given up while a question is out stays in use until the answer: else the answer could
 * pass for that of the slot's next owner.
 *
 * A page is asked for only after it was sent: while its run is being put together the question
 * waits (`leaving`). The pager must handle the messages for a store in order.
 *
 * A question may be for neighbours too, whose pages then wait in the store for somebody to want them
 * (pager_ahead.h): only while there are frames that nobody waits for, and they go first when there are
 * none.
 */
#include "mm/kalloc.h"
#include "vm/anon.h"
#include "vm/copy.h"
#include "vm/map.h"
#include "vm/pager.h"
#include "vm/pager_ahead.h"
#include "vm/pageout.h"
#include "vm/refuse.h"
#include "vm/swap.h"
#include <mach/memory_object.h>

#define STORES		1024u		/* 4 GB */
#define FEW		384u		/* free slots below which another store is asked for */
#define AHEAD_ROUNDS	8u		/* of the pageout thread, between two sweeps */

/* Lives as long as its pager. */
struct store {
	struct pager *pager;
	unsigned number;

	/* the pager's object.lock */
	uint64_t used[STORE_PAGES / WORD];
	unsigned used_count;
	bool counted;			/* in slots_total, and its slots in use in slots_used */
	unsigned next;			/* where the search for a free slot begins */
	unsigned leaving_first, leaving_count;	/* slots of a run that has not been sent */
	struct ahead ahead;
};

struct swap_run {
	struct store *store;
	struct vm_map_copy *copy;
	struct ipc_kmsg *message;	/* that will carry it */
	unsigned first, count;
};

/* A store goes only by the pageout thread, and not while a slot of it is in use. */
static struct spinlock table_lock = SPINLOCK_INIT("stores", RANK_STORE_TABLE);
static struct store *stores[STORES];
static struct spinlock pager_lock = SPINLOCK_INIT("default pager", RANK_DEFAULT_PAGER);
static struct ipc_port *default_pager;	/* a send right or NULL; pager_lock */
static bool full;			/* it had no room for another store */

static struct flight *flight;		/* to the default pager */
static struct swap_run current;		/* the pageout thread's */
static volatile uint64_t slots_used, slots_total;

static inline unsigned
slot_index(uint32_t slot)
{
	return (slot - 1) % STORE_PAGES;
}

/* The store of a slot that is in use. */
static inline struct store *
store_of(uint32_t slot)
{
	return stores[(slot - 1) / STORE_PAGES];
}

/* --- slots; the store locked --- */

static inline bool
slot_used(const struct store *store, uint64_t index)
{
	return ahead_bit(store->used, index);
}

static void
slot_take(struct store *store, unsigned index)
{
	store->used[index / WORD] |= 1ull << index % WORD;
	store->used_count++;
	ahead_out(&store->ahead, index);
	store->next = (index + 1) % STORE_PAGES;
	if (store->counted)
		__atomic_add_fetch(&slots_used, 1, __ATOMIC_RELAXED);
}

static void
slot_free(struct store *store, uint64_t index)
{
	store->used[index / WORD] &= ~(1ull << index % WORD);
	store->used_count--;
	ahead_in(&store->ahead, index);
	if (store->counted)
		__atomic_sub_fetch(&slots_used, 1, __ATOMIC_RELAXED);
	if (store->used_count == 0)
		pageout_wake();
}

/* Conditions: there is one. Looks for a free word first, so that runs are long. */
static unsigned
slot_find(const struct store *store)
{
	unsigned start = store->next / WORD;

	if (!slot_used(store, store->next))
		return store->next;
	for (unsigned i = 0; i < STORE_PAGES / WORD; i++) {
		unsigned word = (start + i) % (STORE_PAGES / WORD);

		if (store->used[word] == 0)
			return word * WORD;
	}
	for (unsigned word = start;; word = (word + 1) % (STORE_PAGES / WORD))
		if (~store->used[word] != 0)
			return word * WORD + (unsigned)__builtin_ctzll(~store->used[word]);
}

/* --- what the other pager code asks and tells; the store locked --- */

void
store_question_closed(struct pager *pager, uint64_t index)
{
	radix_remove(&pager->requests, index);
	slot_free(pager->store, index);
}

bool
store_wants(struct pager *pager, uint64_t index)
{
	uintptr_t request = (uintptr_t)radix_lookup(&pager->requests, index);

	if ((request & REQUEST_DOOMED) == 0)
		return (request & REQUEST_DATA) != 0;
	store_question_closed(pager, index);
	return false;
}

bool
store_leaving(const struct pager *pager, uint64_t index)
{
	return index - pager->store->leaving_first < pager->store->leaving_count;
}

uint64_t
store_ask(struct pager *pager, uint64_t index)
{
	struct ahead *ahead = &pager->store->ahead;
	unsigned window = ahead_window(ahead, index, PAGER_BATCH), count = 1;

	if (!page_would_leave(2 * PAGER_BATCH, anon_page_flags()))
		return 1;
	for (; count < window && index + count < STORE_PAGES; count++) {
		if (!ahead_bit(ahead->out, index + count) || store_leaving(pager, index + count) ||
		    radix_lookup(&pager->pages, index + count) != NULL ||
		    radix_lookup(&pager->requests, index + count) != NULL ||
		    !radix_insert(&pager->requests, index + count, (void *)(REQUEST_SLOT | REQUEST_DATA)))
			break;
		ahead_bring(ahead, index + count);
	}
	return count;
}

bool
store_unasked(const struct pager *pager, uint64_t index)
{
	return ahead_bit(pager->store->ahead.brought, index);
}

void
store_ready(struct pager *pager)
{
	pager->store->counted = true;
	__atomic_add_fetch(&slots_total, STORE_PAGES, __ATOMIC_RELAXED);
	pageout_landed();
}

static void
store_uncount(struct store *store)
{
	if (store->counted) {
		__atomic_sub_fetch(&slots_used, store->used_count, __ATOMIC_RELAXED);
		__atomic_sub_fetch(&slots_total, STORE_PAGES, __ATOMIC_RELAXED);
	}
	store->counted = false;
}

void
store_failed(struct pager *pager)
{
	uintptr_t request;

	if (pager->state == PAGER_NEW)
		full = true;
	store_uncount(pager->store);
	for (uint64_t index = 0; (request = (uintptr_t)radix_next(&pager->requests, &index)) != 0;)
		if ((request & REQUEST_DOOMED) != 0)
			store_question_closed(pager, index);
		else
			radix_remove(&pager->requests, index);
	pageout_landed();
}

/* --- coming in --- */

static struct page *
swap_take(uint32_t slot)
{
	struct pager *pager = store_of(slot)->pager;
	struct page *page;

	spin_lock(&pager->object.lock);
	page = radix_remove(&pager->pages, slot_index(slot));
	if (page != NULL) {
		ahead_want(&pager->store->ahead, slot_index(slot));
		ahead_in(&pager->store->ahead, slot_index(slot));
	}
	spin_unlock(&pager->object.lock);
	if (page != NULL) {
		page_set_use(page, PAGE_USE_ANON);
		page->flags = 0;
	}
	return page;
}

/* Who asked for a page does not wait for it any more: it is as if it had been asked for beside another. */
static void
unwanted(struct store *store, unsigned index)
{
	spin_lock(&store->pager->object.lock);
	if (ahead_bit(store->ahead.out, index) && !ahead_bit(store->ahead.brought, index))
		ahead_bring(&store->ahead, index);
	spin_unlock(&store->pager->object.lock);
}

static kern_return_t
swap_wait(uint32_t slot)
{
	unsigned index = slot_index(slot);
	kern_return_t result = pageout_admit();
	struct store *store;

	if (result != KERN_SUCCESS)
		return result;
	spin_lock(&table_lock);
	store = store_of(slot);
	if (store != NULL)
		pager_take(store->pager);
	spin_unlock(&table_lock);
	if (store == NULL)		/* so the slot's anon is gone: whoever waits looks again */
		return KERN_SUCCESS;
	spin_lock(&store->pager->object.lock);
	ahead_want(&store->ahead, index);
	if (slot_used(store, index) && radix_lookup(&store->pager->pages, index) == NULL)
		result = store->pager->object.ops->wait(&store->pager->object, index, VM_PROT_READ);
	else
		spin_unlock(&store->pager->object.lock);
	if (result == KERN_ABORTED)
		unwanted(store, index);
	pager_drop(store->pager);
	return result;
}

static void
swap_release(uint32_t slot)
{
	struct store *store = store_of(slot);
	struct pager *pager = store->pager;
	unsigned index = slot_index(slot);
	uintptr_t open;
	struct page *page;

	spin_lock(&pager->object.lock);
	page = radix_remove(&pager->pages, index);
	open = (uintptr_t)radix_lookup(&pager->requests, index);
	if ((open & REQUEST_DATA) != 0) {
		radix_replace(&pager->requests, index, (void *)(open | REQUEST_DOOMED));
		ahead_in(&store->ahead, index);
		waitq_wake_all(&pager->waiters);
	} else {
		radix_remove(&pager->requests, index);
		slot_free(store, index);
	}
	spin_unlock(&pager->object.lock);
	if (page != NULL)
		page_drop(page);
}

static void
swap_drop(uint32_t slot)
{
	struct store *store = store_of(slot);

	spin_lock(&store->pager->object.lock);
	ahead_out(&store->ahead, slot_index(slot));
	spin_unlock(&store->pager->object.lock);
}

static bool
swap_plenty(void)
{
	return !full || slots_total - slots_used > slots_total / 4;
}

/* --- stores come --- */

/* A store for the number, about which the default pager is told. Returns NULL: no memory. */
static struct store *
store_create(unsigned number, struct ipc_port *to)
{
	struct ipc_kmsg *message = kmsg_create(MEMORY_OBJECT_CREATE_ID, 2, sizeof(vm_size_t));
	struct store *store = kalloc(sizeof(*store), KALLOC_OBJECT);
	struct ipc_port *port = NULL;
	struct pager *pager = NULL;

	if (message != NULL && store != NULL)
		port = port_create_ordinary();
	if (port != NULL) {
		*(vm_size_t *)kmsg_body(message) = (vm_size_t)STORE_PAGES << PAGE_SHIFT;
		pager = pager_create(port_make_send(port));
		kmsg_set_port(message, 0, port, MACH_MSG_TYPE_PORT_RECEIVE);
	}
	if (pager == NULL) {
		if (port != NULL)
			port_release_send(port);
		if (message != NULL)
			kmsg_destroy(message);
		kfree(store);
		return NULL;
	}
	spin_init(&pager->object.lock, "store", RANK_STORE);
	store->pager = pager;
	store->number = number;
	pager->store = store;
	pager_take(pager);		/* for the watch */
	port_watch_add(port, &pager->watch);
	kmsg_set_port(message, 1, port_make_send(pager->control), MACH_MSG_TYPE_PORT_SEND);
	kmsg_send(message, port_copy_send(to), MACH_MSG_TYPE_PORT_SEND, NULL);
	return store;
}

static void
store_put(unsigned number, struct store *store)
{
	spin_lock(&table_lock);
	stores[number] = store;
	spin_unlock(&table_lock);
}

/* Asks for one more, unless one is asked for already. */
static void
want_store(void)
{
	struct ipc_port *to;
	struct store *store = NULL;
	unsigned number = STORES;

	for (unsigned i = STORES; i-- > 0;)
		if (stores[i] == NULL)
			number = i;
		else if (stores[i]->pager->state == PAGER_NEW)
			return;
	spin_lock(&pager_lock);
	to = port_copy_send(default_pager);
	spin_unlock(&pager_lock);
	if (number < STORES && ipc_port_valid(to))
		store = store_create(number, to);
	port_release_send(to);
	if (store != NULL)
		store_put(number, store);
}

/* Sees to it in time that there is room. */
static void
want_room(void)
{
	if (default_pager != NULL && !full && slots_total - slots_used < FEW)
		want_store();
}

/* --- going out --- */

/* A store with a free slot; the first, so that the last ones empty. */
static struct store *
store_with_room(void)
{
	for (unsigned i = 0; i < STORES; i++) {
		struct store *store = stores[i];

		if (store != NULL && store->pager->state == PAGER_READY &&
		    store->used_count < STORE_PAGES)
			return store;
	}
	return NULL;
}

static struct swap_run *
swap_begin(void)
{
	struct swap_run *run = &current;

	want_room();
	if (flight == NULL || flight_full(flight) || (run->store = store_with_room()) == NULL)
		return NULL;
	run->count = 0;
	run->message = pager_return_create();
	if (run->message == NULL)
		return NULL;
	run->copy = copy_create(PAGER_BATCH);
	if (run->copy != NULL)
		return run;
	kmsg_destroy(run->message);
	return NULL;
}

static unsigned
swap_room(const struct swap_run *run)
{
	unsigned next = run->first + run->count, room;

	if (run->count == 0)
		next = slot_find(run->store);
	for (room = 0; room < PAGER_BATCH - run->count && next + room < STORE_PAGES; room++)
		if (slot_used(run->store, next + room))
			break;
	return room;
}

static uint32_t
swap_put(struct swap_run *run, struct page *page)
{
	struct store *store = run->store;
	uint32_t slot = 0;

	if (swap_room(run) == 0 || !copy_put_page(run->copy, run->count, page))
		return 0;
	flight_start(flight, page);
	spin_lock(&store->pager->object.lock);
	if (run->count == 0)
		run->first = store->leaving_first = slot_find(store);
	slot = store->number * STORE_PAGES + run->first + run->count + 1;
	slot_take(store, slot_index(slot));
	store->leaving_count = ++run->count;
	spin_unlock(&store->pager->object.lock);
	return slot;
}

static void
swap_end(struct swap_run *run)
{
	struct pager *pager = run->store->pager;

	if (run->count == 0) {
		vm_map_copy_discard(run->copy);
		kmsg_destroy(run->message);
		return;
	}
	vm_count(pageouts, run->count);
	copy_trim(run->copy, run->count);
	pager_return_send(pager, run->message, (vm_offset_t)run->first << PAGE_SHIFT, run->copy, true);
	spin_lock(&pager->object.lock);
	run->store->leaving_count = 0;
	waitq_wake_all(&pager->waiters);
	spin_unlock(&pager->object.lock);
}

/* --- stores go --- */

/* Ends a store without used slots, if it is not needed or has failed. */
static void
tidy_store(unsigned number)
{
	struct store *store = stores[number];
	struct pager *pager = store->pager;
	bool spare = default_pager != NULL && slots_total - slots_used < STORE_PAGES + FEW;
	bool failed, ends;

	spin_lock(&pager->object.lock);
	failed = pager->state == PAGER_FAILED;
	ends = store->used_count == 0 && (failed || (pager->state == PAGER_READY && !spare));
	if (ends)
		store_uncount(store);
	spin_unlock(&pager->object.lock);
	if (!ends)
		return;
	store_put(number, NULL);
	if (!failed)
		full = false;
	pager_end(pager);
}

/* A page that nobody wanted goes; its slot stays as it is. */
static bool
give_up(void *store, uint64_t index)
{
	struct pager *pager = ((struct store *)store)->pager;
	struct page *page = radix_remove(&pager->pages, index);

	if (page != NULL) {
		page->owner = NULL;
		page_drop(page);
	}
	return page != NULL || radix_lookup(&pager->requests, index) == NULL;
}

/* Returns whether any such page went. */
static bool
sweep_stores(bool all)
{
	unsigned gone = 0;

	for (unsigned i = 0; i < STORES; i++) {
		struct store *store = stores[i];

		if (store == NULL || store->ahead.count == 0)
			continue;
		spin_lock(&store->pager->object.lock);
		gone += store->ahead.count;
		ahead_sweep(&store->ahead, all, give_up, store);
		gone -= store->ahead.count;
		spin_unlock(&store->pager->object.lock);
	}
	return gone != 0;
}

static bool
swap_spare(void)
{
	return sweep_stores(true);
}

static void
swap_tidy(void)
{
	static unsigned rounds;

	if (++rounds % AHEAD_ROUNDS == 0)
		sweep_stores(false);
	for (unsigned i = 0; i < STORES; i++)
		if (stores[i] != NULL)
			tidy_store(i);
	want_room();
}

/* --- the default pager --- */

static kern_return_t
swap_set_pager(struct ipc_port *pager)
{
	struct ipc_port *old;

	if (pager == IPC_PORT_DEAD)
		return KERN_INVALID_ARGUMENT;
	if (flight == NULL)
		flight = flight_create();
	spin_lock(&pager_lock);
	old = default_pager;
	default_pager = pager;
	full = false;
	spin_unlock(&pager_lock);
	port_release_send(old);
	pageout_landed();
	return KERN_SUCCESS;
}

static bool
store_asked_for(void)
{
	for (unsigned i = 0; i < STORES; i++)
		if (stores[i] != NULL && stores[i]->pager->state == PAGER_NEW)
			return true;
	return false;
}

static uint64_t
swap_left(void)
{
	uint64_t used = slots_used, total = slots_total;

	if (default_pager == NULL)
		return 0;
	return !full ? UINT64_MAX : total > used ? total - used : 0;
}

static bool
swap_in_flight(void)
{
	return flight != NULL && (flight->pages != 0 || store_asked_for());
}

static void
swap_count(uint64_t *used, uint64_t *total)
{
	*used = slots_used;
	*total = slots_total;
}

static const struct swap_ops ops = {
    .take = swap_take,
    .wait = swap_wait,
    .release = swap_release,
    .drop = swap_drop,
    .plenty = swap_plenty,
    .begin = swap_begin,
    .room = swap_room,
    .put = swap_put,
    .end = swap_end,
    .set_pager = swap_set_pager,
    .left = swap_left,
    .in_flight = swap_in_flight,
    .tidy = swap_tidy,
    .spare = swap_spare,
    .count = swap_count,
};

void
store_free(struct pager *pager)
{
	kfree(pager->store);
}

void
vm_pageout_start(void)
{
	swap = &ops;
	pager_end_start();
	pageout_init(pager_clock_advance);
	refuse_init();
}
