#define _GNU_SOURCE
#include <wchar.h>

wchar_t *
wmempcpy(wchar_t *restrict to, const wchar_t *restrict from, size_t count)
{
	return wmemcpy(to, from, count) + count;
}
