/* See mappings.h: an array, which stays sorted by nothing, in memory of its own. */
#include "mappings.h"

#include <mach/vm.h>
#include <string.h>

#include "mach/mach.h"
#include "posix/memory.h"

struct mapping {
	vm_address_t start, end;
	mach_port_t file;
};

struct libc_lock __mappings_lock;
static struct mapping *mappings;
static size_t count, room;

static bool
grow(void)
{
	size_t size = room * sizeof(*mappings), bytes = size != 0 ? 2 * size : VM_PAGE_SIZE;
	struct mapping *more = memory_map(vm_page_round(bytes));

	if (more == NULL)
		return false;
	if (size != 0) {
		memcpy(more, mappings, size);
		memory_unmap(mappings, vm_page_round(size));
	}
	mappings = more;
	room = bytes / sizeof(*mappings);
	return true;
}

static bool
add(vm_address_t start, vm_address_t end, mach_port_t file)
{
	if ((count == room && !grow()) || port_hold(file) != KERN_SUCCESS)
		return false;
	mappings[count++] = (struct mapping){ start, end, file };
	return true;
}

bool
mappings_add(vm_address_t start, vm_size_t size, mach_port_t file)
{
	bool ok;

	__lock_take_critical(&__mappings_lock);
	ok = add(start, start + size, file);
	__lock_release_critical(&__mappings_lock);
	return ok;
}

/* Takes a range out of one mapping. Without memory for a second piece the one stays whole: msync then syncs more than it must. */
static void
cut(size_t i, vm_address_t start, vm_address_t end)
{
	struct mapping m = mappings[i];

	if (start <= m.start && end >= m.end) {
		port_drop(m.file);
		mappings[i] = mappings[--count];
	} else if (start <= m.start) {
		mappings[i].start = end;
	} else if (end >= m.end || add(end, m.end, m.file)) {
		mappings[i].end = start;
	}
}

void
mappings_remove(vm_address_t start, vm_size_t size)
{
	vm_address_t end = start + size;

	__lock_take_critical(&__mappings_lock);
	for (size_t i = count; i-- > 0;)
		if (start < mappings[i].end && end > mappings[i].start)
			cut(i, start, end);
	__lock_release_critical(&__mappings_lock);
}

bool
mappings_next(vm_address_t *start, vm_address_t end, mach_port_t *file)
{
	const struct mapping *next = NULL;

	__lock_take_critical(&__mappings_lock);
	for (size_t i = 0; i < count; i++)
		if (mappings[i].end > *start && mappings[i].start < end && (next == NULL || mappings[i].start < next->start))
			next = &mappings[i];
	if (next != NULL) {
		*file = port_hold(next->file) == KERN_SUCCESS ? next->file : MACH_PORT_NULL;
		*start = next->end;
	}
	__lock_release_critical(&__mappings_lock);
	return next != NULL;
}
