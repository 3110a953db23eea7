/* A guest whose shell is stopped between a mark and its prompt: another prompt comes first, with a mark of its own. */
#include "guest.h"

int
behave(void)
{
	print("\x1e");
	print(nonce);
	print(" rc=9\n\r\nkernel monitor\r\n");
	return 4;
}
