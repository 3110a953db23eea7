/*
 * The memory_object_* traps: what a pager says about its object, on the object's control port.
 */
#include "trap/handlers.h"
#include "arch/usercopy.h"
#include "ipc/port.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/copy.h"
#include "vm/pager.h"
#include <mach/memory_object.h>

#define user(pointer)	((uint64_t)(uintptr_t)(pointer))

/* Runs an expression that uses `pager` (referenced) and gives a kern_return_t. */
#define WITH_PAGER(name, pager, expression) ({						\
	struct pager *pager = kobject_lookup(name, KOBJECT_MEMORY_CONTROL);		\
	kern_return_t with_result = KERN_INVALID_ARGUMENT;				\
											\
	if (pager != NULL) {								\
		with_result = (expression);						\
		pager_drop(pager);							\
	}										\
	with_result;									\
})

/* A page-aligned, non-empty range of an object. */
static bool
range_valid(vm_offset_t offset, vm_size_t size)
{
	return size != 0 && ((offset | size) & VM_PAGE_MASK) == 0 && offset + size > offset;
}

static kern_return_t
ready(struct pager *pager, bool may_cache)
{
	spin_lock(&pager->object.lock);
	if (pager->state == PAGER_NEW) {
		pager->state = PAGER_READY;
		if (pager->store != NULL)
			store_ready(pager);
	}
	pager->may_cache = may_cache;
	waitq_wake_all(&pager->waiters);
	spin_unlock(&pager->object.lock);
	pager_reconsider(pager);
	return KERN_SUCCESS;
}

kern_return_t
trap_memory_object_ready(memory_object_control_t control, boolean_t may_cache, int copy_strategy)
{
	if (copy_strategy != MEMORY_OBJECT_COPY_NONE && copy_strategy != MEMORY_OBJECT_COPY_DELAY)
		return KERN_INVALID_ARGUMENT;
	return WITH_PAGER(control, pager, ready(pager, may_cache != 0));
}

static kern_return_t
supply(struct pager *pager, vm_offset_t offset, vm_address_t data, vm_size_t size, vm_prot_t lock)
{
	struct vm_map_copy *copy;
	kern_return_t result;

	if (!range_valid(offset, size) || (data & VM_PAGE_MASK) != 0 || (lock & ~VM_PROT_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	result = vm_map_copyin(current_task()->map, data, size, true, &copy);
	if (result != KERN_SUCCESS) {	/* the memory is still the pager's */
		pager_supply_failed(pager, offset >> VM_PAGE_SHIFT, size >> VM_PAGE_SHIFT,
		    result == KERN_MEMORY_FAILURE || result == KERN_RESOURCE_SHORTAGE);
		return result == KERN_MEMORY_FAILURE ? KERN_RESOURCE_SHORTAGE : result;
	}
	result = pager_supply(pager, offset >> VM_PAGE_SHIFT, copy, lock);
	vm_map_copy_discard(copy);
	return result;
}

kern_return_t
trap_memory_object_data_supply(memory_object_control_t control, vm_offset_t offset,
    vm_address_t data, vm_size_t size, vm_prot_t lock)
{
	return WITH_PAGER(control, pager, supply(pager, offset, data, size, lock));
}

kern_return_t
trap_memory_object_data_unavailable(memory_object_control_t control, vm_offset_t offset,
    vm_size_t size)
{
	if (!range_valid(offset, size))
		return KERN_INVALID_ARGUMENT;
	return WITH_PAGER(control, pager,
	    pager_unavailable(pager, offset >> VM_PAGE_SHIFT, size >> VM_PAGE_SHIFT));
}

kern_return_t
trap_memory_object_data_error(memory_object_control_t control, vm_offset_t offset, vm_size_t size,
    kern_return_t reason)
{
	(void)reason;			/* faults give MEMORY_ERROR whatever it was */
	if (!range_valid(offset, size))
		return KERN_INVALID_ARGUMENT;
	return WITH_PAGER(control, pager,
	    (pager_error(pager, offset >> VM_PAGE_SHIFT, size >> VM_PAGE_SHIFT), KERN_SUCCESS));
}

static kern_return_t
lock_request(struct pager *pager, vm_offset_t offset, vm_size_t size, unsigned flags,
    vm_prot_t lock, mach_port_t reply_to)
{
	struct ipc_port *reply = NULL;
	kern_return_t result;

	if (reply_to != MACH_PORT_NULL) {
		result = space_copyin_send(current_task()->space, reply_to, &reply);
		if (result != KERN_SUCCESS)
			return result;
		if (ipc_port_valid(reply) && port_is_flooded(reply)) {
			port_release_send(reply);
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	result =
	    pager_lock_range(pager, offset >> VM_PAGE_SHIFT, size >> VM_PAGE_SHIFT, flags, lock);
	if (result != KERN_SUCCESS)
		port_release_send(reply);
	else if (ipc_port_valid(reply) && !pager_send_completed(pager, offset, size, reply))
		result = KERN_RESOURCE_SHORTAGE;
	return result;
}

kern_return_t
trap_memory_object_lock_request(memory_object_control_t control, vm_offset_t offset, vm_size_t size,
    uint32_t flags, vm_prot_t lock, mach_port_t reply_to)
{
	if (!range_valid(offset, size) ||
	    (flags & ~(MEMORY_OBJECT_CLEAN | MEMORY_OBJECT_FLUSH)) != 0 ||
	    (lock & ~VM_PROT_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	return WITH_PAGER(control, pager, lock_request(pager, offset, size, flags, lock, reply_to));
}

kern_return_t
trap_memory_object_destroy(memory_object_control_t control, kern_return_t reason)
{
	(void)reason;
	return WITH_PAGER(control, pager, (pager_fail(pager), KERN_SUCCESS));
}

static kern_return_t
make_proxy(struct pager *pager, vm_prot_t allowed, vm_offset_t offset, vm_size_t size,
    memory_object_t *to)
{
	struct ipc_port *right;
	kern_return_t result = proxy_create(pager, allowed, offset, size, &right);

	return result == KERN_SUCCESS ? space_give_send(right, user(to)) : result;
}

kern_return_t
trap_memory_object_proxy(memory_object_control_t control, vm_prot_t max_protection,
    vm_offset_t offset, vm_size_t size, memory_object_t *proxy)
{
	if ((offset & VM_PAGE_MASK) != 0 || size == 0 || offset + size < offset ||
	    offset + size > (UINT64_MAX & ~VM_PAGE_MASK) || (max_protection & ~VM_PROT_ALL) != 0)
		return KERN_INVALID_ARGUMENT;
	return WITH_PAGER(control, pager, make_proxy(pager, max_protection, offset, size, proxy));
}

kern_return_t
trap_memory_object_revoke(memory_object_control_t control, memory_object_t proxy)
{
	return WITH_PAGER(control, pager, proxy_revoke(pager, proxy));
}

/* --- memory_object_copy --- */

/*
 * A resident page, with a reference; marked dirty if it is to be written. One that went to swap
 * counts as resident and is fetched. NULL: absent.
 */
static struct page *
page_begin(struct pager *pager, uint64_t index, bool write)
{
	struct page *page;

	spin_lock(&pager->object.lock);
	while (pager_slot(pager, index) != 0) {
		if (pager_swap_in(pager, index) != KERN_SUCCESS)
			return NULL;
		spin_lock(&pager->object.lock);
	}
	page = pager->state == PAGER_READY ? radix_lookup(&pager->pages, index) : NULL;
	if (page != NULL) {
		page_take(page);
		if (write)
			page->flags |= PAGE_DIRTY;
	}
	spin_unlock(&pager->object.lock);
	return page;
}

/*
 * Returns whether the page is still the object's, so that what was written (and maybe cleaned
 * meanwhile) counts.
 */
static bool
page_end(struct pager *pager, uint64_t index, struct page *page, bool write)
{
	bool same;

	spin_lock(&pager->object.lock);
	same = radix_lookup(&pager->pages, index) == page;
	if (same)
		page->flags |= write ? PAGE_DIRTY | PAGE_FRESH : PAGE_FRESH;	/* it was used */
	spin_unlock(&pager->object.lock);
	page_drop(page);
	return same;
}

/*
 * Copies within one page. Returns false with *result SUCCESS: absent; otherwise the user's memory
 * failed.
 */
static bool
copy_in_page(struct pager *pager, vm_offset_t offset, vm_address_t address, vm_size_t size, bool in,
    kern_return_t *result)
{
	uint64_t index = offset >> VM_PAGE_SHIFT;
	struct page *page = page_begin(pager, index, in);
	char *data;
	bool ok;

	*result = KERN_SUCCESS;
	if (page == NULL)
		return false;
	data = (char *)page_virtual(page) + (offset & VM_PAGE_MASK);
	ok = in ? copyin(data, address, size) : copyout(address, data, size);
	if (!ok)
		*result = KERN_INVALID_ADDRESS;
	return page_end(pager, index, page, in) && ok;
}

static kern_return_t
copy_resident(struct pager *pager, vm_offset_t offset, vm_address_t address, vm_size_t size,
    bool in, vm_size_t *done)
{
	kern_return_t result = KERN_SUCCESS;

	for (*done = 0; *done < size;) {
		vm_offset_t at = offset + *done;
		vm_size_t chunk = VM_PAGE_SIZE - (at & VM_PAGE_MASK);

		if (chunk > size - *done)
			chunk = size - *done;
		if (!copy_in_page(pager, at, address + *done, chunk, in, &result))
			break;
		*done += chunk;
		cpu_preempt_point();
	}
	return result;
}

kern_return_t
trap_memory_object_copy(memory_object_control_t control, vm_offset_t offset, vm_address_t address,
    vm_size_t size, int direction, vm_size_t *done)
{
	vm_size_t count = 0;
	kern_return_t result;

	if (offset + size < offset || address + size < address ||
	    (direction != MEMORY_OBJECT_COPY_IN && direction != MEMORY_OBJECT_COPY_OUT))
		return KERN_INVALID_ARGUMENT;
	result = WITH_PAGER(control, pager,
	    copy_resident(pager, offset, address, size, direction == MEMORY_OBJECT_COPY_IN,
		&count));
	if (!copyout(user(done), &count, sizeof(count)))
		return KERN_INVALID_ADDRESS;
	return result;
}
