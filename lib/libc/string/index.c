#include <string.h>

char *
index(const char *string, int byte)
{
	return strchr(string, byte);
}
