/* Unicode characters (C11 7.28): char16_t holds UTF-16, char32_t code points; multibyte text is UTF-8. */
#ifndef _UCHAR_H
#define _UCHAR_H

#include <bits/mbstate.h>
#define __need_size_t
#include <stddef.h>

typedef __CHAR16_TYPE__ char16_t;
typedef __CHAR32_TYPE__ char32_t;

/* (size_t)-3: the second half of the character that the call before read, without another byte. */
size_t mbrtoc16(char16_t *__restrict unit, const char *__restrict bytes, size_t size, mbstate_t *__restrict state);
size_t c16rtomb(char *__restrict bytes, char16_t unit, mbstate_t *__restrict state);
size_t mbrtoc32(char32_t *__restrict code, const char *__restrict bytes, size_t size, mbstate_t *__restrict state);
size_t c32rtomb(char *__restrict bytes, char32_t code, mbstate_t *__restrict state);

#endif
