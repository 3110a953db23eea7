#include <string.h>

void
bcopy(const void *from, void *to, size_t count)
{
	memmove(to, from, count);
}
