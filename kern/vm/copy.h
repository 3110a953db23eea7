/*
 * Snapshots inside kern/vm (vm/vm.h has what others use of them).
 */
#ifndef VM_COPY_H
#define VM_COPY_H

#include "vm/vm.h"

/*
 * vm_map_copyout with a place and attributes of the caller's choice; *address also carries the
 * offset in the page.
 */
kern_return_t copy_enter(struct vm_map *map, struct vm_map_copy *copy, vm_address_t *address,
    vm_address_t mask, unsigned flags, vm_prot_t current, vm_prot_t maximum,
    vm_inherit_t inheritance);

/*
 * Writes the bytes of a snapshot over what is mapped at address. The snapshot stays. An error after
 * some pages leaves those written.
 */
kern_return_t copy_overwrite(struct vm_map *map, vm_address_t address,
    const struct vm_map_copy *copy);

/* --- for pagers, which deal in pages --- */

struct amap;
struct page;

/* A snapshot of `pages` pages, all zeros so far, charged to nobody. Returns NULL: no memory. */
struct vm_map_copy *copy_create(uint64_t pages);

/*
 * Puts a page (the reference goes with it) into an empty place. Returns false: no memory, the page
 * is still the caller's.
 */
bool copy_put_page(struct vm_map_copy *copy, uint64_t index, struct page *page);

/*
 * Takes out what stands at an index, as a page that is the caller's alone: the snapshot's own where
 * nobody else refers to it, else a copy. Returns NULL: no memory. The snapshot is then only good to
 * be discarded.
 */
struct page *copy_take_page(struct vm_map_copy *copy, uint64_t index);

/* Shortens a page snapshot; nothing stands in the part that goes. */
void copy_trim(struct vm_map_copy *copy, uint64_t pages);

uint64_t copy_pages(const struct vm_map_copy *copy);

#endif
