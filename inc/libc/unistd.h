/* Files, processes and the working directory (POSIX.1-2017 <unistd.h>). */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <bits/sysconf.h>
#include <sys/types.h>

#define STDIN_FILENO	0
#define STDOUT_FILENO	1
#define STDERR_FILENO	2

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2

extern char **environ;

ssize_t read(int fd, void *buffer, size_t size);
ssize_t write(int fd, const void *buffer, size_t size);
ssize_t pread(int fd, void *buffer, size_t size, off_t offset);
off_t lseek(int fd, off_t offset, int whence);
int close(int fd);
int dup(int fd);
int dup2(int from, int to);
int isatty(int fd);
ssize_t readlink(const char *restrict path, char *restrict buffer, size_t size);
int chdir(const char *path);
char *getcwd(char *buffer, size_t size);
pid_t getpid(void);
pid_t getppid(void);
unsigned sleep(unsigned seconds);
_Noreturn void _exit(int status);

long sysconf(int name);
long pathconf(const char *path, int name);
long fpathconf(int fd, int name);
size_t confstr(int name, char *text, size_t size);
int gethostname(char *name, size_t size);
int getpagesize(void);

extern char *optarg;
extern int optind, opterr, optopt;

int getopt(int count, char *const *arguments, const char *options);

#endif
