/*
 * What the rest of the kernel uses of virtual memory. Structures are in vm/map.h, vm/object.h,
 * vm/amap.h.
 *
 * An address space (struct vm_map) is a balanced tree of entries. Each entry has an anonymous layer
 * (struct amap: page index -> struct anon, a reference-counted page or swap slot) above a memory
 * object (struct vm_object: pager-backed, device, or none for zero fill). A private page is looked
 * for in the amap first, then in the object; a write to a page that is only in the object, or whose
 * anon is shared, copies it into a new anon. Copying a range (fork, out-of-line memory) shares the
 * amap and marks both entries needs-copy; the first write fault of either side copies the amap's
 * table (not the pages). There are no shadow chains.
 *
 *	entry -> amap  [ anon | anon |  -   | anon ]	private, copied on write
 *	      -> object[ page | page | page |  -   ]	shared with all who map it
 */
#ifndef VM_VM_H
#define VM_VM_H

#include <mach/kern_return.h>
#include <mach/vm.h>
#include <stdbool.h>

struct pmap;
struct task;
struct vm_map;
struct vm_map_copy;
struct vm_object;

void vm_pager_init(void);	/* layer 3, after ipc_init: external memory objects */
void vm_pageout_start(void);	/* layer 3, in a thread: eviction when memory is short */

struct vm_map *vm_map_create(struct task *task); /* empty; charges go to task. NULL: no memory */
struct vm_map *vm_map_fork(struct vm_map *parent,
    struct task *child); /* by each range's inheritance */
void vm_map_terminate(
    struct vm_map *map); /* unmaps everything; later calls fail with KERN_TERMINATED */
void vm_map_take(struct vm_map *map);
void vm_map_drop(struct vm_map *map);
struct pmap *vm_map_pmap(struct vm_map *map);
uint64_t vm_map_size(struct vm_map *map);		/* bytes mapped */
uint64_t vm_map_resident(struct vm_map *map);		/* bytes */

/*
 * Resolves a fault at a user address. May block. Returns SUCCESS (retry the access),
 * INVALID_ADDRESS, PROTECTION_FAILURE, MEMORY_ERROR (the pager said so), MEMORY_FAILURE (no
 * memory), ABORTED (the thread is being aborted: retry or act on it).
 */
kern_return_t vm_fault(struct vm_map *map, vm_address_t address, vm_prot_t access);

/* The work of the vm_* traps on any map; addresses and sizes are unchecked user values. */
kern_return_t vm_map_allocate(struct vm_map *map, vm_address_t *address, vm_size_t size,
    vm_size_t mask, unsigned flags);
kern_return_t vm_map_deallocate(struct vm_map *map, vm_address_t address, vm_size_t size);
kern_return_t vm_map_protect(struct vm_map *map, vm_address_t address, vm_size_t size,
    bool set_maximum, vm_prot_t protection);

/* Maps a memory object (consumes the caller's reference on success and failure). cow: private. */
kern_return_t vm_map_enter_object(struct vm_map *map, vm_address_t *address, vm_size_t size,
    vm_size_t mask, unsigned flags, struct vm_object *object, vm_offset_t offset, bool cow,
    vm_prot_t current, vm_prot_t maximum, vm_inherit_t inheritance);

/*
 * Writes kernel memory into another map (program loading in the kernel), page by page through the
 * direct map.
 */
kern_return_t vm_map_write(struct vm_map *map, vm_address_t address, const void *data,
    vm_size_t size);

/*
 * --- out-of-line memory: a snapshot of a range, independent of its source (MACH.md section 1) ---
 */

/*
 * Takes a snapshot of [address, address + size) of the running task's map; with deallocate the
 * range is removed. External pages are faulted in here, in the sender. Bytes of the edge pages
 * outside the range read as zeros in the copy. size > 0. Returns INVALID_ADDRESS and so on.
 */
kern_return_t vm_map_copyin(struct vm_map *map, vm_address_t address, vm_size_t size,
    bool deallocate, struct vm_map_copy **copy);
/* Maps it (same page offset) and consumes it; on failure it is still there. */
kern_return_t vm_map_copyout(struct vm_map *map, struct vm_map_copy *copy, vm_address_t *address);
void vm_map_copy_discard(struct vm_map_copy *copy);
vm_size_t vm_map_copy_size(const struct vm_map_copy *copy);

/* --- objects --- */

/* Registers at a physical address (not RAM); NULL: no memory or not device space. */
struct vm_object *vm_object_create_device(phys_addr_t base, vm_size_t size);
/* Frames the caller owns (boot archive, DMA): contiguous, each gets a reference of the object. */
struct vm_object *vm_object_create_frames(phys_addr_t base, vm_size_t size);
void vm_object_take(struct vm_object *object);
void vm_object_drop(struct vm_object *object);

/* --- gsync keys --- */

struct gsync_key {
	uintptr_t space;		/* map, or object / amap when shared */
	uint64_t offset;
};

/*
 * The key of a user word; takes no reference. Returns INVALID_ADDRESS, or MEMORY_ERROR when a page
 * cannot be had.
 */
kern_return_t vm_gsync_key(struct vm_map *map, vm_address_t address, bool shared,
    struct gsync_key *key);

/* Total counters for vm_statistics. */
void vm_statistics_get(struct vm_statistics *statistics);

/* Monitor: prints the map's entries. */
void vm_map_print(struct vm_map *map, void (*print)(const char *format, ...));

#endif
