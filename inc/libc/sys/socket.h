/*
 * Sockets (POSIX.1-2017 <sys/socket.h>). Those of AF_UNIX and SOCK_STREAM can be made; there is no network yet, so the other families are
 * for programs that convert and store addresses. No control data (struct cmsghdr) is sent or received.
 */
#ifndef _SYS_SOCKET_H
#define _SYS_SOCKET_H

#include <sys/types.h>
#include <sys/uio.h>
#include <bits/sa_family.h>

#ifndef _MACHR_MISC
typedef uint32_t socklen_t;		/* else <sys/types.h> has it */
#endif

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#define AF_LOCAL	AF_UNIX
#define PF_UNSPEC	AF_UNSPEC
#define PF_UNIX		AF_UNIX
#define PF_LOCAL	AF_UNIX
#define PF_INET		AF_INET
#define PF_INET6	AF_INET6

/* Kinds, and what may be added to one. */
#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_RDM	4
#define SOCK_SEQPACKET	5
#define SOCK_NONBLOCK	0x0800		/* O_NONBLOCK */
#define SOCK_CLOEXEC	0x80000		/* O_CLOEXEC */

#define SOMAXCONN	128		/* connections that wait to be accepted, at most */

/* Options, of the level SOL_SOCKET. An int, where nothing else is said. */
#define SOL_SOCKET	1
#define SO_DEBUG	1
#define SO_REUSEADDR	2
#define SO_TYPE		3
#define SO_ERROR	4
#define SO_DONTROUTE	5
#define SO_BROADCAST	6
#define SO_SNDBUF	7		/* bytes */
#define SO_RCVBUF	8
#define SO_KEEPALIVE	9
#define SO_OOBINLINE	10
#define SO_LINGER	13		/* struct linger */
#define SO_RCVLOWAT	18		/* bytes */
#define SO_SNDLOWAT	19
#define SO_RCVTIMEO	20		/* struct timeval */
#define SO_SNDTIMEO	21
#define SO_ACCEPTCONN	30
#define SO_PROTOCOL	38
#define SO_DOMAIN	39

/* Flags of messages. */
#define MSG_OOB		0x0001
#define MSG_PEEK	0x0002		/* what is read stays */
#define MSG_DONTROUTE	0x0004
#define MSG_CTRUNC	0x0008		/* seen: there was more control data */
#define MSG_TRUNC	0x0020		/* seen: the message was longer */
#define MSG_DONTWAIT	0x0040
#define MSG_EOR		0x0080
#define MSG_WAITALL	0x0100		/* all that is asked for */
#define MSG_NOSIGNAL	0x4000		/* EPIPE without SIGPIPE */

#define SHUT_RD		0
#define SHUT_WR		1
#define SHUT_RDWR	2

struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};

struct sockaddr_storage {
	sa_family_t ss_family;
	char __room[118];
	uint64_t __aligned;
};

struct linger {
	int l_onoff, l_linger;		/* l_linger: seconds */
};

struct msghdr {
	void *msg_name;			/* an address, NULL: none */
	socklen_t msg_namelen;
	struct iovec *msg_iov;
	int msg_iovlen;
	void *msg_control;
	socklen_t msg_controllen;	/* bytes */
	int msg_flags;			/* of what was received */
};

/* A piece of control data, whose contents follow. */
struct cmsghdr {
	socklen_t cmsg_len;		/* bytes, with this header */
	int cmsg_level, cmsg_type;
};

#define SCM_RIGHTS	1		/* descriptors */

#define __CMSG_ALIGN(size)	(((size) + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1))
#define CMSG_LEN(size)		(__CMSG_ALIGN(sizeof(struct cmsghdr)) + (size))
#define CMSG_SPACE(size)	(__CMSG_ALIGN(sizeof(struct cmsghdr)) + __CMSG_ALIGN(size))
#define CMSG_DATA(cmsg)		((unsigned char *)(cmsg) + __CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_FIRSTHDR(message)  \
	((message)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr *)(message)->msg_control : (struct cmsghdr *)0)
#define __CMSG_LEFT(message, cmsg)	\
	((size_t)((char *)(message)->msg_control + (message)->msg_controllen - (char *)(cmsg)))
#define CMSG_NXTHDR(message, cmsg)                                                                              \
	((cmsg)->cmsg_len < sizeof(struct cmsghdr) ||                                                           \
	__CMSG_ALIGN((size_t)(cmsg)->cmsg_len) + sizeof(struct cmsghdr) > __CMSG_LEFT(message, cmsg)            \
	    ? (struct cmsghdr *)0                                                                               \
	    : (struct cmsghdr *)((char *)(cmsg) + __CMSG_ALIGN((size_t)(cmsg)->cmsg_len)))

int socket(int family, int kind, int protocol);
int socketpair(int family, int kind, int protocol, int fds[2]);
int bind(int fd, const struct sockaddr *address, socklen_t length);
int connect(int fd, const struct sockaddr *address, socklen_t length);
int listen(int fd, int backlog);
int accept(int fd, struct sockaddr *__restrict address, socklen_t *__restrict length);
int getsockname(int fd, struct sockaddr *__restrict address, socklen_t *__restrict length);
int getpeername(int fd, struct sockaddr *__restrict address, socklen_t *__restrict length);
int shutdown(int fd, int how);
int sockatmark(int fd);
int getsockopt(int fd, int level, int option, void *__restrict value, socklen_t *__restrict length);
int setsockopt(int fd, int level, int option, const void *value, socklen_t length);
ssize_t send(int fd, const void *data, size_t size, int flags);
ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *address, socklen_t length);
ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t recv(int fd, void *buffer, size_t size, int flags);
ssize_t recvfrom(int fd, void *__restrict buffer, size_t size, int flags, struct sockaddr *__restrict address,
	socklen_t *__restrict length);
ssize_t recvmsg(int fd, struct msghdr *message, int flags);
#ifdef _MACHR_GNU
int accept4(int fd, struct sockaddr *__restrict address, socklen_t *__restrict length, int flags);
#endif

#endif
