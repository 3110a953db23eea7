/* Some bytes without sense, then silence. */
#include "guest.h"

int
behave(void)
{
	unsigned x = 12345;

	for (int i = 0; i < 2000; i++) {
		x = x * 1103515245 + 12345;
		machine_put((char)(x >> 16));
	}
	for (;;)
		;
}
