#include <string.h>

void
bzero(void *memory, size_t count)
{
	memset(memory, 0, count);
}
