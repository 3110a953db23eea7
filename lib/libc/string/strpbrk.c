#include <string.h>

char *
strpbrk(const char *string, const char *accept)
{
	string += strcspn(string, accept);
	return *string != 0 ? (char *)string : NULL;
}
