/* What the tests of memory share. See memory.h. */
#include "memory.h"

#include "ipc_check.h"

vm_address_t
allocate(uint64_t pages)
{
	vm_address_t address = 12345;

	OK(vm_allocate(SELF, &address, pages * PAGE, VM_FLAGS_ANYWHERE));
	return address;
}

void
deallocate(vm_address_t address, uint64_t pages)
{
	OK(vm_deallocate(SELF, address, pages * PAGE));
}

uint64_t
peek(task_t task, vm_address_t address)
{
	vm_address_t copy = 0;
	uint64_t value = ~0ull;

	if (vm_read(task, address, 8, &copy) == KERN_SUCCESS) {
		value = *word(copy);
		OK(vm_deallocate(SELF, copy, 8));
	}
	return value;
}

kern_return_t
poke(task_t task, vm_address_t address, uint64_t value)
{
	return vm_write(task, address, (vm_address_t)&value, 8);
}

task_t
child_of(task_t parent)
{
	task_t child = MACH_PORT_NULL;

	OK(task_create(parent, TASK_INHERIT_MEMORY, &child));
	return child;
}

void
end_child(task_t child)
{
	OK(task_terminate(child));
	port_drop(child);
}

struct vm_statistics
statistics(void)
{
	struct vm_statistics now = { 0 };

	OK(vm_statistics(&now));
	return now;
}

struct vm_region_info
region_at(vm_address_t address)
{
	struct vm_region_info info = { .address = address };

	OK(vm_region(SELF, &info));
	return info;
}
