/* Matching names with patterns (POSIX.1-2017 <fnmatch.h>). */
#ifndef _FNMATCH_H
#define _FNMATCH_H

#include <bits/features.h>

#define FNM_NOMATCH	1
#define FNM_PATHNAME	1
#define FNM_NOESCAPE	2
#define FNM_PERIOD	4
#ifdef _MACHR_MISC
#define FNM_FILE_NAME	FNM_PATHNAME
#define FNM_LEADING_DIR	8
#define FNM_CASEFOLD	16
#define FNM_EXTMATCH	32	/* ?(a|b) *(a|b) +(a|b) @(a|b) !(a|b): none or one, any number, one or more, one, none of them */
#endif

int fnmatch(const char *pattern, const char *text, int flags);

#endif
