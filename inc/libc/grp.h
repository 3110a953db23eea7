/* The group database, /etc/group (POSIX.1-2017 <grp.h>). NULL with errno unchanged: no such group. */
#ifndef _GRP_H
#define _GRP_H

#include <bits/features.h>
#include <sys/types.h>

struct group {
	char *gr_name, *gr_passwd;
	gid_t gr_gid;
	char **gr_mem;			/* names of its members, NULL at the end */
};

struct group *getgrnam(const char *name);
struct group *getgrgid(gid_t gid);
int getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size, struct group **result);
int getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size, struct group **result);
#ifdef _MACHR_XSI
void setgrent(void);
void endgrent(void);
struct group *getgrent(void);
#endif
#ifdef _MACHR_MISC
typedef struct stream FILE;

/* The next entry: ENOENT at the end, ERANGE: it needs more room, and is the next again. */
int getgrent_r(struct group *entry, char *buffer, size_t size, struct group **result);
int fgetgrent_r(FILE *file, struct group *entry, char *buffer, size_t size, struct group **result);
struct group *fgetgrent(FILE *file);
int putgrent(const struct group *entry, FILE *file);

int setgroups(size_t count, const gid_t *groups);
int initgroups(const char *user, gid_t gid);
int getgrouplist(const char *user, gid_t group, gid_t *groups, int *count);
#endif

#endif
