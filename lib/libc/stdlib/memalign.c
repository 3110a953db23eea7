/* Older names of aligned_alloc. */
#include <errno.h>
#include <malloc.h>
#include <unistd.h>

void *
memalign(size_t alignment, size_t size)
{
	return aligned_alloc(alignment, size);
}

void *
valloc(size_t size)
{
	return aligned_alloc((size_t)sysconf(_SC_PAGESIZE), size);
}

void *
pvalloc(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole;

	if (__builtin_add_overflow(size, page - 1, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	return valloc(whole & ~(page - 1));
}
