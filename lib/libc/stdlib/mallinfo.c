/* How much the heap has and uses (System V mallinfo; GNU mallinfo2). */
#include <limits.h>
#include <malloc.h>

#include "malloc_count.h"

/* keepcost: no chunk is given back. */
struct mallinfo2
mallinfo2(void)
{
	struct malloc_counts counts;

	__malloc_count(&counts);
	return (struct mallinfo2){
		.arena = counts.chunks, .ordblks = counts.free_blocks, .fordblks = counts.free_bytes,
		.uordblks = counts.chunks - counts.free_bytes, .hblks = counts.large_blocks, .hblkhd = counts.large_bytes,
	};
}

static int
at_most_int(size_t value)
{
	return value < INT_MAX ? (int)value : INT_MAX;
}

struct mallinfo
mallinfo(void)
{
	struct mallinfo2 all = mallinfo2();

	return (struct mallinfo){
		.arena = at_most_int(all.arena), .ordblks = at_most_int(all.ordblks), .fordblks = at_most_int(all.fordblks),
		.uordblks = at_most_int(all.uordblks), .hblks = at_most_int(all.hblks), .hblkhd = at_most_int(all.hblkhd),
	};
}
