/*
 * What the tests of memory share: pages of this task, words of any task, what the kernel says of them. What fails is a failed check.
 */
#ifndef USER_TEST_MEMORY_H
#define USER_TEST_MEMORY_H

#include "mach/mach.h"

#include <mach/vm.h>

#define SELF	mach_task_self()
#define PAGE	VM_PAGE_SIZE

/* New pages, wherever there is room for them. */
vm_address_t allocate(uint64_t pages);
void deallocate(vm_address_t address, uint64_t pages);

static inline volatile uint64_t *
word(vm_address_t address)
{
	return (volatile uint64_t *)address;
}

/* One word of another task's memory; all ones when it cannot be read. */
uint64_t peek(task_t task, vm_address_t address);
kern_return_t poke(task_t task, vm_address_t address, uint64_t value);

/* A task without threads, with the parent's memory as that is inherited. */
task_t child_of(task_t parent);
void end_child(task_t child);

struct vm_statistics statistics(void);
struct vm_region_info region_at(vm_address_t address);

#endif
