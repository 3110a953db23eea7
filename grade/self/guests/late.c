/* A hang that the kernel's deadline notices and reports. */
#include "guest.h"

int
behave(void)
{
	for (volatile int i = 0; i < 10000000; i++)
		;
	print("deadline: 5 s have passed\r\n  cpu 0: 0xffff800000081234 idle+0x34\r\n");
	machine_poweroff(124);
}
