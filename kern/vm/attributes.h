/*
 * Attributes of ranges: the work of vm_inherit and vm_region (vm_map_protect is in vm/vm.h).
 */
#ifndef VM_ATTRIBUTES_H
#define VM_ATTRIBUTES_H

#include "vm/vm.h"

/* Returns INVALID_ARGUMENT, INVALID_ADDRESS (holes), RESOURCE_SHORTAGE, TERMINATED. */
kern_return_t map_inherit(struct vm_map *map, vm_address_t address, vm_size_t size,
    vm_inherit_t inheritance);

/* Fills *info with the region at or after info->address. Returns NO_SPACE: there is none. */
kern_return_t map_region(struct vm_map *map, struct vm_region_info *info);

#endif
