/*
 * Parts of paths (POSIX.1-2017 <libgen.h>). Both may change the text they are given. GNU has another basename, in <string.h>, which does
 * not: a program that includes this header has POSIX's, whatever it includes besides.
 */
#ifndef _LIBGEN_H
#define _LIBGEN_H

char *__xpg_basename(char *path);
char *dirname(char *path);

#undef basename
#define basename	__xpg_basename

#endif
