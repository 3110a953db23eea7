/*
 * Where malloc (lib/libc) gets its memory: whole pages from the kernel; and the limits on memory, which hold for what comes through here.
 */
#include <mach/task_info.h>
#include <mach/vm.h>

#include "mach/mach.h"
#include "memory.h"
#include "posix/signal/signals.h"

static size_t data;			/* bytes that malloc has, and the break */

/* Whether `bytes` more would be `limit` or above; 0: there is none. */
static bool
exceeds(uint64_t limit, uint64_t used, size_t bytes)
{
	return limit != 0 && (used >= limit || bytes >= limit - used);
}

bool
memory_allowed(size_t bytes)
{
	struct task_info info;

	return signal_page->too_much == 0 ||
	       (task_info(mach_task_self(), &info) == KERN_SUCCESS && !exceeds(signal_page->too_much, info.virtual_size, bytes));
}

bool
memory_data_take(size_t bytes)
{
	if (exceeds(signal_page->too_much_data, __atomic_fetch_add(&data, bytes, __ATOMIC_RELAXED), bytes)) {
		memory_data_give(bytes);
		return false;
	}
	return true;
}

void
memory_data_give(size_t bytes)
{
	__atomic_fetch_sub(&data, bytes, __ATOMIC_RELAXED);
}

void *
memory_map(size_t bytes)
{
	vm_address_t address = 0;

	if (!memory_allowed(bytes) || !memory_data_take(bytes))
		return NULL;
	if (vm_allocate(mach_task_self(), &address, bytes, VM_FLAGS_ANYWHERE) != KERN_SUCCESS) {
		memory_data_give(bytes);
		return NULL;
	}
	return (void *)address;
}

void
memory_unmap(void *memory, size_t bytes)
{
	vm_deallocate(mach_task_self(), (vm_address_t)memory, bytes);
	memory_data_give(bytes);
}
