/*
 * Formats of the wide printf and scanf families are turned into UTF-8 (with the escapes of utf8.h where the locale's text are bytes), and so are
 * their texts: printf and scanf themselves are the same for both.
 */
#ifndef LIBC_WCHAR_WIDE_FORMAT_H
#define LIBC_WCHAR_WIDE_FORMAT_H

#include <stdbool.h>
#include <wchar.h>

/* From malloc; NULL: ENOMEM, or EILSEQ for what is no character. */
char *__wide_to_bytes(const wchar_t *text);

/* Whether texts have escapes. */
bool __wide_escapes(void);

#endif
