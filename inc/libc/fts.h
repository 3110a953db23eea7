/*
 * Walking through file trees, a file at a time (4.4BSD <fts.h>). The walk never changes the working directory: fts_accpath is fts_path. A path
 * of PATH_MAX bytes or more cannot be entered.
 */
#ifndef _FTS_H
#define _FTS_H

#include <sys/stat.h>
#include <sys/types.h>

typedef struct __fts FTS;

typedef struct _ftsent {
	struct _ftsent *fts_cycle;	/* FTS_DC: the directory that it is the same as */
	struct _ftsent *fts_parent, *fts_link;	/* the directory that it is in; the next file there */
	long fts_number;		/* these two are the program's */
	void *fts_pointer;
	char *fts_accpath, *fts_path;
	int fts_errno;			/* FTS_DNR, FTS_ERR, FTS_NS: why */
	unsigned short fts_info;	/* FTS_D ... */
	unsigned short fts_instr;	/* what fts_set says */
	short fts_level;
	size_t fts_pathlen, fts_namelen;	/* bytes */
	ino_t fts_ino;
	dev_t fts_dev;
	nlink_t fts_nlink;
	struct stat *fts_statp;
	struct stat __status;
	char fts_name[];
} FTSENT;

/* fts_open */
#define FTS_COMFOLLOW	0x0001		/* follow the links that are given */
#define FTS_LOGICAL	0x0002		/* follow all */
#define FTS_NOCHDIR	0x0004		/* that is how it is */
#define FTS_NOSTAT	0x0008		/* what is no directory may be FTS_NSOK */
#define FTS_PHYSICAL	0x0010		/* follow none: so it is without FTS_LOGICAL */
#define FTS_SEEDOT	0x0020		/* show "." and ".." */
#define FTS_XDEV	0x0040		/* stay on the device */

#define FTS_WHITEOUT	0x0080		/* show whiteouts: there are none */

#define FTS_NAMEONLY	0x0100		/* fts_children */

/* fts_info */
#define FTS_D		1		/* a directory, before what is in it */
#define FTS_DC		2		/* one that it is in itself */
#define FTS_DEFAULT	3		/* anything that has no number of its own */
#define FTS_DNR		4		/* one that cannot be read */
#define FTS_DOT		5
#define FTS_DP		6		/* a directory, after what is in it */
#define FTS_ERR		7
#define FTS_F		8		/* a regular file */
#define FTS_INIT	9		/* not visited yet */
#define FTS_NS		10		/* stat failed */
#define FTS_NSOK	11		/* nobody asked for stat */
#define FTS_SL		12
#define FTS_SLNONE	13		/* a link that leads nowhere */
#define FTS_W		14		/* a whiteout, of other systems: never occurs */

/* fts_set */
#define FTS_AGAIN	1
#define FTS_FOLLOW	2
#define FTS_NOINSTR	3
#define FTS_SKIP	4

#define FTS_ROOTPARENTLEVEL	(-1)
#define FTS_ROOTLEVEL		0

FTS *fts_open(char *const *paths, int options, int (*compare)(const FTSENT **, const FTSENT **));
FTSENT *fts_read(FTS *walk);
FTSENT *fts_children(FTS *walk, int what);
int fts_set(FTS *walk, FTSENT *entry, int instruction);
int fts_close(FTS *walk);

#endif
