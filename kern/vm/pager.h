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
#include "vm/object.h"

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

	/* pagers_lock */
	struct list_node link;
	bool listed;			/* found by its port */

	/* object.lock */
	enum pager_state state;
	bool may_cache;
	struct radix pages;		/* index -> struct page */
	struct radix requests;		/* index -> what is asked for: REQUEST_* as a number */
	struct waitq waiters;		/* faults; woken whenever something changed */
};

#define pager_of(o)	container_of(o, struct pager, object)

/* What a slot of `requests` says. */
#define REQUEST_SLOT	1ul		/* always set: a slot is not NULL */
#define REQUEST_DATA	2ul		/* DATA_REQUEST is out */
#define REQUEST_ERROR   4ul /* the pager answered with an error: one fault takes it away */
#define REQUEST_UNLOCK	8ul		/* << access bit: DATA_UNLOCK is out */

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

/* --- pager_message.c: what is sent. No locks. --- */

/*
 * A message with the control port, a range and a protection. Out of memory: nothing is sent,
 * returns false.
 */
bool pager_send(struct pager *pager, mach_msg_id_t id, vm_offset_t offset, vm_size_t length,
    vm_prot_t access);

/* LOCK_COMPLETED to a send right, which is consumed. */
bool pager_send_completed(struct pager *pager, vm_offset_t offset, vm_size_t length,
    struct ipc_port *reply);

/* DATA_RETURN; consumes the copy. */
bool pager_send_return(struct pager *pager, vm_offset_t offset, struct vm_map_copy *copy,
    bool dirty);

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

kern_return_t pager_supply(struct pager *pager, uint64_t index, struct vm_map_copy *copy,
    vm_prot_t lock);

/* Answers the outstanding requests in a range with zeros, or with an error. */
kern_return_t pager_unavailable(struct pager *pager, uint64_t first, uint64_t count);
void pager_error(struct pager *pager, uint64_t first, uint64_t count);

/* --- pager_lock.c --- */

/*
 * Purpose: return dirty pages (MEMORY_OBJECT_CLEAN), drop pages (MEMORY_OBJECT_FLUSH; wired ones
 * stay), forbid accesses, in that order for each page. Conditions: no locks. Returns
 * RESOURCE_SHORTAGE: stopped in the middle, may be repeated.
 */
kern_return_t pager_lock_range(struct pager *pager, uint64_t first, uint64_t count, unsigned flags,
    vm_prot_t lock);

/* --- pager_proxy.c --- */

void proxy_init(void);
kern_return_t proxy_create(struct pager *pager, vm_prot_t allowed, vm_offset_t offset,
    vm_size_t size, struct ipc_port **right);

/* The object behind a proxy's name, with a reference. Returns false: the name is no proxy. */
bool proxy_view(mach_port_t name, struct object_view *view);

#endif
