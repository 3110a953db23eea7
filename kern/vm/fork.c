/*
 * Copies and shares of entries in other maps: fork, vm_remap.
 *
 *	SHARE	the child's entry looks through the same amap (marked shared) and object
 *	COPY	private: the same amap with needs_copy in both, or a copied table when the amap is
 *		shared with others already, or copied pages when the memory is wired. A mapping of
 *		a pager's object becomes private in the child; devices and frames stay shared.
 *	NONE	nothing
 */
#include "arch/pmap.h"
#include "init/panic.h"
#include "sched/sched.h"
#include "task/task.h"
#include "vm/map.h"
#include "vm/object.h"

#define SHARES_MAX	8192u		/* windows on one amap, all of which the clock looks at for each page */

struct vm_entry *
entry_share(struct vm_map *map, struct vm_entry *entry, vm_address_t start, vm_address_t end)
{
	if (entry->private) {
		if (!entry_need_amap(entry) || !entry_resolve_copy(entry))
			return NULL;
		spin_lock(&entry->amap->lock);
		entry->amap->shared = true;
		spin_unlock(&entry->amap->lock);
	}
	if (entry->amap != NULL && entry->amap->refs > SHARES_MAX)
		return NULL;
	return entry_clone(map, entry, start, end, true, false);
}

/* Gives the child an amap of its own with the present contents. */
static bool
fork_table(struct vm_entry *entry, struct vm_entry *child)
{
	struct amap *amap = entry->amap;
	uint64_t count = entry_pages(entry);
	struct amap *copy = amap_copy(amap, entry->amap_index, count, child->map->task, false);

	if (copy == NULL)
		return false;
	if (entry->wired == 0) {
		spin_lock(&amap->lock);
		amap_protect(amap, entry->amap_index, count, VM_PROT_READ | VM_PROT_EXECUTE);
		spin_unlock(&amap->lock);
	}
	child->amap = copy;
	child->amap_index = 0;
	child->needs_copy = false;
	return true;
}

static struct vm_entry *
fork_copy(struct vm_map *child, struct vm_entry *entry)
{
	struct vm_entry *copy;

	if (!entry->private || entry->amap == NULL) {
		copy = entry_clone_bare(child, entry, entry->range.start, entry->range.end, false);
		if (copy != NULL && !entry->private && entry->object->ops->wait != NULL)
			copy->private = true;
		return copy;
	}
	if (entry->wired != 0 || entry->amap->shared) {
		copy = entry_clone_bare(child, entry, entry->range.start, entry->range.end, false);
		if (copy != NULL && !fork_table(entry, copy)) {
			entry_release(copy);
			return NULL;
		}
		return copy;
	}
	copy = entry_clone(child, entry, entry->range.start, entry->range.end, true, false);
	if (copy == NULL)
		return NULL;
	copy->needs_copy = true;
	if (!entry->needs_copy) {
		entry->needs_copy = true;
		if ((entry->protection & VM_PROT_WRITE) != 0)
			pmap_protect(entry->map->pmap, entry->range.start, entry->range.end,
			    VM_PROT_READ | VM_PROT_EXECUTE);
	}
	return copy;
}

static bool
fork_entry(struct vm_map *child, struct vm_entry *entry)
{
	struct vm_entry *new;

	if (entry->inheritance == VM_INHERIT_NONE)
		return true;
	if (entry->inheritance == VM_INHERIT_SHARE)
		new = entry_share(child, entry, entry->range.start, entry->range.end);
	else
		new = fork_copy(child, entry);
	if (new == NULL)
		return false;
	entry_link(new);
	return true;
}

struct vm_map *
vm_map_fork(struct vm_map *parent, struct task *child_task)
{
	struct vm_map *child = vm_map_create(child_task);
	struct vm_entry *entry;
	unsigned count = 1;
	bool ok = true;

	if (child == NULL)
		return NULL;
	mutex_lock(&parent->lock);
	for (entry = map_first_after(parent, 0); ok && entry != NULL;
	     entry = entry_next(parent, entry)) {
		ok = fork_entry(child, entry);
		if (count++ % 32 == 0)
			cpu_preempt_point();
	}
	mutex_unlock(&parent->lock);
	if (ok)
		return child;
	vm_map_terminate(child);
	vm_map_drop(child);
	return NULL;
}
