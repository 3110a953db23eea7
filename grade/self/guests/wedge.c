/* A kernel panic after which nothing moves any more. */
#include "guest.h"

int
behave(void)
{
	print("panic: lock held by CPU 0\r\n  #0 0xffff800000081234 lock_take+0x34\r\n");
	for (;;)
		;
}
