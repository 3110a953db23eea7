/* A hang with interrupts off: the kernel's own deadline cannot report it. */
#include "guest.h"

int
behave(void)
{
	for (;;)
		;
}
