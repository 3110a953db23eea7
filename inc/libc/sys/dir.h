/* The old place of <dirent.h>, and the old name of an entry. */
#ifndef _SYS_DIR_H
#define _SYS_DIR_H

#include <dirent.h>

#define direct dirent

#endif
