/* The user database, /etc/passwd (POSIX.1-2017 <pwd.h>). NULL with errno unchanged: no such user. */
#ifndef _PWD_H
#define _PWD_H

#include <bits/features.h>
#include <sys/types.h>

struct passwd {
	char *pw_name, *pw_passwd;
	uid_t pw_uid;
	gid_t pw_gid;
	char *pw_gecos, *pw_dir, *pw_shell;
};

struct passwd *getpwnam(const char *name);
struct passwd *getpwuid(uid_t uid);
int getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size, struct passwd **result);
int getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **result);
#ifdef _MACHR_XSI
void setpwent(void);
void endpwent(void);
struct passwd *getpwent(void);
#endif
#ifdef _MACHR_MISC
typedef struct stream FILE;

/* The next entry: ENOENT at the end, ERANGE: it needs more room, and is the next again. */
int getpwent_r(struct passwd *entry, char *buffer, size_t size, struct passwd **result);
int fgetpwent_r(FILE *file, struct passwd *entry, char *buffer, size_t size, struct passwd **result);
struct passwd *fgetpwent(FILE *file);
int putpwent(const struct passwd *entry, FILE *file);
#endif

#endif
