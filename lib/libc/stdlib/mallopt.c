/* Advice to the heap, which takes none. */
#include <malloc.h>

/* 1: a parameter that is known; its value changes nothing. 0: another. */
int
mallopt(int parameter, int value)
{
	(void)value;
	return (parameter >= M_MXFAST && parameter <= M_KEEP) || (parameter >= M_ARENA_MAX && parameter <= M_TRIM_THRESHOLD);
}

/* Large blocks went back to the system when they were freed, small ones stay: there is never anything left to give back. */
int
malloc_trim(size_t keep)
{
	(void)keep;
	return 0;
}
