#include <errno.h>
#include <stdio.h>

#include "../string/error_text.h"

void
perror(const char *prefix)
{
	char unknown[ERROR_TEXT_MOST];
	const char *text = __error_text(errno, unknown);

	if (prefix != NULL && *prefix != 0)
		fprintf(stderr, "%s: %s\n", prefix, text);
	else
		fprintf(stderr, "%s\n", text);
}
