#define _GNU_SOURCE
#include <wchar.h>

wchar_t *
wcschrnul(const wchar_t *string, wchar_t wide)
{
	while (*string != 0 && *string != wide)
		string++;
	return (wchar_t *)string;
}
