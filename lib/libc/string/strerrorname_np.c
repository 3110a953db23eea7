/* The name of an error number, and its text as strerror has it, but NULL for no error number (GNU). */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "error_text.h"

static const char *const names[] = {
	[0] = "0",
#define ERROR(name, text)	[name] = #name,
#include "error_list.h"
#undef ERROR
};

const char *
strerrorname_np(int error)
{
	return error >= 0 && (size_t)error < sizeof(names) / sizeof(names[0]) ? names[error] : NULL;
}

const char *
strerrordesc_np(int error)
{
	char unknown[ERROR_TEXT_MOST];

	return strerrorname_np(error) != NULL ? __error_text(error, unknown) : NULL;
}
