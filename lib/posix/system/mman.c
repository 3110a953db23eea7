/*
 * Memory mappings. Anonymous ones are the kernel's zero-filled memory; shared ones are inherited shared by fork. A private mapping of a file
 * is filled when it is made. A shared mapping of a file is refused with ENODEV: no file gives its memory object yet.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <mach/vm.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mach/mach.h"

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

/* Where the pages stand now, or MAP_FAILED. */
static void *
map_zeroes(void *address, size_t size, int protection, int flags)
{
	struct vm_map_args args = {
		.target = mach_task_self(),
		.flags = (flags & MAP_FIXED) != 0 ? VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE : VM_FLAGS_ANYWHERE,
		.address = (flags & MAP_FIXED) != 0 ? (vm_address_t)address : vm_page_trunc(address),
		.size = size,
		.cur_protection = (vm_prot_t)protection,
		.max_protection = VM_PROT_ALL,
		.inheritance = (flags & MAP_SHARED) != 0 ? VM_INHERIT_SHARE : VM_INHERIT_COPY,
	};
	int error = error_of(vm_map(&args));

	if (error != 0) {
		errno = error;
		return MAP_FAILED;
	}
	return (void *)args.address;
}

/* Fills a mapping from a file; what lies past its end stays zero. */
static int
fill(char *at, size_t size, int fd, off_t offset)
{
	while (size > 0) {
		ssize_t got = pread(fd, at, size, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		at += got;
		size -= (size_t)got;
		offset += got;
	}
	return 0;
}

static int
check_file(int fd, off_t offset, int flags)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -1;
	if ((offset & (off_t)VM_PAGE_MASK) != 0 || offset < 0)
		return fail(EINVAL);
	if (!S_ISREG(status.st_mode) || (flags & MAP_SHARED) != 0)
		return fail(ENODEV);
	return 0;
}

void *
mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	bool anonymous = (flags & MAP_ANONYMOUS) != 0;
	void *memory;

	if (size == 0 || ((flags & MAP_SHARED) != 0) == ((flags & MAP_PRIVATE) != 0) ||
	    (protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC)) != 0 || ((flags & MAP_FIXED) != 0 && !is_aligned(address))) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	if (size > VM_MAX_ADDRESS) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	if (!anonymous && check_file(fd, offset, flags) < 0)
		return MAP_FAILED;
	size = vm_page_round(size);
	memory = map_zeroes(address, size, anonymous ? protection : PROT_READ | PROT_WRITE, flags);
	if (memory == MAP_FAILED || anonymous)
		return memory;
	if (fill(memory, size, fd, offset) < 0 || mprotect(memory, size, protection) < 0) {
		int error = errno;

		munmap(memory, size);
		errno = error;
		return MAP_FAILED;
	}
	return memory;
}

int
munmap(void *address, size_t size)
{
	if (size == 0 || !is_aligned(address))
		return fail(EINVAL);
	return vm_deallocate(mach_task_self(), (vm_address_t)address, vm_page_round(size)) == KERN_SUCCESS ? 0 : fail(EINVAL);
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

/* ENOMEM unless the whole range is mapped. */
static int
check_mapped(void *address, size_t size)
{
	vm_address_t at = (vm_address_t)address, end = at + vm_page_round(size);

	while (at < end) {
		struct vm_region_info info = { .address = at };

		if (vm_region(mach_task_self(), &info) != KERN_SUCCESS || info.address > at)
			return fail(ENOMEM);
		at = info.address + info.size;
	}
	return 0;
}

int
msync(void *address, size_t size, int flags)
{
	if (!is_aligned(address) || (flags & ~(MS_ASYNC | MS_SYNC | MS_INVALIDATE)) != 0 ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return fail(EINVAL);
	return check_mapped(address, size);
}

int
posix_madvise(void *address, size_t size, int advice)
{
	if (!is_aligned(address) || advice < POSIX_MADV_NORMAL || advice > POSIX_MADV_DONTNEED)
		return EINVAL;
	return check_mapped(address, size) < 0 ? ENOMEM : 0;
}

/* Advice changes nothing; MADV_DONTNEED, which some programs use to get zeroes, replaces the pages of anonymous memory by fresh ones. */
int
madvise(void *address, size_t size, int advice)
{
	struct vm_region_info info = { .address = (vm_address_t)address };
	int error = posix_madvise(address, size, advice);

	if (error != 0)
		return fail(error);
	if (advice != MADV_DONTNEED || size == 0)
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
	if (size == 0 || !is_aligned(address) || (flags & ~MREMAP_MAYMOVE) != 0) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	if (size <= old_size) {
		if (size < old_size)
			munmap((char *)address + size, old_size - size);
		return address;
	}
	if ((flags & MREMAP_MAYMOVE) == 0) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	memory = map_zeroes(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	if (memory != MAP_FAILED) {
		memcpy(memory, address, old_size);
		munmap(address, old_size);
	}
	return memory;
}
