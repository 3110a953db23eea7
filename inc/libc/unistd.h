/* Files, processes and the working directory (POSIX.1-2017 <unistd.h>). */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <bits/features.h>
#include <bits/options.h>
#include <bits/sysconf.h>
#define __need_NULL
#include <stddef.h>
#include <sys/types.h>

#define STDIN_FILENO	0
#define STDOUT_FILENO	1
#define STDERR_FILENO	2

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#ifdef _MACHR_GNU
#define SEEK_DATA	3	/* ENXIO: behind the end. There are holes, but nobody is told of them: */
#define SEEK_HOLE	4	/* the only one is the end of the file */
#endif
#ifdef _MACHR_MISC
#define L_SET		SEEK_SET
#define L_INCR		SEEK_CUR
#define L_XTND		SEEK_END
#endif

/* access */
#define F_OK		0
#define X_OK		1
#define W_OK		2
#define R_OK		4

/* lockf */
#define F_ULOCK		0
#define F_LOCK		1
#define F_TLOCK		2
#define F_TEST		3

#define _POSIX_VDISABLE	0

extern char **environ;

/* --- descriptors --- */

ssize_t read(int fd, void *buffer, size_t size);
ssize_t write(int fd, const void *data, size_t size);
ssize_t pread(int fd, void *buffer, size_t size, off_t offset);
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset);
off_t lseek(int fd, off_t offset, int whence);
int close(int fd);
int dup(int fd);
int dup2(int from, int to);
int pipe(int fds[2]);
int isatty(int fd);
char *ttyname(int fd);
int ttyname_r(int fd, char *name, size_t size);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t group);
int ftruncate(int fd, off_t size);
int truncate(const char *path, off_t size);
int fsync(int fd);
int fdatasync(int fd);
#ifdef _MACHR_GNU
int pipe2(int fds[2], int flags);
int dup3(int from, int to, int flags);
#endif

/* --- paths --- */

int access(const char *path, int mode);
int faccessat(int dir, const char *path, int mode, int flags);
int chown(const char *path, uid_t uid, gid_t gid);
int lchown(const char *path, uid_t uid, gid_t gid);
int fchown(int fd, uid_t uid, gid_t gid);
int fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags);
int link(const char *path, const char *to_path);
int linkat(int dir, const char *path, int to_dir, const char *to_path, int flags);
int symlink(const char *target, const char *path);
int symlinkat(const char *target, int dir, const char *path);
ssize_t readlink(const char *__restrict path, char *__restrict buffer, size_t size);
ssize_t readlinkat(int dir, const char *__restrict path, char *__restrict buffer, size_t size);
int unlink(const char *path);
int unlinkat(int dir, const char *path, int flags);
int rmdir(const char *path);
int chdir(const char *path);
int fchdir(int fd);
char *getcwd(char *buffer, size_t size);
#ifdef _MACHR_GNU
char *get_current_dir_name(void);
#endif

/* --- processes --- */

pid_t getpid(void);
pid_t getppid(void);
pid_t getpgrp(void);
pid_t getpgid(pid_t pid);
pid_t getsid(pid_t pid);
int setpgid(pid_t pid, pid_t group);
pid_t setsid(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int setuid(uid_t uid);
int seteuid(uid_t uid);
int setgid(gid_t gid);
int setegid(gid_t gid);
int getgroups(int room, gid_t *groups);
pid_t fork(void);
int execl(const char *path, const char *argument, ...);
int execle(const char *path, const char *argument, ...);
int execlp(const char *file, const char *argument, ...);
int execv(const char *path, char *const *argv);
int execve(const char *path, char *const *argv, char *const *environment);
int execvp(const char *file, char *const *argv);
int fexecve(int fd, char *const *argv, char *const *environment);
unsigned alarm(unsigned seconds);
unsigned sleep(unsigned seconds);
int pause(void);
_Noreturn void _exit(int status);
#ifdef _MACHR_XSI
int lockf(int fd, int function, off_t size);
void sync(void);
void swab(const void *__restrict from, void *__restrict to, ssize_t size);
int setpgrp(void);
int setreuid(uid_t uid, uid_t euid);
int setregid(gid_t gid, gid_t egid);
int nice(int increment);
long gethostid(void);
#endif
#ifdef _MACHR_XSI_OLD
pid_t vfork(void);
int usleep(useconds_t us);
useconds_t ualarm(useconds_t first, useconds_t interval);
char *getwd(char *path);		/* of PATH_MAX bytes: getcwd */
int getpagesize(void);
int getdtablesize(void);
int brk(void *address);
void *sbrk(__INTPTR_TYPE__ increment);
char *getpass(const char *prompt);
int chroot(const char *path);
#endif
#ifdef _MACHR_MISC
int getentropy(void *buffer, size_t size);
void closefrom(int lowest);
int daemon(int nochdir, int noclose);
int setgroups(size_t count, const gid_t *groups);
int initgroups(const char *user, gid_t gid);
/* The name stands in /etc/hostname, so it is the same when the machine starts again. EPERM; EINVAL: too long, or no name. */
int sethostname(const char *name, size_t length);
int getdomainname(char *name, size_t size);	/* there is none: "" */
/* The shells of /etc/shells one after the other, NULL behind the last; without that file, /bin/sh. */
char *getusershell(void);
void setusershell(void);
void endusershell(void);
#endif
#ifdef _MACHR_GNU
/* The value of a call that is made again as long as a handler ends it. */
#define TEMP_FAILURE_RETRY(call)	(__extension__ ({ long result_; do result_ = (long)(call); \
	while (result_ == -1 && errno == EINTR); result_; }))
#define CLOSE_RANGE_UNSHARE	(1u << 1)
#define CLOSE_RANGE_CLOEXEC	(1u << 2)
int close_range(unsigned first, unsigned last, int flags);	/* both included; EINVAL */
/* access by the effective ids, under both its names. */
int eaccess(const char *path, int mode);
int euidaccess(const char *path, int mode);
int group_member(gid_t group);
/*
 * From one file to another, at offsets that move instead of the files' own, or at these for NULL. Returns how many bytes, 0 at the end of the file;
 * EINVAL: not both are files, or they are one file and the ranges overlap.
 */
ssize_t copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t size, unsigned flags);
int syncfs(int fd);
int execvpe(const char *file, char *const *argv, char *const *environment);
int setresuid(uid_t uid, uid_t euid, uid_t suid);
int setresgid(gid_t gid, gid_t egid, gid_t sgid);
int getresuid(uid_t *uid, uid_t *euid, uid_t *suid);
int getresgid(gid_t *gid, gid_t *egid, gid_t *sgid);
#endif

long sysconf(int name);
long pathconf(const char *path, int name);
long fpathconf(int fd, int name);
size_t confstr(int name, char *text, size_t size);
int gethostname(char *name, size_t size);
char *getlogin(void);
int getlogin_r(char *name, size_t size);

extern char *optarg;
extern int optind, opterr, optopt;

int getopt(int count, char *const *arguments, const char *options);

/* The names of large files; all files are. */
#ifdef _MACHR_LARGE
#define lseek64		lseek
#define pread64		pread
#define pwrite64	pwrite
#define ftruncate64	ftruncate
#define truncate64	truncate
#define lockf64		lockf
#endif

#endif
