/* Printing into a growing object (<obstack.h>). There is no 0 byte behind it. */
#include <obstack.h>
#include <stdarg.h>
#include <stdio.h>

int
obstack_vprintf(struct obstack *stack, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return -1;
	obstack_make_room(stack, (size_t)length + 1);
	vsnprintf(obstack_next_free(stack), (size_t)length + 1, format, arguments);
	obstack_blank_fast(stack, length);
	return length;
}

int
obstack_printf(struct obstack *stack, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = obstack_vprintf(stack, format, arguments);
	va_end(arguments);
	return length;
}
