/*
 * The work of vm_wire and vm_allocate_contiguous.
 */
#ifndef VM_WIRE_H
#define VM_WIRE_H

#include "vm/vm.h"

/*
 * Purpose: wire a range for `access`, or (VM_PROT_NONE) undo one such call. Conditions: no locks;
 * may wait for pagers.
 * Returns INVALID_ARGUMENT (also: not wired), INVALID_ADDRESS, PROTECTION_FAILURE,
 * RESOURCE_SHORTAGE, MEMORY_ERROR, ABORTED, TERMINATED.
 */
kern_return_t map_wire(struct vm_map *map, vm_address_t address, vm_size_t size, vm_prot_t access);

/*
 * Zeroed, wired memory in consecutive frames, at most 4 MB. Returns INVALID_ARGUMENT,
 * RESOURCE_SHORTAGE, NO_SPACE, TERMINATED.
 */
kern_return_t map_allocate_contiguous(struct vm_map *map, vm_address_t *address, vm_size_t size,
    phys_addr_t *physical);

#endif
