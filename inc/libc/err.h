/* Messages with the program's name and the text of errno (BSD err.h). */
#ifndef _ERR_H
#define _ERR_H

#include <stdarg.h>

void warn(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
void warnx(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
void vwarn(const char *format, va_list arguments) __attribute__((__format__(__printf__, 1, 0)));
void vwarnx(const char *format, va_list arguments) __attribute__((__format__(__printf__, 1, 0)));
_Noreturn void err(int status, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
_Noreturn void errx(int status, const char *format, ...) __attribute__((__format__(__printf__, 2, 3)));
_Noreturn void verr(int status, const char *format, va_list arguments) __attribute__((__format__(__printf__, 2, 0)));
_Noreturn void verrx(int status, const char *format, va_list arguments) __attribute__((__format__(__printf__, 2, 0)));

#endif
