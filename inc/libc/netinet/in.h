/* Addresses of the Internet (POSIX.1-2017 <netinet/in.h>), as far as they need no network. */
#ifndef _NETINET_IN_H
#define _NETINET_IN_H

#include <bits/features.h>
#include <stdint.h>

typedef uint16_t in_port_t;
typedef uint32_t in_addr_t;

struct in_addr {
	in_addr_t s_addr;		/* the most significant byte first */
};

#define INADDR_ANY		((in_addr_t)0)
#define INADDR_LOOPBACK		((in_addr_t)0x7f000001)
#define INADDR_BROADCAST	((in_addr_t)0xffffffff)
#define INADDR_NONE		((in_addr_t)0xffffffff)
#define INET_ADDRSTRLEN		16

/* Between this machine's byte order and the network's. */
uint32_t htonl(uint32_t host);
uint16_t htons(uint16_t host);
uint32_t ntohl(uint32_t net);
uint16_t ntohs(uint16_t net);

#endif
