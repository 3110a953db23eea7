/*
 * Addresses of sockets (POSIX.1-2017 <sys/socket.h>): the types and numbers, for programs that convert and store addresses. There is no network
 * yet, so there is no function.
 */
#ifndef _SYS_SOCKET_H
#define _SYS_SOCKET_H

#include <sys/types.h>
#include <bits/sa_family.h>

#ifndef _MACHR_MISC
typedef uint32_t socklen_t;		/* else <sys/types.h> has it */
#endif

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_SEQPACKET	5
#ifdef _MACHR_MISC
#define SOCK_RDM	4
#define AF_LOCAL	AF_UNIX
#define PF_UNSPEC	AF_UNSPEC
#define PF_UNIX		AF_UNIX
#define PF_LOCAL	AF_UNIX
#define PF_INET		AF_INET
#define PF_INET6	AF_INET6
#endif

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
	int l_onoff, l_linger;
};

#endif
