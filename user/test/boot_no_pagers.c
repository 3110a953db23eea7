/*
 * A kernel of layer 2 has no external pagers: MACH.md section 4 is not there, and every call that belongs to it says so, whatever its arguments.
 */
#include "ipc_check.h"

#include <mach/memory_object.h>
#include <mach/vm.h>

#define SELF	mach_task_self()
#define PAGE	VM_PAGE_SIZE

static void
pager_traps_are_not_supported(void)
{
	mach_port_t port = new_send(), proxy = 0;
	vm_size_t done = 0;

	EQUAL(memory_object_ready(port, true, MEMORY_OBJECT_COPY_DELAY), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_data_supply(port, 0, 0, PAGE, VM_PROT_NONE), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_data_unavailable(port, 0, PAGE), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_data_error(port, 0, PAGE, KERN_FAILURE), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_lock_request(port, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_destroy(MACH_PORT_NULL, KERN_SUCCESS), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_proxy(port, VM_PROT_READ, 0, PAGE, &proxy), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_revoke(port, port), KERN_NOT_SUPPORTED);
	EQUAL(memory_object_copy(port, 0, 0, PAGE, MEMORY_OBJECT_COPY_IN, &done), KERN_NOT_SUPPORTED);
	EQUAL(host_set_default_pager(startup_info->host, port), KERN_NOT_SUPPORTED);
	drop_port(port);
}

static void
objects_are_not_mapped(void)
{
	mach_port_t port = new_send();
	struct vm_map_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = PAGE,
	    .object = port,
	    .cur_protection = VM_PROT_READ,
	    .max_protection = VM_PROT_READ,
	    .inheritance = VM_INHERIT_COPY};

	EQUAL(vm_map(&args), KERN_NOT_SUPPORTED);
	CHECK(queue_empty(port));
	drop_port(port);
}

int
main(void)
{
	check_begin();
	RULE(pager_traps_are_not_supported);
	RULE(objects_are_not_mapped);
	check_end();
}
