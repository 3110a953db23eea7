/*
 * Names of machines, services and protocols, from the tables on disk and from numbers, without a network.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#include "check.h"

static void
by_name(void)
{
	struct hostent *host = gethostbyname("LocalHost");
	struct in_addr loopback = {htonl(INADDR_LOOPBACK)};

	CHECK(host != NULL && strcmp(host->h_name, "localhost") == 0 && host->h_addrtype == AF_INET && host->h_length == 4);
	CHECK(host != NULL && memcmp(host->h_addr, &loopback, 4) == 0 && host->h_addr_list[1] == NULL && host->h_aliases[0] == NULL);
	host = gethostbyname("10.9.8.7");
	CHECK(host != NULL && strcmp(inet_ntoa(*(struct in_addr *)host->h_addr), "10.9.8.7") == 0);
	CHECK(gethostbyname("nobody.invalid") == NULL);
	EQUAL(h_errno, HOST_NOT_FOUND);
	EQUAL(strcmp(hstrerror(h_errno), "Unknown host"), 0);
	host = gethostbyaddr(&loopback, 4, AF_INET);
	CHECK(host != NULL && strcmp(host->h_name, "localhost") == 0);
	CHECK(gethostbyaddr(&loopback, 4, AF_UNIX) == NULL);
	EQUAL(h_errno, NO_RECOVERY);
	sethostent(0);
	CHECK(gethostent() != NULL && gethostent() != NULL);
	endhostent();
}

static void
services_and_protocols(void)
{
	struct servent *service = getservbyname("www", "tcp");
	struct protoent *protocol = getprotobyname("UDP");

	CHECK(service != NULL && strcmp(service->s_name, "http") == 0 && ntohs((uint16_t)service->s_port) == 80);
	CHECK(service != NULL && strcmp(service->s_aliases[0], "www") == 0 && strcmp(service->s_proto, "tcp") == 0);
	service = getservbyport(htons(53), "udp");
	CHECK(service != NULL && strcmp(service->s_name, "domain") == 0 && strcmp(service->s_proto, "udp") == 0);
	CHECK(getservbyname("http", "udp") == NULL && getservbyname("nothing", NULL) == NULL && getservbyport(htons(1), NULL) == NULL);
	CHECK(protocol != NULL && protocol->p_proto == IPPROTO_UDP && strcmp(protocol->p_name, "udp") == 0);
	protocol = getprotobynumber(IPPROTO_TCP);
	CHECK(protocol != NULL && strcmp(protocol->p_name, "tcp") == 0);
	CHECK(getprotobynumber(254) == NULL && getprotobyname("none") == NULL);
	CHECK(getservent() != NULL && getprotoent() != NULL);
	endservent();
	endprotoent();
}

/* The first result in words: address, port, type; and how many there are. */
static int
asked(const char *node, const char *service, int flags, int family, int type, char *text)
{
	struct addrinfo hints = {.ai_flags = flags, .ai_family = family, .ai_socktype = type}, *list, *one;
	char host[NI_MAXHOST], port[NI_MAXSERV];
	int n = 0, error = getaddrinfo(node, service, &hints, &list);

	*text = '\0';
	if (error != 0)
		return error;
	EQUAL(getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV), 0);
	sprintf(text, "%s %s %d%s%s", host, port, list->ai_socktype, list->ai_canonname ? " " : "", list->ai_canonname ? list->ai_canonname : "");
	for (one = list; one != NULL; one = one->ai_next)
		n++;
	freeaddrinfo(list);
	return n;
}

#define ASKED(count, words, node, service, flags, family, type) \
	do { \
		char text[TEXT]; \
		EQUAL(asked(node, service, flags, family, type, text), count); \
		if (strcmp(text, words) != 0) \
			printf("%s\n", text); \
		CHECK(strcmp(text, words) == 0); \
	} while (0)
#define TEXT 2000

static void
addresses(void)
{
	ASKED(1, "127.0.0.1 80 1", "localhost", "http", 0, AF_INET, SOCK_STREAM);
	ASKED(2, "127.0.0.1 53 1", "localhost", "domain", 0, AF_INET, 0);
	ASKED(3, "10.1.2.3 8080 1 10.1.2.3", "10.1.2.3", "8080", AI_CANONNAME, AF_UNSPEC, 0);
	ASKED(1, "fe80::1 0 2", "fe80::1", NULL, AI_NUMERICHOST, AF_UNSPEC, SOCK_DGRAM);
	ASKED(2, "::1 7 1", NULL, "7", 0, AF_UNSPEC, SOCK_STREAM);
	ASKED(2, "0.0.0.0 7 1", NULL, "7", AI_PASSIVE, AF_UNSPEC, SOCK_STREAM);
	ASKED(1, "::ffff:127.0.0.1 7 1", "localhost", "7", AI_V4MAPPED, AF_INET6, SOCK_STREAM);
	ASKED(EAI_NONAME, "", "localhost", NULL, AI_NUMERICHOST, AF_UNSPEC, 0);
	ASKED(EAI_NONAME, "", "nobody.invalid", NULL, 0, AF_UNSPEC, 0);
	ASKED(EAI_NONAME, "", "localhost", "http", AI_NUMERICSERV, AF_UNSPEC, 0);
	ASKED(EAI_NONAME, "", NULL, NULL, 0, AF_UNSPEC, 0);
	ASKED(EAI_SERVICE, "", "localhost", "http", 0, AF_UNSPEC, SOCK_DGRAM);
	ASKED(EAI_ADDRFAMILY, "", "::1", NULL, 0, AF_INET, 0);
	ASKED(EAI_BADFLAGS, "", NULL, "7", AI_CANONNAME, AF_UNSPEC, 0);
	ASKED(EAI_FAMILY, "", "localhost", NULL, 0, AF_UNIX, 0);
	ASKED(EAI_SOCKTYPE, "", "localhost", NULL, 0, AF_UNSPEC, SOCK_SEQPACKET);
	EQUAL(strcmp(gai_strerror(EAI_NONAME), "Name or service not known"), 0);
}

static void
names(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(443), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr *address = (struct sockaddr *)&in;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	EQUAL(getnameinfo(address, sizeof(in), host, sizeof(host), port, sizeof(port), 0), 0);
	CHECK(strcmp(host, "localhost") == 0 && strcmp(port, "https") == 0);
	EQUAL(getnameinfo(address, sizeof(in), host, 3, NULL, 0, 0), EAI_OVERFLOW);
	EQUAL(getnameinfo(address, sizeof(in), NULL, 0, NULL, 0, 0), EAI_NONAME);
	EQUAL(getnameinfo(address, 4, host, sizeof(host), NULL, 0, 0), EAI_FAMILY);
	in.sin_addr.s_addr = htonl(0x01020304);
	EQUAL(getnameinfo(address, sizeof(in), host, sizeof(host), NULL, 0, NI_NAMEREQD), EAI_NONAME);
	EQUAL(getnameinfo(address, sizeof(in), host, sizeof(host), NULL, 0, 0), 0);
	EQUAL(strcmp(host, "1.2.3.4"), 0);
}

int
main(void)
{
	by_name();
	services_and_protocols();
	addresses();
	names();
	return check_report("netdb");
}
