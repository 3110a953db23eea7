/* BSD's names from before C99. */
#include <stdlib.h>

long long
strtoq(const char *restrict text, char **restrict end, int base)
{
	return strtoll(text, end, base);
}

unsigned long long
strtouq(const char *restrict text, char **restrict end, int base)
{
	return strtoull(text, end, base);
}
