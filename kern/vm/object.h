/*
 * Memory objects: what can be mapped besides anonymous memory. An object is a struct of functions
 * and a count; the kinds are device registers and frames (object.c) and external pagers (pager.c,
 * layer 3), which embed struct vm_object.
 *
 * Lock: object->lock (RANK_OBJECT) guards the pages and the list of map entries; pages are mapped
 * with it held, so who takes a page away under it and then unmaps it from all entries has it for
 * himself.
 */
#ifndef VM_OBJECT_H
#define VM_OBJECT_H

#include "mm/page.h"
#include "sync/list.h"
#include "sync/refcount.h"
#include "sync/spinlock.h"
#include "vm/vm.h"

struct vm_object;

/* Where a page of an object is. */
struct object_place {
	phys_addr_t address;
	struct page *page;		/* NULL: not RAM */
	unsigned cache;			/* PMAP_* */
	vm_prot_t allowed;		/* may be mapped with these */
};

struct vm_object_ops {
	/*
	 * Locked. Fills in the place of a page if it may be accessed so now. Returns false: not
	 * there, wait.
	 */
	bool (*find)(struct vm_object *object, uint64_t index, vm_prot_t access,
	    struct object_place *place);

	/*
	 * Locked, no other locks; unlocks. After find said no: asks for the page and sleeps until
	 * something changed. Returns SUCCESS (look again), MEMORY_ERROR, MEMORY_FAILURE, ABORTED.
	 * NULL: find never says no.
	 */
	kern_return_t (*wait)(struct vm_object *object, uint64_t index, vm_prot_t access);

	/* Locked. Pages in memory in a range. NULL: none that count. */
	uint64_t (*resident)(struct vm_object *object, uint64_t first, uint64_t count);

	/* The last reference is gone. No locks. */
	void (*release)(struct vm_object *object);

	/*
	 * If set, gives up what may be the last reference, so that a kind can decide under a lock
	 * of its own. No locks.
	 */
	void (*drop_last)(struct vm_object *object);
	int region_kind;		/* VM_REGION_* */
};

struct vm_object {
	const struct vm_object_ops *ops;
	refcount_t refs;
	uint64_t size;			/* bytes; UINT64_MAX: the pager decides */
	struct spinlock lock;
	struct list entries;		/* vm_entry.object_link */
};

void object_init(struct vm_object *object, const struct vm_object_ops *ops, uint64_t size);

/* Restricts (VM_PROT_NONE: removes) all mappings of a range of pages. Conditions: locked. */
void object_protect(struct vm_object *object, uint64_t first, uint64_t count, vm_prot_t protection);

/* Pages in memory in a range. Takes the lock. */
uint64_t object_resident(struct vm_object *object, uint64_t first, uint64_t count);

/* --- memory-object ports: layer 3 (pager.c) sets this --- */

/* What a memory-object port gives to its holder. */
struct object_view {
	struct vm_object *object;	/* a reference */
	vm_offset_t offset;		/* bytes: the window in the object */
	vm_size_t size;
	vm_prot_t allowed;
};

/*
 * What a name of the running task stands for. Returns INVALID_ARGUMENT: no memory object, or dead;
 * RESOURCE_SHORTAGE.
 */
extern kern_return_t (*object_from_name)(mach_port_t name, struct object_view *view);

#endif
