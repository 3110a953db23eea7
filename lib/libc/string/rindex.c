#include <string.h>

char *
rindex(const char *string, int byte)
{
	return strrchr(string, byte);
}
