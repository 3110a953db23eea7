/* Allocation beyond <stdlib.h> (GNU). */
#ifndef _MALLOC_H
#define _MALLOC_H

#include <stdlib.h>

/* Bytes that may be used, at least those asked for. */
size_t malloc_usable_size(void *block);

/* aligned_alloc without its rule about the size; valloc: a whole page's alignment. */
void *memalign(size_t alignment, size_t size);
void *valloc(size_t size);

#endif
