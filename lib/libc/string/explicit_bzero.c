#include <string.h>

/* Clears memory even if nobody reads it afterwards: the compiler is told that somebody may. */
void
explicit_bzero(void *memory, size_t count)
{
	memset(memory, 0, count);
	__asm__ volatile("" : : "r"(memory) : "memory");
}
