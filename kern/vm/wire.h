/*
 * The work of vm_wire and vm_allocate_contiguous.
 */
#ifndef VM_WIRE_H
#define VM_WIRE_H

#include "vm/vm.h"

struct page;

/*
 * Purpose: wire a range for `access`, or (VM_PROT_NONE) undo one such call. Conditions: no locks;
 * may wait for pagers.
 * Returns INVALID_ARGUMENT (also: not wired), INVALID_ADDRESS, PROTECTION_FAILURE,
 * RESOURCE_SHORTAGE, MEMORY_ERROR, ABORTED, TERMINATED.
 */
kern_return_t map_wire(struct vm_map *map, vm_address_t address, vm_size_t size, vm_prot_t access);

/*
 * Purpose: wire anonymous memory for what it may be used for and give the page at each address, with a reference. Conditions: no
 * locks; `pages` has room for every page that the range touches.
 * Returns as map_wire; INVALID_ARGUMENT: other memory.
 */
kern_return_t map_pin(struct vm_map *map, vm_address_t address, vm_size_t size, struct page **pages);
/* Drops these references, and the wiring if the map still has these pages there. */
void map_unpin(struct vm_map *map, vm_address_t address, vm_size_t size, struct page *const *pages);

/*
 * Zeroed, wired memory in consecutive frames, at most 4 MB. Returns INVALID_ARGUMENT,
 * RESOURCE_SHORTAGE, NO_SPACE, TERMINATED.
 */
kern_return_t map_allocate_contiguous(struct vm_map *map, vm_address_t *address, vm_size_t size,
    phys_addr_t *physical);

#endif
