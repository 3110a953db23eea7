#include <stddef.h>

int
memcmp(const void *left, const void *right, size_t count)
{
	const unsigned char *l = left, *r = right;

	for (; count != 0; count--, l++, r++)
		if (*l != *r)
			return *l - *r;
	return 0;
}
