/* Bytes without sense, for ever. */
#include "guest.h"

int
behave(void)
{
	unsigned x = 12345;

	for (;;) {
		x = x * 1103515245 + 12345;
		machine_put((char)(x >> 16));
	}
}
