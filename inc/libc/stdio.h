/* Output streams (C11 7.21). */
#ifndef _STDIO_H
#define _STDIO_H

#include <stdarg.h>
#include <stddef.h>

#define EOF	(-1)
#define BUFSIZ	4096			/* bytes */

typedef struct stream FILE;

extern FILE *stdout, *stderr;

int fflush(FILE *stream);
int ferror(FILE *stream);
size_t fwrite(const void *restrict data, size_t size, size_t count, FILE *restrict stream);
int fputc(int c, FILE *stream);
int fputs(const char *restrict text, FILE *restrict stream);
int putchar(int c);
int puts(const char *text);
int printf(const char *restrict format, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE *restrict stream, const char *restrict format, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *restrict buffer, size_t size, const char *restrict format, ...) __attribute__((format(printf, 3, 4)));
int vfprintf(FILE *restrict stream, const char *restrict format, va_list arguments) __attribute__((format(printf, 2, 0)));
int vsnprintf(char *restrict buffer, size_t size, const char *restrict format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
void perror(const char *prefix);

#endif
