/*
 * Snapshots inside kern/vm (vm/vm.h has what others use of them).
 */
#ifndef VM_COPY_H
#define VM_COPY_H

#include "vm/vm.h"

/* vm_map_copyout with a place and attributes of the caller's choice; *address also carries the offset in the page. */
kern_return_t copy_enter(struct vm_map *map, struct vm_map_copy *copy, vm_address_t *address, vm_address_t mask, unsigned flags,
    vm_prot_t current, vm_prot_t maximum, vm_inherit_t inheritance);

/* Writes the bytes of a snapshot over what is mapped at address. The snapshot stays. An error after some pages leaves those written. */
kern_return_t copy_overwrite(struct vm_map *map, vm_address_t address, const struct vm_map_copy *copy);

#endif
