/*
 * Addresses for a machine and a service (POSIX.1-2017 getaddrinfo): for each address one result per kind of socket. Who is asked for nothing
 * gets all three kinds, as raw sockets have no services only where no service is named.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define MOST	16			/* addresses of a name */
#define FLAGS	(AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG | AI_NUMERICSERV)

static const struct kind {
	int type, protocol;
	const char *name;		/* in /etc/services */
} kinds[] = {
	{SOCK_STREAM, IPPROTO_TCP, "tcp"},
	{SOCK_DGRAM, IPPROTO_UDP, "udp"},
	{SOCK_RAW, 0, NULL},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct result {
	struct addrinfo info;
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address;
};

static bool
wanted(const struct kind *kind, const struct addrinfo *hints)
{
	return (hints->ai_socktype == 0 || hints->ai_socktype == kind->type) &&
		(hints->ai_protocol == 0 || kind->protocol == 0 || hints->ai_protocol == kind->protocol);
}

/* The ports of a service by kind, -1 where there is none. 0, or an error. */
static int
find_ports(const char *service, const struct addrinfo *hints, int *ports)
{
	bool kind_found = false, port_found = false;
	char *end = NULL;
	unsigned long number = service != NULL ? strtoul(service, &end, 10) : 0;
	bool numeric = service == NULL || (end != service && *end == '\0' && *service >= '0' && *service <= '9');

	if (numeric && number > 65535)
		return EAI_SERVICE;
	if (!numeric && (hints->ai_flags & AI_NUMERICSERV))
		return EAI_NONAME;
	for (size_t i = 0; i < KINDS; i++) {
		ports[i] = -1;
		if (!wanted(&kinds[i], hints))
			continue;
		kind_found = true;
		if (numeric)
			ports[i] = htons((uint16_t)number);
		else if (kinds[i].name != NULL)
			ports[i] = __service_port(service, kinds[i].name);
		port_found |= ports[i] >= 0;
	}
	if (!kind_found)
		return EAI_SOCKTYPE;
	return port_found ? 0 : EAI_SERVICE;
}

/* The addresses of this machine: of all its networks if `passive`. */
static int
own_addresses(bool passive, int family, struct host_address *found)
{
	static const struct host_address in6 = {AF_INET6, {[15] = 1}}, in = {AF_INET, {127, 0, 0, 1}}, any = {AF_INET, {0}}, any6 = {AF_INET6, {0}};
	int n = 0;

	if (passive && family != AF_INET6)
		found[n++] = any;
	if (family != AF_INET)
		found[n++] = passive ? any6 : in6;
	if (!passive && family != AF_INET6)
		found[n++] = in;
	return n;
}

/* An address of IPv4 as one of IPv6, ::ffff:a.b.c.d. */
static void
map(struct host_address *address)
{
	if (address->family != AF_INET)
		return;
	memmove(address->bytes + 12, address->bytes, 4);
	memset(address->bytes, 0, 10);
	memset(address->bytes + 10, 0xff, 2);
	address->family = AF_INET6;
}

/* By name, with the rule of AI_V4MAPPED. */
static int
search(const char *node, const struct addrinfo *hints, struct host_address *found, char *canonical)
{
	bool mapped = hints->ai_family == AF_INET6 && (hints->ai_flags & AI_V4MAPPED);
	int n = mapped && (hints->ai_flags & AI_ALL) ? 0 : __host_search(node, hints->ai_family, found, MOST, canonical);

	if (n == 0 && mapped)
		n = __host_search(node, AF_UNSPEC, found, MOST, canonical);
	for (int i = 0; i < n && mapped; i++)
		map(&found[i]);
	return n;
}

/* Returns how many addresses there are, or an error, which is negative. */
static int
find_addresses(const char *node, const struct addrinfo *hints, struct host_address *found, char *canonical)
{
	int n;

	if (node == NULL)
		return own_addresses(hints->ai_flags & AI_PASSIVE, hints->ai_family, found);
	if (__host_address(node, true, found)) {
		if (hints->ai_family == AF_INET6 && (hints->ai_flags & AI_V4MAPPED))
			map(found);
		snprintf(canonical, TABLE_LINE, "%s", node);
		return hints->ai_family == AF_UNSPEC || hints->ai_family == found->family ? 1 : EAI_ADDRFAMILY;
	}
	if (hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	n = search(node, hints, found, canonical);
	return n > 0 ? n : EAI_NONAME;
}

static struct addrinfo *
make_result(const struct host_address *from, const struct kind *kind, int port, const struct addrinfo *hints)
{
	struct result *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return NULL;
	made->info = (struct addrinfo){hints->ai_flags, from->family, kind->type, kind->protocol != 0 ? kind->protocol : hints->ai_protocol,
		from->family == AF_INET ? sizeof(made->address.in) : sizeof(made->address.in6), (struct sockaddr *)&made->address, NULL, NULL};
	if (from->family == AF_INET) {
		made->address.in.sin_family = AF_INET;
		made->address.in.sin_port = (in_port_t)port;
		memcpy(&made->address.in.sin_addr, from->bytes, sizeof(struct in_addr));
	} else {
		made->address.in6.sin6_family = AF_INET6;
		made->address.in6.sin6_port = (in_port_t)port;
		memcpy(&made->address.in6.sin6_addr, from->bytes, sizeof(struct in6_addr));
	}
	return &made->info;
}

static int
check(const char *node, const char *service, const struct addrinfo *hints)
{
	if (node == NULL && service == NULL)
		return EAI_NONAME;
	if ((hints->ai_flags & ~FLAGS) || ((hints->ai_flags & AI_CANONNAME) && node == NULL))
		return EAI_BADFLAGS;
	if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET && hints->ai_family != AF_INET6)
		return EAI_FAMILY;
	return 0;
}

int
getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict given, struct addrinfo **restrict result)
{
	static const struct addrinfo none;
	const struct addrinfo *hints = given != NULL ? given : &none;
	struct host_address found[MOST];
	char canonical[TABLE_LINE];
	struct addrinfo *first = NULL, **last = &first;
	int ports[KINDS], n, error = check(node, service, hints);

	if (error != 0 || (error = find_ports(service, hints, ports)) != 0)
		return error;
	if ((n = find_addresses(node, hints, found, canonical)) < 0)
		return n;
	for (size_t i = 0; i < (size_t)n * KINDS; i++) {
		const struct kind *kind = &kinds[i % KINDS];

		if (ports[i % KINDS] < 0)
			continue;
		if ((*last = make_result(&found[i / KINDS], kind, ports[i % KINDS], hints)) == NULL)
			goto no_memory;
		last = &(*last)->ai_next;
	}
	if ((hints->ai_flags & AI_CANONNAME) && (first->ai_canonname = strdup(canonical)) == NULL)
		goto no_memory;
	*result = first;
	return 0;
no_memory:
	freeaddrinfo(first);
	return EAI_MEMORY;
}

void
freeaddrinfo(struct addrinfo *list)
{
	while (list != NULL) {
		struct addrinfo *next = list->ai_next;

		free(list->ai_canonname);
		free(list);
		list = next;
	}
}
