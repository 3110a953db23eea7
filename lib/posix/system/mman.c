/*
 * Memory mappings. Anonymous ones are the kernel's zero-filled memory; those of files are of the memory object that the file's server gives,
 * private ones as copies on write. Shared ones are inherited shared by fork.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <mach/vm.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io.h"
#include "mach/mach.h"
#include "mappings.h"
#include "posix/memory.h"
#include "posix/posix.h"

_Static_assert(PROT_READ == VM_PROT_READ && PROT_WRITE == VM_PROT_WRITE && PROT_EXEC == VM_PROT_EXECUTE, "passed on as they are");

static int
fail(int error)
{
	errno = error;
	return -1;
}

static bool
is_aligned(const void *address)
{
	return ((vm_address_t)address & VM_PAGE_MASK) == 0;
}

static int
error_of(kern_return_t kr)
{
	switch (kr) {
	case KERN_SUCCESS: return 0;
	case KERN_PROTECTION_FAILURE: return EACCES;
	case KERN_INVALID_ARGUMENT: return EINVAL;
	default: return ENOMEM;
	}
}

static void *
map_failed(int error)
{
	errno = error;
	return MAP_FAILED;
}

/* Where the pages stand now, or MAP_FAILED. object: MACH_PORT_NULL: zeroes. */
static void *
map_object(void *address, size_t size, int protection, int flags, mach_port_t object, off_t offset)
{
	struct vm_map_args args = {
		.target = mach_task_self(),
		.flags = (flags & MAP_FIXED) != 0 ? VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE : VM_FLAGS_ANYWHERE,
		.address = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0 ? (vm_address_t)address : vm_page_trunc(address),
		.size = size,
		.object = object,
		.copy = (flags & MAP_PRIVATE) != 0,
		.offset = (vm_offset_t)offset,
		.cur_protection = (vm_prot_t)protection,
		.max_protection = VM_PROT_ALL,
		.inheritance = (flags & MAP_SHARED) != 0 ? VM_INHERIT_SHARE : VM_INHERIT_COPY,
	};
	kern_return_t kr;

	if ((flags & MAP_FIXED_NOREPLACE) != 0)
		args.flags = VM_FLAGS_FIXED;
	if ((flags & MAP_FIXED) == 0 && !memory_allowed(size))
		return map_failed(ENOMEM);
	kr = vm_map(&args);
	if (kr != KERN_SUCCESS)
		return map_failed(kr == KERN_NO_SPACE && (flags & MAP_FIXED_NOREPLACE) != 0 ? EEXIST : error_of(kr));
	if ((flags & MAP_FIXED) != 0)
		mappings_remove(args.address, size);
	return (void *)args.address;
}

static void *
map_zeroes(void *address, size_t size, int protection, int flags)
{
	return map_object(address, size, protection, flags, MACH_PORT_NULL, 0);
}

/* msync asks the file of a shared mapping that is written. */
static void *
map_file(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	mach_port_t file = fd_port(fd), object;
	void *memory;

	if (file == MACH_PORT_NULL)
		return MAP_FAILED;
	if (offset < 0 || (offset & (off_t)VM_PAGE_MASK) != 0)
		return map_failed(EINVAL);
	if ((uint64_t)offset + size > INT64_MAX)
		return map_failed(EOVERFLOW);
	if (posix_result_or(io_map(file, &object), ENODEV) < 0)
		return MAP_FAILED;
	memory = map_object(address, size, protection, flags, object, offset);
	port_drop(object);
	if (memory == MAP_FAILED || (flags & MAP_SHARED) == 0 || mappings_add((vm_address_t)memory, size, file))
		return memory;
	munmap(memory, size);
	return map_failed(ENOMEM);
}

void *
mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (size == 0 || ((flags & MAP_SHARED) != 0) == ((flags & MAP_PRIVATE) != 0) ||
	    (protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC)) != 0 ||
	    ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0 && !is_aligned(address)))
		return map_failed(EINVAL);
	if (size > VM_MAX_ADDRESS)
		return map_failed(ENOMEM);
	size = vm_page_round(size);
	if ((flags & MAP_ANONYMOUS) != 0)
		return map_zeroes(address, size, protection, flags);
	return map_file(address, size, protection, flags, fd, offset);
}

int
munmap(void *address, size_t size)
{
	if (size == 0 || !is_aligned(address))
		return fail(EINVAL);
	size = vm_page_round(size);
	mappings_remove((vm_address_t)address, size);	/* before another thread can map something there */
	return vm_deallocate(mach_task_self(), (vm_address_t)address, size) == KERN_SUCCESS ? 0 : fail(EINVAL);
}

int
mprotect(void *address, size_t size, int protection)
{
	int error;

	if (!is_aligned(address) || (protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC)) != 0)
		return fail(EINVAL);
	if (size == 0)
		return 0;
	error = error_of(vm_protect(mach_task_self(), (vm_address_t)address, vm_page_round(size), false, (vm_prot_t)protection));
	return error == 0 ? 0 : fail(error);
}

/* Whether the whole range is mapped, and is no file's if it has to be anonymous memory. */
static bool
is_mapped(const void *address, size_t size, bool anonymous)
{
	vm_address_t at = (vm_address_t)address, end = at + vm_page_round(size);

	while (at < end) {
		struct vm_region_info info = { .address = at };

		if (vm_region(mach_task_self(), &info) != KERN_SUCCESS || info.address > at ||
		    (anonymous && info.object != VM_REGION_ANONYMOUS))
			return false;
		at = info.address + info.size;
	}
	return true;
}

/* All files that are mapped there are on the disk when it returns. */
static int
sync_mapped(vm_address_t at, vm_address_t end)
{
	int result = 0;
	mach_port_t file;

	while (mappings_next(&at, end, &file))
		if (file == MACH_PORT_NULL) {
			result = fail(EIO);
		} else {
			if (posix_result(io_sync(file, 1)) < 0)
				result = -1;
			port_drop(file);
		}
	return result;
}

/* A file's server sees at once what is stored, and writes it before long by itself: only MS_SYNC leaves something to do. */
int
msync(void *address, size_t size, int flags)
{
	vm_address_t at = (vm_address_t)address;

	if (!is_aligned(address) || (flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE)) != 0 ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return fail(EINVAL);
	if (!is_mapped(address, size, false))
		return fail(ENOMEM);
	return (flags & MS_SYNC) != 0 ? sync_mapped(at, at + vm_page_round(size)) : 0;
}

int
posix_madvise(void *address, size_t size, int advice)
{
	if (!is_aligned(address) || advice < POSIX_MADV_NORMAL || advice > POSIX_MADV_DONTNEED)
		return EINVAL;
	return is_mapped(address, size, false) ? 0 : ENOMEM;
}

/* Whether the children of fork get what is mapped there, as they would by mmap's flags. */
static int
set_inherited(vm_address_t at, vm_address_t end, bool inherited)
{
	struct vm_region_info info = { .address = at };

	for (; at < end; at = info.address = info.address + info.size) {
		vm_inherit_t how;

		if (vm_region(mach_task_self(), &info) != KERN_SUCCESS)
			return fail(ENOMEM);
		how = !inherited ? VM_INHERIT_NONE : info.shared != 0 ? VM_INHERIT_SHARE : VM_INHERIT_COPY;
		if (vm_inherit(mach_task_self(), at, (info.address + info.size < end ? info.address + info.size : end) - at, how) !=
		    KERN_SUCCESS)
			return fail(EINVAL);
	}
	return 0;
}

/*
 * Advice changes nothing, but for whether children inherit, and MADV_DONTNEED, which some programs use to get zeroes: fresh pages replace
 * those of anonymous memory.
 */
int
madvise(void *address, size_t size, int advice)
{
	struct vm_region_info info = { .address = (vm_address_t)address };
	bool of_fork = advice == MADV_DONTFORK || advice == MADV_DOFORK;
	int error = posix_madvise(address, size, advice == MADV_FREE || of_fork ? MADV_DONTNEED : advice);

	if (error != 0)
		return fail(error);
	if (of_fork)
		return set_inherited((vm_address_t)address, (vm_address_t)address + vm_page_round(size), advice == MADV_DOFORK);
	if ((advice != MADV_DONTNEED && advice != MADV_FREE) || size == 0)
		return 0;
	if (vm_region(mach_task_self(), &info) != KERN_SUCCESS || info.shared != 0 || info.object != VM_REGION_ANONYMOUS ||
	    info.address + info.size < (vm_address_t)address + vm_page_round(size))
		return 0;
	return map_zeroes(address, vm_page_round(size), (int)info.protection, MAP_PRIVATE | MAP_FIXED) == MAP_FAILED ? -1 : 0;
}

void *
mremap(void *address, size_t old_size, size_t size, int flags, ...)
{
	void *memory;

	old_size = vm_page_round(old_size);
	size = vm_page_round(size);
	if (size == 0 || !is_aligned(address) || (flags & ~MREMAP_MAYMOVE) != 0)
		return map_failed(EINVAL);
	if (size <= old_size) {
		if (size < old_size)
			munmap((char *)address + size, old_size - size);
		return address;
	}
	if ((flags & MREMAP_MAYMOVE) == 0 || !is_mapped(address, old_size, true))
		return map_failed(ENOMEM);
	memory = map_zeroes(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	if (memory != MAP_FAILED) {
		memcpy(memory, address, old_size);
		munmap(address, old_size);
	}
	return memory;
}
