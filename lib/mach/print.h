/*
 * The servers' private printf. Formats: %d %i %u %x %X %o %c %s %p %% with flags - 0 + space #,
 * width, precision (numbers or *) and h hh l ll z j t.
 */
#ifndef LIB_MACH_PRINT_H
#define LIB_MACH_PRINT_H

#include <mach/types.h>
#include <stdarg.h>

/* Like snprintf: at most size bytes with the 0; returns the length the whole text has. */
int
print_to(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

int
print_to_v(char *buffer, size_t size, const char *format, va_list args);

/*
 * Purpose: a message for people, at most 512 bytes, in one piece: to the console port if
 * print_console() named one, else through the trap mach_print, which only shows it for boot tests
 * and in debug builds.
 */
void
print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on messages go to this console port (a grant of the unit file). */
void
print_console(mach_port_t console);

/* Prints a message and ends the task by a fault, so that its supervisor notices. */
_Noreturn void
panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
