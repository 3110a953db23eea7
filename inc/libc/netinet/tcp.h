/* Options of the level IPPROTO_TCP (POSIX.1-2017 <netinet/tcp.h>). */
#ifndef _NETINET_TCP_H
#define _NETINET_TCP_H

#define TCP_NODELAY	1		/* int: small pieces are sent at once */

#endif
