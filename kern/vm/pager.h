/*
 * External pagers (MACH.md section 4): memory objects whose pages a user task provides.
 *
 *	client: vm_map(port) -+                     +- INIT, DATA_REQUEST, ... -> pager (port)
 *	                      v                     |
 *	map entry -> vm_object = struct pager ------+
 *	              ^ pages, requests             +<- memory_object_* traps --- pager (control)
 *
 * Life. A pager is made by the first vm_map of its port and is found by the port while it is
 * listed. Its object's references are its users: map entries, proxies, waiting faults. Without
 * users it stays cached if the pager said may_cache, else it ends: dirty pages are returned, then
 * TERMINATE is sent and the control port dies. It fails when its port dies or at
 * memory_object_destroy: pages are gone at once, faults give MEMORY_ERROR, and it ends with its
 * last user.
 *
 * Locks: pagers_lock (list, `listed`, the step to and from 0 users); object.lock (the rest).
 * Neither is held while something is sent. A struct pager has references of its own (refs): its
 * life, the watch on its port, look-ups of the control port.
 */
#ifndef VM_PAGER_H
#define VM_PAGER_H

#include "ipc/ipc.h"
#include "mm/radix.h"
#include "sync/waitq.h"
#include "vm/clock.h"
#include "vm/flight.h"
#include "vm/object.h"

struct store;
struct vm_map_copy;

enum pager_state {
	PAGER_NEW,			/* INIT sent, not ready */
	PAGER_READY,
	PAGER_FAILED,
};

struct pager {
	struct vm_object object;	/* first: functions get it */
	refcount_t refs;
	struct ipc_port *port;		/* send right to the memory object's port; fixed */
	struct ipc_port *control;	/* kernel-object port; fixed */
	struct port_watch watch;	/* on port */
	struct flight *flight;		/* dirty pages that were evicted and it has not freed; fixed */
	struct ipc_kmsg *farewell;	/* TERMINATE, until it is sent: it needs no memory then */
	struct store *store;		/* part of swap (pager_swap.c), or NULL; fixed */

	/* pagers_lock */
	struct list_node link;
	struct list_node round_link;	/* in the order of the clock (pager_clock.c) */
	bool listed;			/* found by its port */
	bool at_hand;			/* the clock is at it: it does not end meanwhile */

	/* object.lock */
	enum pager_state state;
	bool may_cache;
	bool has_errors;		/* there may be a REQUEST_ERROR that nobody has taken */
	struct radix pages;		/* index -> struct page */
	struct radix requests;		/* index -> what is asked for: REQUEST_* as a number */
	struct radix swapped;		/* index -> slot in swap, of dirty pages it was too slow for */
	uint64_t hand;			/* the clock's */
	struct list pieces;		/* struct pager_piece: lock_requests are at them */
	unsigned leaving;		/* messages with pages that are taken out and not sent yet */
	unsigned shortages;		/* answers there was no memory for, */
	unsigned short_flags;		/* for page_alloc with these flags the last time */
	struct waitq waiters;		/* faults; woken whenever something changed */
};

/* Pages that a lock_request is at: none of them goes to swap. */
struct pager_piece {
	struct list_node link;
	uint64_t first, end;
};

#define pager_of(o)	container_of(o, struct pager, object)

/* What a slot of `requests` says. */
#define REQUEST_SLOT	1ul		/* always set: a slot is not NULL */
#define REQUEST_DATA	2ul		/* DATA_REQUEST is out */
#define REQUEST_ERROR	4ul		/* the pager answered with an error: one fault takes it away */
#define REQUEST_UNLOCK	8ul		/* << access bit: DATA_UNLOCK is out */
#define REQUEST_DOOMED	64ul		/* of a store: nobody wants the answer any more */

/* The accesses the pager has forbidden for a page, kept in the upper bits of page->flags. */
#define PAGE_LOCK_SHIFT	5
#define page_locked(page)	((vm_prot_t)((page)->flags >> PAGE_LOCK_SHIFT))

#define PAGER_BATCH	16u		/* pages handled, or sent, in one piece */

/* --- pager.c --- */

static inline void
pager_take(struct pager *pager)
{
	refcount_take(&pager->refs);
}
void pager_drop(struct pager *pager);

/*
 * The pager behind a memory object's port (a send right, consumed), made if there is none, with a
 * reference to its object. NULL: no memory, or dead.
 */
struct pager *pager_for_port(struct ipc_port *port);

/* Gives up what may be the last use of an object (vm/object.h). */
void pager_drop_last(struct vm_object *object);

/*
 * Takes a reference to the object (a user) through the pager. Returns false: it has failed or is
 * ending.
 */
bool pager_use(struct pager *pager);

/* No data will come any more: drops all pages, wakes everybody. */
void pager_fail(struct pager *pager);

/* Ends a pager without users that may not be cached (any more). */
void pager_reconsider(struct pager *pager);

/* A pager that nobody knows, with one reference. Consumes the right unless it returns NULL. */
struct pager *pager_create(struct ipc_port *port);

/*
 * The end of a pager without users that is not listed: nobody can come back. Dirty pages are returned
 * first, now or by a thread, which pager_end_start makes.
 */
void pager_end(struct pager *pager);
void pager_end_start(void);

/*
 * The next one in the clock's round, referenced; NULL: there is none. Until pager_pass_on it does
 * not end.
 */
struct pager *pager_at_hand(void);
void pager_pass_on(struct pager *pager);

/* --- pager_message.c: what is sent. No locks. --- */

/*
 * A message with the control port, a range and a protection. Out of memory: nothing is sent,
 * returns false.
 */
bool pager_send(struct pager *pager, mach_msg_id_t id, vm_offset_t offset, vm_size_t length,
    vm_prot_t access);

/* TERMINATE in two steps, so that it cannot fail. NULL: no memory. */
struct ipc_kmsg *pager_terminate_create(void);
void pager_send_terminate(struct pager *pager);

/* LOCK_COMPLETED to a send right, which is consumed. */
bool pager_send_completed(struct pager *pager, vm_offset_t offset, vm_size_t length,
    struct ipc_port *reply);

/*
 * DATA_RETURN in two steps, so that no page is lost for want of a message: made before pages are
 * taken (NULL: no memory), then sent, which consumes the copy; or kmsg_destroy.
 */
struct ipc_kmsg *pager_return_create(void);
void pager_return_send(struct pager *pager, struct ipc_kmsg *message, vm_offset_t offset,
    struct vm_map_copy *copy, bool dirty);

/* --- pager_fault.c --- */

extern const struct vm_object_ops pager_ops;

/*
 * Forgets that some questions about a page are out. Conditions: object locked; who wakes the faults
 * is the caller's business.
 */
void pager_close_request(struct pager *pager, uint64_t index, uintptr_t bits);

/* --- pager_supply.c --- */

/*
 * Gives an absent page; consumes its reference in every case. lock: forbidden accesses. Conditions:
 * object locked. Returns false: no memory.
 */
bool pager_insert(struct pager *pager, uint64_t index, struct page *page, vm_prot_t lock);

/* Gives pages. Returns MEMORY_FAILURE: the rest is lost, the faults ask again when there is memory. */
kern_return_t pager_supply(struct pager *pager, uint64_t index, struct vm_map_copy *copy,
    vm_prot_t lock);

/* There is no data after all: the faults ask again, once there is memory if it was for want of that. */
void pager_supply_failed(struct pager *pager, uint64_t first, uint64_t count, bool memory);

/*
 * Answers the outstanding requests in a range with zeros, or with an error. Returns RESOURCE_SHORTAGE: the rest asks again
 * when there is memory.
 */
kern_return_t pager_unavailable(struct pager *pager, uint64_t first, uint64_t count);
void pager_error(struct pager *pager, uint64_t first, uint64_t count);

/* --- pager_lock.c --- */

/*
 * Purpose: return dirty pages (MEMORY_OBJECT_CLEAN), drop pages (MEMORY_OBJECT_FLUSH; wired ones
 * stay) and errors that no fault has taken, forbid accesses, in that order for each page. Pages in
 * swap are the object's. Conditions: no locks. Returns RESOURCE_SHORTAGE, MEMORY_FAILURE, ABORTED:
 * stopped in the middle, may be repeated; MEMORY_ERROR: some are lost in swap.
 */
kern_return_t pager_lock_range(struct pager *pager, uint64_t first, uint64_t count, unsigned flags,
    vm_prot_t lock);

/*
 * The same as CLEAN and FLUSH together, by the clock: what is returned counts as in flight. Does
 * not wait.
 */
kern_return_t pager_evict_range(struct pager *pager, uint64_t first, uint64_t count);

/* Takes a page off the object, which drops its reference. Conditions: object locked, unmapped. */
void pager_flush_page(struct pager *pager, uint64_t index, struct page *page);

/* --- pager_clock.c: eviction --- */

/* clock_advance for pagers' pages. */
struct clock_count pager_clock_advance(struct swap_run *run);

/* Where a page is in swap; 0: it is not. Conditions: object locked. */
static inline uint32_t
pager_slot(const struct pager *pager, uint64_t index)
{
	return (uint32_t)(uintptr_t)radix_lookup(&pager->swapped, index);
}

/*
 * Brings a page that is in swap back if it has been fetched, else waits until something changed.
 * Conditions: object locked; unlocked on return. Returns SUCCESS (look again), MEMORY_ERROR,
 * MEMORY_FAILURE, ABORTED.
 */
kern_return_t pager_swap_in(struct pager *pager, uint64_t index);

/*
 * All of a range. Conditions: no locks; nothing of it goes to swap meanwhile. Returns as pager_swap_in,
 * MEMORY_ERROR: all but what is lost.
 */
kern_return_t pager_swap_in_range(struct pager *pager, uint64_t first, uint64_t end);

/* Forgets what is in swap in a range. Conditions: object locked. */
void pager_swap_discard(struct pager *pager, uint64_t first, uint64_t count);

/* --- pager_swap.c: stores, which are part of swap. The store locked. --- */

/* Whether the store waits for data of this index. */
bool store_wants(struct pager *pager, uint64_t index);

/* Whether the page has been evicted but not sent: not yet the time to ask for it. */
bool store_leaving(const struct pager *pager, uint64_t index);

/* A question about a slot that was given up is closed without an answer. */
void store_question_closed(struct pager *pager, uint64_t index);

/*
 * A question for a page is about to be sent. Returns how many pages from there on it should be for: requests
 * for the others are noted.
 */
uint64_t store_ask(struct pager *pager, uint64_t index);

/* Whether the page was asked for with another only. */
bool store_unasked(const struct pager *pager, uint64_t index);

void store_ready(struct pager *pager);
void store_failed(struct pager *pager);	/* before its state says so */
void store_free(struct pager *pager);	/* the last reference; not locked */

/* --- pager_proxy.c --- */

void proxy_init(void);

/* Returns INVALID_ARGUMENT: the object has failed or is ending; RESOURCE_SHORTAGE. */
kern_return_t proxy_create(struct pager *pager, vm_prot_t allowed, vm_offset_t offset,
    vm_size_t size, struct ipc_port **right);

/* Nobody can map through it any more. Errors: INVALID_ARGUMENT (the name is no proxy of the object). */
kern_return_t proxy_revoke(struct pager *pager, mach_port_t name);

/* The object behind a proxy's name, with a reference. Returns false: the name is no proxy. */
bool proxy_view(mach_port_t name, struct object_view *view);

#endif
