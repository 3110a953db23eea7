/* Of BSD's <utmp.h> what has to do with terminals: no records of who logged in are kept. */
#ifndef _UTMP_H
#define _UTMP_H

/* A new session with this terminal as its controlling one and as descriptors 0 to 2; fd is closed. */
int login_tty(int fd);

#endif
