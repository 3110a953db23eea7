/* Walking through file trees (POSIX.1-2017 <ftw.h>); numbers are Linux's. */
#ifndef _FTW_H
#define _FTW_H

#include <bits/features.h>
#include <sys/stat.h>

enum {
	FTW_F,				/* a file that is no directory */
	FTW_D,				/* a directory, before what is in it */
	FTW_DNR,			/* one that cannot be read */
	FTW_NS,				/* its status cannot be had */
	FTW_SL,				/* a symbolic link, not followed */
	FTW_DP,				/* a directory, after what is in it */
	FTW_SLN,			/* a symbolic link to nothing */
};

#define FTW_F	FTW_F
#define FTW_D	FTW_D
#define FTW_DNR	FTW_DNR
#define FTW_NS	FTW_NS

int ftw(const char *path, int (*visit)(const char *, const struct stat *, int), int most_open);

#ifdef _MACHR_XSI
#define FTW_SL	FTW_SL
#define FTW_DP	FTW_DP
#define FTW_SLN	FTW_SLN

#define FTW_PHYS	1		/* links are not followed */
#define FTW_MOUNT	2		/* stay in the file system of the first */
#define FTW_CHDIR	4		/* the working directory is where the file is */
#define FTW_DEPTH	8		/* a directory after what is in it */
#ifdef _MACHR_GNU
#define FTW_ACTIONRETVAL	16	/* `visit` returns one of these: */
enum {
	FTW_CONTINUE,
	FTW_STOP,			/* nftw returns this */
	FTW_SKIP_SUBTREE,		/* not into this directory */
	FTW_SKIP_SIBLINGS,		/* no more of the directory that this is in */
};

#define FTW_CONTINUE		FTW_CONTINUE
#define FTW_STOP		FTW_STOP
#define FTW_SKIP_SUBTREE	FTW_SKIP_SUBTREE
#define FTW_SKIP_SIBLINGS	FTW_SKIP_SIBLINGS
#endif

struct FTW {
	int base;			/* where the last name begins in the path */
	int level;
};

int nftw(const char *path, int (*visit)(const char *, const struct stat *, int, struct FTW *), int most_open, int flags);
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define ftw64	ftw
#define nftw64	nftw
#endif

#endif
