/*
 * The memory traps: arguments in, the work (which knows nothing of traps), results out. All
 * arguments are hostile.
 *
 * A result is written to the caller last; if that fails, what the call made is undone where it
 * belongs to the caller.
 */
#include "trap/handlers.h"
#include "arch/usercopy.h"
#include "ipc/ipc.h"
#include "sched/cpu.h"
#include "task/task.h"
#include "task/task_traps.h"
#include "task/thread.h"
#include "vm/attributes.h"
#include "vm/copy.h"
#include "vm/map.h"
#include "vm/object.h"
#include "vm/remap.h"
#include "vm/wire.h"
#include "vm/pageout.h"

#define user(pointer)	((uint64_t)(uintptr_t)(pointer))

/* Runs an expression that uses `target` (struct task *, referenced) and gives a kern_return_t. */
#define WITH_TASK(name, target, expression) ({						\
	struct task *target = kobject_lookup_task(name);				\
	kern_return_t with_result = KERN_INVALID_TASK;					\
											\
	if (target != NULL) {								\
		with_result = target->map != NULL ? (expression) : KERN_INVALID_TASK;	\
		task_drop(target);							\
	}										\
	with_result;									\
})

/* Where a member of a user's structure is, which may be anywhere, at an odd address too: C has no such pointers. */
#define USER_MEMBER(pointer, member) \
	((__typeof__((pointer)->member) *)((uint64_t)(pointer) + offsetof(__typeof__(*(pointer)), member)))

static bool
address_in(vm_address_t *address, const vm_address_t *from)
{
	return copyin(address, user(from), sizeof(*address));
}

/* Tells the caller where something is; if he cannot be told, it goes again. */
static kern_return_t
address_out(vm_address_t *to, vm_address_t address, struct vm_map *map, vm_size_t size)
{
	if (copyout(user(to), &address, sizeof(address)))
		return KERN_SUCCESS;
	vm_map_deallocate(map, address, size);
	return KERN_INVALID_ADDRESS;
}

static kern_return_t
allocate(struct vm_map *map, vm_address_t *to, vm_address_t address, vm_size_t size, unsigned flags)
{
	kern_return_t result = vm_map_allocate(map, &address, size, 0, flags);

	return result == KERN_SUCCESS ? address_out(to, address, map, size) : result;
}

kern_return_t
trap_vm_allocate(task_t task, vm_address_t *address, vm_size_t size, uint32_t flags)
{
	vm_address_t wanted;

	if (!address_in(&wanted, address))
		return KERN_INVALID_ADDRESS;
	if (!anon_would_fit(size >> PAGE_SHIFT))
		return KERN_RESOURCE_SHORTAGE;
	if ((flags & VM_FLAGS_ANYWHERE) != 0)
		wanted = 0;		/* not a hint: callers pass what happens to be there */
	return WITH_TASK(task, target, allocate(target->map, address, wanted, size, flags));
}

kern_return_t
trap_vm_deallocate(task_t task, vm_address_t address, vm_size_t size)
{
	return WITH_TASK(task, target, vm_map_deallocate(target->map, address, size));
}

kern_return_t
trap_vm_protect(task_t task, vm_address_t address, vm_size_t size, boolean_t set_maximum,
    vm_prot_t protection)
{
	return WITH_TASK(task, target,
	    vm_map_protect(target->map, address, size, set_maximum != 0, protection));
}

kern_return_t
trap_vm_inherit(task_t task, vm_address_t address, vm_size_t size, vm_inherit_t inheritance)
{
	return WITH_TASK(task, target, map_inherit(target->map, address, size, inheritance));
}

/* --- copies --- */

static kern_return_t
read_range(struct vm_map *map, vm_address_t address, vm_size_t size, vm_address_t *to)
{
	struct vm_map *own = current_task()->map;
	struct vm_map_copy *copy;
	vm_address_t place;
	kern_return_t result = vm_map_copyin(map, address, size, false, &copy);

	if (result != KERN_SUCCESS)
		return result;
	result = vm_map_copyout(own, copy, &place);
	if (result != KERN_SUCCESS) {
		vm_map_copy_discard(copy);
		return result;
	}
	return address_out(to, place, own, size);
}

kern_return_t
trap_vm_read(task_t task, vm_address_t address, vm_size_t size, vm_address_t *data)
{
	return WITH_TASK(task, target, read_range(target->map, address, size, data));
}

/* Copies [from, from + size) of one map over what another has at `to`. */
static kern_return_t
copy_range(struct vm_map *source, vm_address_t from, vm_size_t size, struct vm_map *map,
    vm_address_t to)
{
	struct vm_map_copy *copy;
	kern_return_t result;

	if (size == 0)
		return KERN_SUCCESS;
	result = vm_map_copyin(source, from, size, false, &copy);
	if (result != KERN_SUCCESS)
		return result;
	result = copy_overwrite(map, to, copy);
	vm_map_copy_discard(copy);
	return result;
}

kern_return_t
trap_vm_write(task_t task, vm_address_t address, vm_address_t data, vm_size_t size)
{
	return WITH_TASK(task, target,
	    copy_range(current_task()->map, data, size, target->map, address));
}

kern_return_t
trap_vm_copy(task_t task, vm_address_t source, vm_size_t size, vm_address_t destination)
{
	return WITH_TASK(task, target,
	    copy_range(target->map, source, size, target->map, destination));
}

/* --- regions --- */

kern_return_t
trap_vm_region(task_t task, struct vm_region_info *info)
{
	struct vm_region_info region = { 0 };
	kern_return_t result;

	if (!address_in(&region.address, USER_MEMBER(info, address)))
		return KERN_INVALID_ADDRESS;
	result = WITH_TASK(task, target, map_region(target->map, &region));
	if (result == KERN_SUCCESS && !copyout(user(info), &region, sizeof(region)))
		result = KERN_INVALID_ADDRESS;
	return result;
}

/* --- mapping --- */

static kern_return_t
map_anonymous(struct vm_map *map, struct vm_map_args *args)
{
	return map_enter_anonymous(map, &args->address, args->size, args->mask, args->flags,
	    args->cur_protection, args->max_protection, args->inheritance);
}

/* A private mapping may do what it likes with its own copies. */
static kern_return_t
map_view(struct vm_map *map, struct vm_map_args *args, const struct object_view *view)
{
	vm_prot_t allowed =
	    args->copy != 0 && (view->allowed & VM_PROT_READ) != 0 ? VM_PROT_ALL : view->allowed;
	kern_return_t result = KERN_INVALID_ARGUMENT;

	if (args->offset > view->size ||
	    vm_page_round(args->size) > vm_page_round(view->size) - args->offset)
		goto drop;
	result = KERN_PROTECTION_FAILURE;
	if ((args->cur_protection & ~allowed) != 0)
		goto drop;
	return vm_map_enter_object(map, &args->address, args->size, args->mask, args->flags,
	    view->object, view->offset + args->offset, args->copy != 0, args->cur_protection,
	    args->max_protection & allowed, args->inheritance);
drop:
	vm_object_drop(view->object);
	return result;
}

static kern_return_t
map_object(struct vm_map *map, struct vm_map_args *args)
{
	struct object_view view;
	kern_return_t result;

	if (args->size == 0 || args->size > VM_MAX_ADDRESS || (args->offset & VM_PAGE_MASK) != 0)
		return KERN_INVALID_ARGUMENT;
	if (object_from_name == NULL)
		return KERN_NOT_SUPPORTED;
	result = object_from_name(args->object, &view);
	return result == KERN_SUCCESS ? map_view(map, args, &view) : result;
}

static kern_return_t
map_and_tell(struct vm_map *map, struct vm_map_args *args, struct vm_map_args *user_args)
{
	kern_return_t result =
	    args->object == MACH_PORT_NULL ? map_anonymous(map, args) : map_object(map, args);

	return result == KERN_SUCCESS ?
		   address_out(USER_MEMBER(user_args, address), args->address, map, args->size) :
		   result;
}

kern_return_t
trap_vm_map(struct vm_map_args *user_args)
{
	struct vm_map_args args;

	if (!copyin(&args, user(user_args), sizeof(args)))
		return KERN_INVALID_ADDRESS;
	return WITH_TASK(args.target, target, map_and_tell(target->map, &args, user_args));
}

static kern_return_t
remap_and_tell(struct vm_map *target, struct vm_map *source, struct vm_remap_args *args,
    struct vm_remap_args *user_args)
{
	kern_return_t result = map_remap(target, source, args);

	if (result != KERN_SUCCESS || copyout(user(user_args), args, sizeof(*args)))
		return result;
	vm_map_deallocate(target, args->address,
	    (args->source_address & VM_PAGE_MASK) + args->size);
	return KERN_INVALID_ADDRESS;
}

kern_return_t
trap_vm_remap(struct vm_remap_args *user_args)
{
	struct vm_remap_args args;

	if (!copyin(&args, user(user_args), sizeof(args)))
		return KERN_INVALID_ADDRESS;
	return WITH_TASK(args.target, target,
	    WITH_TASK(args.source, source,
		remap_and_tell(target->map, source->map, &args, user_args)));
}

/* --- privileged --- */

kern_return_t
trap_vm_wire(host_t host, task_t task, vm_address_t address, vm_size_t size, vm_prot_t access)
{
	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	return WITH_TASK(task, target, map_wire(target->map, address, size, access));
}

static kern_return_t
allocate_contiguous(struct vm_map *map, vm_address_t *to, phys_addr_t *physical_to, vm_size_t size)
{
	vm_address_t address;
	phys_addr_t physical;
	kern_return_t result = map_allocate_contiguous(map, &address, size, &physical);

	if (result != KERN_SUCCESS)
		return result;
	if (!copyout(user(physical_to), &physical, sizeof(physical))) {
		vm_map_deallocate(map, address, size);
		return KERN_INVALID_ADDRESS;
	}
	return address_out(to, address, map, size);
}

kern_return_t
trap_vm_allocate_contiguous(host_t host, task_t task, vm_address_t *address, phys_addr_t *physical,
    vm_size_t size)
{
	if (!host_privileged(host))
		return KERN_INVALID_HOST;
	return WITH_TASK(task, target, allocate_contiguous(target->map, address, physical, size));
}

kern_return_t
trap_vm_statistics(struct vm_statistics *statistics)
{
	struct vm_statistics now;

	vm_statistics_get(&now);
	return copyout(user(statistics), &now, sizeof(now)) ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t
trap_host_memory_wait(host_t host, boolean_t gave)
{
	return host_privileged(host) ? pageout_wait_short(gave != 0) : KERN_INVALID_HOST;
}
