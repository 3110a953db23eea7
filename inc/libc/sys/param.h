/* BSD's collection: limits under their old names, MIN and MAX, rounding. */
#ifndef _SYS_PARAM_H
#define _SYS_PARAM_H

#include <limits.h>
#include <sys/types.h>

#define MAXPATHLEN	PATH_MAX
#ifndef MAXNAMLEN
#define MAXNAMLEN	255		/* NAME_MAX */
#endif
#define MAXHOSTNAMELEN	64
#define MAXSYMLINKS	40
#define NGROUPS		32
#define NBBY		8
#define NOFILE		256		/* STARTUP_FDS_MAX; getdtablesize tells what it is now */
#define NCARGS		ARG_MAX
#define DEV_BSIZE	512		/* bytes: what st_blocks counts */
#define NODEV		((dev_t)-1)
#define HZ		100		/* sysconf(_SC_CLK_TCK) */

#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))

#define howmany(x, unit)	(((x) + ((unit) - 1)) / (unit))
#define roundup(x, unit)	(howmany(x, unit) * (unit))
#define powerof2(x)		((((x) - 1) & (x)) == 0)

#define setbit(map, i)	(((unsigned char *)(map))[(i) / NBBY] |= 1 << (i) % NBBY)
#define clrbit(map, i)	(((unsigned char *)(map))[(i) / NBBY] &= ~(1 << (i) % NBBY))
#define isset(map, i)	(((const unsigned char *)(map))[(i) / NBBY] & 1 << (i) % NBBY)
#define isclr(map, i)	(!isset(map, i))

#endif
