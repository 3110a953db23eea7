/* A text and a number behind it, without stdio. */
#include <string.h>

#include "error_text.h"

char *
__text_numbered(char *space, const char *text, int number)
{
	unsigned value = number < 0 ? -(unsigned)number : (unsigned)number;
	size_t length = strlen(text);
	char *at = space + ERROR_TEXT_MOST - 1;

	*at = 0;
	do
		*--at = '0' + value % 10;
	while ((value /= 10) != 0);
	if (number < 0)
		*--at = '-';
	return memcpy(at - length, text, length);
}
