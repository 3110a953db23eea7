/*
 * Which of this process's mappings are shared ones of files, for msync: the kernel knows no files. An entry has a reference to the port of the
 * open file it came from.
 */
#ifndef LIB_POSIX_SYSTEM_MAPPINGS_H
#define LIB_POSIX_SYSTEM_MAPPINGS_H

#include <mach/types.h>
#include <stdbool.h>

#include "posix/lock.h"

/* Whatever stood there has to be removed before. The caller keeps its own reference. Returns false: no memory. */
bool mappings_add(vm_address_t start, vm_size_t size, mach_port_t file);

void mappings_remove(vm_address_t start, vm_size_t size);

/*
 * The file of the first mapping in [*start, end), and where it ends, in *start; the caller drops the right, which is MACH_PORT_NULL when the
 * file's server is gone. Returns false: there is none.
 */
bool mappings_next(vm_address_t *start, vm_address_t end, mach_port_t *file);

/* For fork: nobody changes them while the process is copied. */
extern struct libc_lock __mappings_lock;

#endif
