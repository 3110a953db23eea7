/*
 * vm_remap: a range of one map appears in another, shared or as a snapshot.
 */
#include "sched/sched.h"
#include "task/task.h"
#include "vm/copy.h"
#include "vm/map.h"
#include "vm/remap.h"

/*
 * The rights that all entries of a range give. Conditions: locked; returns INVALID_ADDRESS for
 * holes.
 */
static kern_return_t
common_rights(struct vm_map *map, vm_address_t start, vm_address_t end, vm_prot_t *current,
    vm_prot_t *maximum)
{
	kern_return_t result =
	    map->dead ? KERN_TERMINATED : map_check_access(map, start, end, false, VM_PROT_NONE);
	struct vm_entry *entry;

	*current = *maximum = VM_PROT_ALL;
	if (result != KERN_SUCCESS)
		return result;
	for (entry = map_first_after(map, start); entry != NULL && entry->range.start < end;
	     entry = entry_next(map, entry)) {
		*current &= entry->protection;
		*maximum &= entry->max_protection;
	}
	return KERN_SUCCESS;
}

/*
 * Entries for `target` that share the range, with bounds relative to its start. Conditions: source
 * locked.
 */
static kern_return_t
share_range(struct vm_map *target, struct vm_map *source, vm_address_t start, vm_address_t end,
    vm_inherit_t inheritance, struct vm_entry **chain)
{
	struct vm_entry *entry;

	for (entry = map_first_after(source, start); entry != NULL && entry->range.start < end;
	     entry = entry_next(source, entry)) {
		vm_address_t from = entry->range.start < start ? start : entry->range.start;
		vm_address_t to = entry->range.end > end ? end : entry->range.end;
		struct vm_entry *share = entry_share(target, entry, from, to);

		if (share == NULL)
			return KERN_RESOURCE_SHORTAGE;
		cpu_preempt_point();
		share->range.start -= start;
		share->range.end -= start;
		share->inheritance = inheritance;
		share->chain = *chain;
		*chain = share;
	}
	return KERN_SUCCESS;
}

static kern_return_t
remap_share(struct vm_map *target, struct vm_map *source, vm_address_t start, vm_address_t end,
    struct vm_remap_args *args)
{
	struct vm_entry *chain = NULL;
	kern_return_t result;

	mutex_lock(&source->lock);
	result = common_rights(source, start, end, &args->cur_protection, &args->max_protection);
	if (result == KERN_SUCCESS)
		result = share_range(target, source, start, end, args->inheritance, &chain);
	mutex_unlock(&source->lock);
	if (result == KERN_SUCCESS)
		result = map_insert_chain(target, &args->address, end - start, args->mask,
		    args->flags, chain);
	if (result != KERN_SUCCESS)
		entry_release_chain(chain);
	return result;
}

static kern_return_t
remap_copy(struct vm_map *target, struct vm_map *source, vm_address_t start, vm_address_t end,
    struct vm_remap_args *args)
{
	struct vm_map_copy *copy;
	kern_return_t result;

	mutex_lock(&source->lock);
	result = common_rights(source, start, end, &args->cur_protection, &args->max_protection);
	mutex_unlock(&source->lock);
	if (result == KERN_SUCCESS)
		result = vm_map_copyin(source, start, end - start, false, &copy);
	if (result != KERN_SUCCESS)
		return result;
	result = copy_enter(target, copy, &args->address, args->mask, args->flags,
	    args->cur_protection, args->max_protection, args->inheritance);
	if (result != KERN_SUCCESS)
		vm_map_copy_discard(copy);
	return result;
}

kern_return_t
map_remap(struct vm_map *target, struct vm_map *source, struct vm_remap_args *args)
{
	vm_address_t start, end;
	kern_return_t result;

	if (args->inheritance > VM_INHERIT_NONE)
		return KERN_INVALID_ARGUMENT;
	result = map_check_range(args->source_address, args->size, &start, &end);
	if (result != KERN_SUCCESS)
		return result;
	return (args->copy != 0 ? remap_copy : remap_share)(target, source, start, end, args);
}
