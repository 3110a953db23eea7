/*
 * Kernel output. A line is atomic across CPUs. Formats: the usual %d %i %u %x %X %o %c %s %p %% with flags - 0 + space #, width,
 * precision (also *), length hh h l ll z j t.
 */
#ifndef INIT_PRINTK_H
#define INIT_PRINTK_H

#include <stdarg.h>
#include <stddef.h>

void printk(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vprintk(const char *format, va_list arguments);

/* Formats into a buffer of `size` bytes, always terminated (size > 0). Returns the length the whole text would have. */
int ksnprintf(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int kvsnprintf(char *buffer, size_t size, const char *format, va_list arguments);

#endif
