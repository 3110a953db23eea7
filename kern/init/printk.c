/*
 * printk: formats a line into a buffer, then writes it in one piece.
 */
#include "init/printk.h"

#include "init/console.h"

#define LINE_MAX 512			/* bytes; longer output is cut */

void
vprintk(const char *format, va_list arguments)
{
	char line[LINE_MAX];
	int length = kvsnprintf(line, sizeof(line), format, arguments);

	console_write(line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

void
printk(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintk(format, arguments);
	va_end(arguments);
}
