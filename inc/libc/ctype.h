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

#ifdef _MACHR_XSI
int isascii(int c);
int toascii(int c);
#endif

#endif
