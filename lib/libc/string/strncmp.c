#include <stddef.h>

int
strncmp(const char *left, const char *right, size_t count)
{
	for (; count != 0; count--, left++, right++) {
		if (*left != *right)
			return (unsigned char)*left - (unsigned char)*right;
		if (*left == 0)
			break;
	}
	return 0;
}
