/* Looking at a stream's buffer (Solaris and others). */
#ifndef _STDIO_EXT_H
#define _STDIO_EXT_H

#include <stdio.h>

size_t __fbufsize(FILE *stream);
size_t __fpending(FILE *stream);
void __fpurge(FILE *stream);
int __freadable(FILE *stream);
int __fwritable(FILE *stream);
int __freading(FILE *stream);
int __fwriting(FILE *stream);

#endif
