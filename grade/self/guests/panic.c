/* A kernel panic that powers off with a failing status, as panic=off asks. */
#include "guest.h"

int
behave(void)
{
	print("panic: frame 0x41000 freed twice\r\n"
	      "  #0 0xffff800000081234 page_free+0x34\r\n"
	      "  #1 0xffff800000080010 kernel_main+0x10\r\n");
	machine_poweroff(70);
}
