/* Parts of paths (POSIX.1-2017 <libgen.h>). Both may change the text they are given. */
#ifndef _LIBGEN_H
#define _LIBGEN_H

char *basename(char *path);
char *dirname(char *path);

#endif
