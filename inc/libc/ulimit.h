/* The size of files (POSIX.1-2017 <ulimit.h>, X/Open, obsolescent): getrlimit's RLIMIT_FSIZE in blocks of 512 bytes. */
#ifndef _ULIMIT_H
#define _ULIMIT_H

#define UL_GETFSIZE	1
#define UL_SETFSIZE	2		/* and the new limit as a long */

long ulimit(int command, ...);

#endif
