/* Allocation beyond <stdlib.h> (GNU). */
#ifndef _MALLOC_H
#define _MALLOC_H

#include <stdlib.h>

/* Bytes that may be used, at least those asked for. */
size_t malloc_usable_size(void *block);

/* aligned_alloc without its rule about the size; valloc, in <stdlib.h>: a whole page's alignment; pvalloc: whole pages, too. */
void *memalign(size_t alignment, size_t size);
void *valloc(size_t size);
void *pvalloc(size_t size);

/* What the heap consists of, in numbers of blocks (..blks) and bytes. */
struct mallinfo2 {
	size_t arena;			/* from the system, for small blocks */
	size_t ordblks;			/* free blocks */
	size_t smblks;			/* 0 */
	size_t hblks, hblkhd;		/* blocks in pages of their own */
	size_t usmblks, fsmblks;	/* 0 */
	size_t uordblks, fordblks;	/* in use and free, of arena, with headers */
	size_t keepcost;		/* 0 */
};

/* The same, none larger than INT_MAX. */
struct mallinfo {
	int arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};

struct mallinfo2 mallinfo2(void);
struct mallinfo mallinfo(void);

#define M_MXFAST		1
#define M_NLBLKS		2
#define M_GRAIN			3
#define M_KEEP			4
#define M_TRIM_THRESHOLD	(-1)
#define M_TOP_PAD		(-2)
#define M_MMAP_THRESHOLD	(-3)
#define M_MMAP_MAX		(-4)
#define M_CHECK_ACTION		(-5)
#define M_PERTURB		(-6)
#define M_ARENA_TEST		(-7)
#define M_ARENA_MAX		(-8)

/* 1 for the parameters above, which change nothing; 0 for others. */
int mallopt(int parameter, int value);

/* Memory goes back to the system when large blocks are freed and at no other time: 0, nothing was given back. */
int malloc_trim(size_t keep);

#endif
