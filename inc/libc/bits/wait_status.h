/*
 * What <sys/wait.h> and <stdlib.h> share. A status is the exit status in bits 8-15, or the signal in bits 0-6; 0x7f there: stopped by the
 * signal in bits 8-15; 0xffff: continued.
 */
#ifndef _BITS_WAIT_STATUS_H
#define _BITS_WAIT_STATUS_H

#define WNOHANG		0x1
#define WUNTRACED	0x2

#define WEXITSTATUS(s)	(((s) >> 8) & 0xff)
#define WTERMSIG(s)	((s) & 0x7f)
#define WSTOPSIG(s)	WEXITSTATUS(s)
#define WIFEXITED(s)	(WTERMSIG(s) == 0)
#define WIFCONTINUED(s)	((s) == 0xffff)
#define WIFSTOPPED(s)	(((s) & 0xff) == 0x7f)
#define WIFSIGNALED(s)	(WTERMSIG(s) != 0 && WTERMSIG(s) != 0x7f)

#endif
