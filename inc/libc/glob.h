/* File names by pattern (POSIX.1-2017 <glob.h>). */
#ifndef _GLOB_H
#define _GLOB_H

#include <bits/features.h>
#define __need_size_t
#include <stddef.h>

#ifdef _MACHR_MISC
struct dirent;
struct stat;
#endif

typedef struct {
	size_t gl_pathc;		/* paths found */
	char **gl_pathv;		/* NULL behind the last */
	size_t gl_offs;			/* NULLs kept in front, with GLOB_DOOFFS */
	int gl_flags;			/* those given, and GLOB_MAGCHAR */
	/* With GLOB_ALTDIRFUNC, what is called instead of the functions of these names. */
	void (*gl_closedir)(void *);
#ifdef _MACHR_MISC
	struct dirent *(*gl_readdir)(void *);
	void *(*gl_opendir)(const char *);
	int (*gl_lstat)(const char *__restrict, struct stat *__restrict);
	int (*gl_stat)(const char *__restrict, struct stat *__restrict);
#else
	void *(*gl_readdir)(void *);
	void *(*gl_opendir)(const char *);
	int (*gl_lstat)(const char *__restrict, void *__restrict);
	int (*gl_stat)(const char *__restrict, void *__restrict);
#endif
} glob_t;

#define GLOB_ERR	1
#define GLOB_MARK	2
#define GLOB_NOSORT	4
#define GLOB_DOOFFS	8
#define GLOB_NOCHECK	16
#define GLOB_APPEND	32
#define GLOB_NOESCAPE	64
#ifdef _MACHR_MISC
#define GLOB_PERIOD	128		/* wildcards match a leading period */
#define GLOB_MAGCHAR	256		/* in gl_flags: the pattern had a wildcard */
#define GLOB_ALTDIRFUNC	512
#define GLOB_BRACE	1024		/* {a,b}: one pattern after the other */
#define GLOB_NOMAGIC	2048		/* as GLOB_NOCHECK for a pattern without wildcards */
#define GLOB_TILDE	4096		/* ~ and ~user at the beginning are home folders */
#define GLOB_ONLYDIR	8192		/* folders alone */
#define GLOB_TILDE_CHECK	16384	/* the same; GLOB_NOMATCH for a user that is not known */
#endif

#define GLOB_NOSPACE	1
#define GLOB_ABORTED	2
#define GLOB_NOMATCH	3

/* Whether a pattern has wildcards; with `quote`, whether it has backslashes, too. */
#ifdef _MACHR_GNU
int glob_pattern_p(const char *pattern, int quote);
#endif
int glob(const char *__restrict pattern, int flags, int (*error)(const char *path, int number), glob_t *__restrict found);
void globfree(glob_t *found);

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define glob64_t	glob_t
#define glob64		glob
#define globfree64	globfree
#endif

#endif
