/* Formats of the wide printf and scanf families are turned into UTF-8, and so are their texts. */
#ifndef LIBC_WCHAR_WIDE_FORMAT_H
#define LIBC_WCHAR_WIDE_FORMAT_H

#include <wchar.h>

/* From malloc; NULL: ENOMEM, or EILSEQ for what is no character. */
char *__wide_to_bytes(const wchar_t *text);

#endif
