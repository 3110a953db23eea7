/*
 * Names of machines, services and protocols (POSIX.1-2017 <netdb.h>), as far as they need no network: what stands in /etc/hosts, /etc/services
 * and /etc/protocols, and addresses and ports that are written as numbers. Functions without a thread's own result use one static place each.
 */
#ifndef _NETDB_H
#define _NETDB_H

#include <bits/features.h>
#include <netinet/in.h>

#define _PATH_HOSTS	"/etc/hosts"
#define _PATH_SERVICES	"/etc/services"
#define _PATH_PROTOCOLS	"/etc/protocols"

#define IPPORT_RESERVED	1024		/* ports below it are for those who may */

struct hostent {
	char *h_name, **h_aliases;
	int h_addrtype, h_length;
	char **h_addr_list;		/* addresses in network order, then NULL */
};

struct netent {
	char *n_name, **n_aliases;
	int n_addrtype;
	uint32_t n_net;
};

struct protoent {
	char *p_name, **p_aliases;
	int p_proto;
};

struct servent {
	char *s_name, **s_aliases;
	int s_port;			/* the most significant byte first */
	char *s_proto;
};

struct addrinfo {
	int ai_flags, ai_family, ai_socktype, ai_protocol;
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname;		/* of the first only */
	struct addrinfo *ai_next;
};

/* For ai_flags. */
#define AI_PASSIVE	0x01
#define AI_CANONNAME	0x02
#define AI_NUMERICHOST	0x04
#define AI_V4MAPPED	0x08
#define AI_ALL		0x10
#define AI_ADDRCONFIG	0x20
#define AI_NUMERICSERV	0x400

/* For getnameinfo. */
#define NI_NUMERICHOST	0x01
#define NI_NUMERICSERV	0x02
#define NI_NOFQDN	0x04
#define NI_NAMEREQD	0x08
#define NI_DGRAM	0x10
#define NI_NUMERICSCOPE	0x20

#define EAI_BADFLAGS	(-1)
#define EAI_NONAME	(-2)
#define EAI_AGAIN	(-3)
#define EAI_FAIL	(-4)
#define EAI_FAMILY	(-6)
#define EAI_SOCKTYPE	(-7)
#define EAI_SERVICE	(-8)
#define EAI_MEMORY	(-10)
#define EAI_SYSTEM	(-11)		/* errno says more */
#define EAI_OVERFLOW	(-12)

int getaddrinfo(const char *__restrict node, const char *__restrict service, const struct addrinfo *__restrict hints,
	struct addrinfo **__restrict result);
void freeaddrinfo(struct addrinfo *list);
int getnameinfo(const struct sockaddr *__restrict address, socklen_t length, char *__restrict node, socklen_t node_size,
	char *__restrict service, socklen_t service_size, int flags);
const char *gai_strerror(int error);

void sethostent(int stay_open);
struct hostent *gethostent(void);
void endhostent(void);
struct hostent *gethostbyname(const char *name);
struct hostent *gethostbyaddr(const void *address, socklen_t length, int family);

void setservent(int stay_open);
struct servent *getservent(void);
void endservent(void);
struct servent *getservbyname(const char *name, const char *protocol);	/* protocol NULL: any */
struct servent *getservbyport(int port, const char *protocol);

void setprotoent(int stay_open);
struct protoent *getprotoent(void);
void endprotoent(void);
struct protoent *getprotobyname(const char *name);
struct protoent *getprotobynumber(int number);

#ifdef _MACHR_MISC
#define h_addr		h_addr_list[0]
#define EAI_NODATA	(-5)
#define EAI_ADDRFAMILY	(-9)
#define NI_MAXHOST	1025
#define NI_MAXSERV	32

/* Why gethostbyname and gethostbyaddr gave NULL. */
extern int h_errno;
#define HOST_NOT_FOUND	1
#define TRY_AGAIN	2
#define NO_RECOVERY	3
#define NO_DATA		4
#define NO_ADDRESS	NO_DATA

const char *hstrerror(int error);
void herror(const char *text);
#endif

#endif
