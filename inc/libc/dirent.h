/* Directories (POSIX.1-2017 <dirent.h>; d_type as in POSIX.1-2024). */
#ifndef _DIRENT_H
#define _DIRENT_H

#include <bits/features.h>
#include <sys/types.h>

typedef struct directory DIR;

struct dirent {
	ino_t d_ino;
	off_t d_off;			/* for seekdir */
	unsigned short d_reclen;
	unsigned char d_type;		/* DT_* */
	char d_name[256];
};

/* mode >> 12 of the file types in <sys/stat.h> */
#define DT_UNKNOWN	0
#define DT_FIFO		1
#define DT_CHR		2
#define DT_DIR		4
#define DT_BLK		6
#define DT_REG		8
#define DT_LNK		10
#define DT_SOCK		12
#define DT_WHT		14		/* nothing is one: BSD's */
#ifdef _MACHR_MISC
#define d_fileno	d_ino
#ifndef MAXNAMLEN
#define MAXNAMLEN	255		/* NAME_MAX */
#endif
#endif

#define IFTODT(mode)	(((mode) & 0170000) >> 12)
#define DTTOIF(type)	((type) << 12)

DIR *opendir(const char *path);
DIR *fdopendir(int fd);
struct dirent *readdir(DIR *dir);
int readdir_r(DIR *__restrict dir, struct dirent *__restrict entry, struct dirent **__restrict result);
int closedir(DIR *dir);
void rewinddir(DIR *dir);
int dirfd(DIR *dir);
#ifdef _MACHR_XSI
void seekdir(DIR *dir, long position);
long telldir(DIR *dir);
#endif
int scandir(const char *path, struct dirent ***entries, int (*choose)(const struct dirent *),
	int (*compare)(const struct dirent **, const struct dirent **));
int alphasort(const struct dirent **a, const struct dirent **b);
#ifdef _MACHR_GNU
/* Numbers in names count as numbers. */
int versionsort(const struct dirent **a, const struct dirent **b);
#endif

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define dirent64	dirent
#define readdir64	readdir
#define readdir64_r	readdir_r
#define scandir64	scandir
#define alphasort64	alphasort
#define versionsort64	versionsort
#endif

#endif
