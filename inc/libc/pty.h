/* Pseudo-terminals (BSD). */
#ifndef _PTY_H
#define _PTY_H

#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

/* The master and the slave of a new one; name, which may be NULL, gets the slave's path. Settings and size may be NULL. */
int openpty(int *master, int *slave, char *name, const struct termios *settings, const struct winsize *size);

/* The same around fork: the child's descriptors 0 to 2 are the slave, which is its controlling terminal. */
pid_t forkpty(int *master, char *name, const struct termios *settings, const struct winsize *size);

#endif
