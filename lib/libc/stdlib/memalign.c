/* Older names of aligned_alloc. */
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
