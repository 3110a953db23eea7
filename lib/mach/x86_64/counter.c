/* The time-stamp counter. */
#include "mach/mach.h"

uint64_t
clock_counter(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) :: "memory");
	return (uint64_t)high << 32 | low;
}
