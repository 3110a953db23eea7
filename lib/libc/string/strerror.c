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
	if (error >= 0 && (size_t)error < sizeof(texts) / sizeof(texts[0]) && texts[error] != NULL)
		return texts[error];
	return __text_numbered(unknown, "Unknown error ", error);
}

char *
strerror(int error)
{
	static _Thread_local char unknown[ERROR_TEXT_MOST];

	return (char *)__error_text(error, unknown);
}
