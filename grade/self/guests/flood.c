/* Readable lines without end. */
#include "guest.h"

int
behave(void)
{
	for (;;)
		print("all work and no play makes a kernel print this line\r\n");
}
