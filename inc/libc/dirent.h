/* Directories (POSIX.1-2017 <dirent.h>; d_type as in POSIX.1-2024). */
#ifndef _DIRENT_H
#define _DIRENT_H

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

DIR *opendir(const char *path);
struct dirent *readdir(DIR *dir);
int closedir(DIR *dir);
void rewinddir(DIR *dir);

#endif
