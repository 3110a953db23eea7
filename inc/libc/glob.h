/* File names by pattern (POSIX.1-2017 <glob.h>). */
#ifndef _GLOB_H
#define _GLOB_H

#include <bits/features.h>
#define __need_size_t
#include <stddef.h>

typedef struct {
	size_t gl_pathc;		/* paths found */
	char **gl_pathv;		/* NULL behind the last */
	size_t gl_offs;			/* NULLs kept in front, with GLOB_DOOFFS */
} glob_t;

#define GLOB_ERR	1
#define GLOB_MARK	2
#define GLOB_NOSORT	4
#define GLOB_DOOFFS	8
#define GLOB_NOCHECK	16
#define GLOB_APPEND	32
#define GLOB_NOESCAPE	64

#define GLOB_NOSPACE	1
#define GLOB_ABORTED	2
#define GLOB_NOMATCH	3

int glob(const char *__restrict pattern, int flags, int (*error)(const char *path, int number), glob_t *__restrict found);
void globfree(glob_t *found);

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define glob64_t	glob_t
#define glob64		glob
#define globfree64	globfree
#endif

#endif
