/*
 * The work of vm_remap.
 */
#ifndef VM_REMAP_H
#define VM_REMAP_H

#include "vm/vm.h"

/*
 * Purpose: make the pages around [source_address, + size) of source appear in target. Fills in
 * address (page aligned) and the protections.
 * Conditions: no locks; references to both maps and their tasks. Returns INVALID_ARGUMENT,
 * INVALID_ADDRESS, NO_SPACE, PROTECTION_FAILURE (copying what cannot be read), RESOURCE_SHORTAGE,
 * TERMINATED.
 */
kern_return_t map_remap(struct vm_map *target, struct vm_map *source, struct vm_remap_args *args);

#endif
