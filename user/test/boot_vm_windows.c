/*
 * MACH.md section 3: many windows on the same memory, by vm_remap.
 */
#include "ipc_check.h"
#include "memory.h"

#include <mach/task_info.h>

static kern_return_t
window(vm_address_t at, vm_size_t size, unsigned flags, vm_address_t *to)
{
	struct vm_remap_args args = {.target = SELF,
	    .address = *to,
	    .flags = flags,
	    .size = size,
	    .source = SELF,
	    .source_address = at,
	    .inheritance = VM_INHERIT_COPY};
	kern_return_t kr = vm_remap(&args);

	*to = args.address;
	return kr;
}

#define WINDOWS_MAX	8192u		/* kern/vm/fork.c: besides the first */

static uint64_t
kernel_memory(void)
{
	struct task_info info;

	OK(task_info(SELF, &info));
	return info.kernel_memory;
}

/* The kernel goes through all of them for one page; and they are given back. */
static void
windows_on_one_memory_are_limited(void)
{
	static vm_address_t windows[WINDOWS_MAX + 1];	/* 0: anywhere */
	vm_address_t at = allocate(1);
	uint64_t before = 0;

	*word(at) = 1;
	for (unsigned round = 0; round < 2; round++) {
		kern_return_t kr = KERN_SUCCESS;
		unsigned count = 0;

		while (count <= WINDOWS_MAX && (kr = window(at, PAGE, VM_FLAGS_ANYWHERE, &windows[count])) == KERN_SUCCESS)
			count++;
		EQUAL(kr, KERN_RESOURCE_SHORTAGE);
		EQUAL(count, WINDOWS_MAX);
		*word(windows[count - 1]) = 2 + round;
		EQUAL(*word(at), 2 + round);
		while (count > 0)
			deallocate(windows[--count], 1);
		if (round == 0)
			before = kernel_memory();
	}
	EQUAL(kernel_memory(), before);
	deallocate(at, 1);
}

#define WINDOW		8192u		/* pages */
#define DOUBLINGS	13
#define KILL_S		8		/* at most, for its end; the copy takes half a minute, until memory for page tables is out */

static volatile bool *copying;

/* More memory than there is: nobody has touched it yet. */
static vm_address_t
reserve(vm_size_t size)
{
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = size,
	    .cur_protection = VM_PROT_DEFAULT,
	    .max_protection = VM_PROT_ALL,
	    .inheritance = VM_INHERIT_COPY};

	return vm_map(&args) == KERN_SUCCESS ? args.address : 0;
}

/* Zeros over so many windows that nobody could wait for it, on a memory that is there. */
static void
copy_without_end(void *unused)
{
	vm_size_t size = (vm_size_t)WINDOW * PAGE;
	vm_address_t windows = reserve(size << DOUBLINGS), zeros = reserve(size << DOUBLINGS);

	(void)unused;
	vm_deallocate(SELF, windows + size, (size << DOUBLINGS) - size);
	for (unsigned i = 0; i < DOUBLINGS; i++, size *= 2) {
		vm_address_t next = windows + size;

		if (window(windows, size, VM_FLAGS_FIXED, &next) != KERN_SUCCESS)
			task_terminate(SELF);
	}
	*copying = true;
	vm_copy(SELF, zeros, size, windows);
	for (;;)
		task_terminate(SELF);
}

static void
who_copies_without_end_can_be_killed(void)
{
	vm_address_t shared = allocate(1);
	uint64_t since;
	task_t child;

	OK(vm_inherit(SELF, shared, PAGE, VM_INHERIT_SHARE));
	copying = (volatile bool *)shared;
	child = child_of(SELF);
	child_run(child, copy_without_end, NULL);
	for (unsigned ms = 0; ms < 5000 && !*copying; ms++)
		clock_sleep(1);
	CHECK(*copying);
	clock_sleep(20);
	EQUAL(type_of(child), MACH_PORT_TYPE_SEND);
	since = clock_now();
	child_end(child);
	CHECK(clock_now() - since < KILL_S * 1000000000ull);
	deallocate(shared, 1);
}

int
main(void)
{
	check_begin();
	RULE(windows_on_one_memory_are_limited);
	RULE(who_copies_without_end_can_be_killed);
	check_end();
}
