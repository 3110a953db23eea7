/* Classes of bytes (C11 7.4), in the C locale: bytes from 128 on belong to no class. EOF is allowed. */
#ifndef _CTYPE_H
#define _CTYPE_H

#include <bits/features.h>

int isalnum(int c);
int isalpha(int c);
int isblank(int c);
int iscntrl(int c);
int isdigit(int c);
int isgraph(int c);
int islower(int c);
int isprint(int c);
int ispunct(int c);
int isspace(int c);
int isupper(int c);
int isxdigit(int c);
int tolower(int c);
int toupper(int c);

#if _MACHR_POSIX >= 200809L
#include <bits/locale_t.h>

int isalnum_l(int c, locale_t locale);
int isalpha_l(int c, locale_t locale);
int isblank_l(int c, locale_t locale);
int iscntrl_l(int c, locale_t locale);
int isdigit_l(int c, locale_t locale);
int isgraph_l(int c, locale_t locale);
int islower_l(int c, locale_t locale);
int isprint_l(int c, locale_t locale);
int ispunct_l(int c, locale_t locale);
int isspace_l(int c, locale_t locale);
int isupper_l(int c, locale_t locale);
int isxdigit_l(int c, locale_t locale);
int tolower_l(int c, locale_t locale);
int toupper_l(int c, locale_t locale);
#endif
#ifdef _MACHR_XSI
int isascii(int c);
int toascii(int c);

/* Of a letter of the other case. */
#define _tolower(c)	((c) | 0x20)
#define _toupper(c)	((c) & ~0x20)
#endif

#endif
