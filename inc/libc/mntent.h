/*
 * Tables of mounted file systems: lines of `what where type options dump-days check-order`, between blanks; a line of # is a comment. A blank,
 * a tab, a newline or a backslash in a field is a backslash with three octal digits (mount's fstab(5)). No such table is kept by the system.
 */
#ifndef _MNTENT_H
#define _MNTENT_H

#include <bits/features.h>
#include <paths.h>
#include <stdio.h>

#define MNTTAB		_PATH_MNTTAB
#define MOUNTED		_PATH_MOUNTED

#define MNTTYPE_IGNORE	"ignore"
#define MNTTYPE_NFS	"nfs"
#define MNTTYPE_SWAP	"swap"

#define MNTOPT_DEFAULTS	"defaults"
#define MNTOPT_RO	"ro"
#define MNTOPT_RW	"rw"
#define MNTOPT_SUID	"suid"
#define MNTOPT_NOSUID	"nosuid"
#define MNTOPT_NOAUTO	"noauto"

struct mntent {
	char *mnt_fsname, *mnt_dir, *mnt_type, *mnt_opts;
	int mnt_freq, mnt_passno;	/* 0 where the line has none */
};

FILE *setmntent(const char *path, const char *mode);
int endmntent(FILE *table);		/* 1, always */
struct mntent *getmntent(FILE *table);	/* good until the next call; NULL: the end, or an error */
struct mntent *getmntent_r(FILE *__restrict table, struct mntent *__restrict entry, char *__restrict buffer, int size);
int addmntent(FILE *__restrict table, const struct mntent *__restrict entry);	/* 0, or 1 with errno */
char *hasmntopt(const struct mntent *entry, const char *option);		/* where it stands in mnt_opts, or NULL */

#endif
