/* Requests to terminals that POSIX.1-2017 has no other call for. */
#ifndef _SYS_IOCTL_H
#define _SYS_IOCTL_H

struct winsize {
	unsigned short ws_row, ws_col;	/* characters */
	unsigned short ws_xpixel, ws_ypixel;	/* 0: not known */
};

#define TCGETS		0x5401		/* struct termios * */
#define TCSETS		0x5402		/* const struct termios * */
#define TCSETSW		0x5403
#define TCSETSF		0x5404
#define TCSBRK		0x5409		/* 0: tcsendbreak, else tcdrain */
#define TCXONC		0x540a		/* tcflow */
#define TCFLSH		0x540b		/* tcflush */
#define TIOCSCTTY	0x540e		/* the terminal becomes the controlling one */
#define TIOCGPGRP	0x540f		/* pid_t * */
#define TIOCSPGRP	0x5410		/* const pid_t * */
#define TIOCGWINSZ	0x5413		/* struct winsize * */
#define TIOCSWINSZ	0x5414		/* const struct winsize * */
#define FIONREAD	0x541b		/* int *: bytes that can be read without waiting */
#define TIOCINQ		FIONREAD
#define FIONBIO		0x5421		/* const int *: O_NONBLOCK off or on */
#define TIOCNOTTY	0x5422		/* no controlling terminal any more */
#define TIOCGSID	0x5429		/* pid_t * */
#define TIOCGPTN	0x80045430	/* unsigned *: the number of a master's slave */
#define TIOCSPTLCK	0x40045431	/* const int *: whether the slave may not be opened */
#define FIONCLEX	0x5450		/* FD_CLOEXEC off */
#define FIOCLEX		0x5451		/* FD_CLOEXEC on */

/* Numbers of requests: direction, bytes of what the argument points to, a letter for the kind of device, which one. */
#define _IOC_NONE	0u
#define _IOC_WRITE	1u
#define _IOC_READ	2u
#define _IOC(direction, kind, which, size)	((direction) << 30 | (size) << 16 | (kind) << 8 | (which))
#define _IO(kind, which)		_IOC(_IOC_NONE, kind, which, 0u)
#define _IOR(kind, which, type)		_IOC(_IOC_READ, kind, which, (unsigned)sizeof(type))
#define _IOW(kind, which, type)		_IOC(_IOC_WRITE, kind, which, (unsigned)sizeof(type))
#define _IOWR(kind, which, type)	_IOC(_IOC_READ | _IOC_WRITE, kind, which, (unsigned)sizeof(type))

int ioctl(int fd, unsigned long request, ...);

#endif
