/* Messages for people. See print.h. */
#include "mach/print.h"
#include "mach/mach.h"

#define LINE_MAX	512

static mach_port_t console;

void
print_console(mach_port_t port)
{
	console = port;
}

static void
print_v(const char *format, va_list args)
{
	char line[LINE_MAX];
	int n = print_to_v(line, sizeof(line), format, args);

	if (n >= LINE_MAX)
		n = LINE_MAX - 1;
	if (console == MACH_PORT_NULL || console_write(console, line, (vm_size_t)n) != KERN_SUCCESS)
		mach_print(line, (vm_size_t)n);
}

void
print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_v(format, args);
	va_end(args);
}

void
panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_v(format, args);
	va_end(args);
	__builtin_trap();
}
