/* BSD's locks of whole files, which belong to the open file; fork's child and dup's copies share them. */
#ifndef _SYS_FILE_H
#define _SYS_FILE_H

#include <fcntl.h>

#define LOCK_SH		1
#define LOCK_EX		2
#define LOCK_NB		4		/* with one of them: EWOULDBLOCK instead of waiting */
#define LOCK_UN		8

int flock(int fd, int operation);

#endif
