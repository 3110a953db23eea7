/* The virtual counter (CNTVCT_EL0), after all instructions before it. */
#include "mach/mach.h"

uint64_t
clock_counter(void)
{
	uint64_t value;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value) :: "memory");
	return value;
}
