#include <strings.h>

/* The number of the lowest bit that is set, from 1; 0 when none is. */
int
ffs(int value)
{
	return value == 0 ? 0 : __builtin_ctz(value) + 1;
}

int
ffsl(long value)
{
	return value == 0 ? 0 : __builtin_ctzl(value) + 1;
}

int
ffsll(long long value)
{
	return value == 0 ? 0 : __builtin_ctzll(value) + 1;
}
