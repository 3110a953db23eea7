/* Addresses of local sockets (POSIX.1-2017 <sys/un.h>): names in the file system. */
#ifndef _SYS_UN_H
#define _SYS_UN_H

#include <bits/features.h>
#include <bits/sa_family.h>
#ifdef _MACHR_MISC
#include <stddef.h>
#include <string.h>
#endif

struct sockaddr_un {
	sa_family_t sun_family;		/* AF_UNIX, of <sys/socket.h> */
	char sun_path[108];
};

#ifdef _MACHR_MISC
/* Bytes of an address whose path ends with a 0, without it. */
#define SUN_LEN(address)	(offsetof(struct sockaddr_un, sun_path) + strlen((address)->sun_path))
#endif

#endif
