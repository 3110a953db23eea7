/* Allocation beyond <stdlib.h> (GNU). */
#ifndef _MALLOC_H
#define _MALLOC_H

#include <stdlib.h>

/* Bytes that may be used, at least those asked for. */
size_t malloc_usable_size(void *block);

#endif
