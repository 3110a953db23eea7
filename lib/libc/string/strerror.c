/* The text of an error number. */
#include <errno.h>
#include <string.h>

#include "error_text.h"

static const char *const texts[] = {
	[0] = "Success",
#define ERROR(name, text)	[name] = text,
#include "error_list.h"
#undef ERROR
};

const char *
__error_text(int error, char *unknown)
{
	unsigned value = error < 0 ? -(unsigned)error : (unsigned)error;
	char *at = unknown + ERROR_TEXT_MOST - 1;

	if (error >= 0 && (size_t)error < sizeof(texts) / sizeof(texts[0]) && texts[error] != NULL)
		return texts[error];
	*at = 0;
	do
		*--at = '0' + value % 10;
	while ((value /= 10) != 0);
	if (error < 0)
		*--at = '-';
	at -= strlen("Unknown error ");
	return memcpy(at, "Unknown error ", strlen("Unknown error "));
}

char *
strerror(int error)
{
	static _Thread_local char unknown[ERROR_TEXT_MOST];

	return (char *)__error_text(error, unknown);
}
