/* Byte order and addresses of the Internet (POSIX.1-2017 <arpa/inet.h>), as far as they need no network. */
#ifndef _ARPA_INET_H
#define _ARPA_INET_H

#include <netinet/in.h>

in_addr_t inet_addr(const char *text);
char *inet_ntoa(struct in_addr address);
int inet_pton(int family, const char *__restrict text, void *__restrict address);
const char *inet_ntop(int family, const void *__restrict address, char *__restrict text, socklen_t size);
#ifdef _MACHR_MISC
int inet_aton(const char *text, struct in_addr *address);
#endif

#endif
