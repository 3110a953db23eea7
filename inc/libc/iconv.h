/* Conversion between encodings of text (POSIX.1-2017 <iconv.h>): UTF-8, UTF-16, UTF-32, ISO-8859-1, ASCII. */
#ifndef _ICONV_H
#define _ICONV_H

#include <bits/features.h>
#define __need_size_t
#include <stddef.h>

typedef void *iconv_t;

iconv_t iconv_open(const char *to, const char *from);
size_t iconv(iconv_t conversion, char **__restrict from, size_t *__restrict from_left, char **__restrict to, size_t *__restrict to_left);
int iconv_close(iconv_t conversion);

#endif
