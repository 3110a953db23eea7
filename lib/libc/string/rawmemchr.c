#define _GNU_SOURCE
#include <string.h>

void *
rawmemchr(const void *memory, int byte)
{
	const unsigned char *at = memory;

	while (*at != (unsigned char)byte)
		at++;
	return (void *)at;
}
