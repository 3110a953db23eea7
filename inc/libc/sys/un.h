/* Addresses of local sockets (POSIX.1-2017 <sys/un.h>), for programs that store them: there are no sockets. */
#ifndef _SYS_UN_H
#define _SYS_UN_H

#include <sys/socket.h>

struct sockaddr_un {
	sa_family_t sun_family;		/* AF_UNIX */
	char sun_path[108];
};

#endif
