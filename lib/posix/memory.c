/*
 * Where malloc (lib/libc) gets its memory: whole pages from the kernel.
 */
#include <mach/vm.h>

#include "mach/mach.h"
#include "memory.h"

void *
memory_map(size_t bytes)
{
	vm_address_t address = 0;

	if (vm_allocate(mach_task_self(), &address, bytes, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return NULL;
	return (void *)address;
}

void
memory_unmap(void *memory, size_t bytes)
{
	vm_deallocate(mach_task_self(), (vm_address_t)memory, bytes);
}
