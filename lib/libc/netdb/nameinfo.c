/* The names of an address and of a port (POSIX.1-2017 getnameinfo). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

#define FLAGS	(NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD | NI_DGRAM | NI_NUMERICSCOPE)

/* 0, or the error for what does not fit. */
static int
put(const char *text, char *to, socklen_t size)
{
	return snprintf(to, size, "%s", text) < (int)size ? 0 : EAI_OVERFLOW;
}

static int
put_host(const struct host_address *address, char *to, socklen_t size, int flags)
{
	char name[TABLE_LINE];

	if (!(flags & NI_NUMERICHOST) && __host_name(address, name))
		return put(name, to, size);
	if (flags & NI_NAMEREQD)
		return EAI_NONAME;
	return inet_ntop(address->family, address->bytes, to, size) != NULL ? 0 : EAI_OVERFLOW;
}

static int
put_service(int port, char *to, socklen_t size, int flags)
{
	char name[TABLE_LINE];

	if ((flags & NI_NUMERICSERV) || !__service_name(port, flags & NI_DGRAM ? "udp" : "tcp", name))
		sprintf(name, "%u", ntohs((uint16_t)port));
	return put(name, to, size);
}

int
getnameinfo(const struct sockaddr *restrict from, socklen_t length, char *restrict node, socklen_t node_size, char *restrict service,
	socklen_t service_size, int flags)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
	struct host_address address = {.family = from->sa_family};
	bool node_wanted = node != NULL && node_size > 0, service_wanted = service != NULL && service_size > 0;
	int error = 0;

	if (flags & ~FLAGS)
		return EAI_BADFLAGS;
	if (!node_wanted && !service_wanted)
		return EAI_NONAME;
	if (from->sa_family == AF_INET && length >= sizeof(*in))
		memcpy(address.bytes, &in->sin_addr, sizeof(in->sin_addr));
	else if (from->sa_family == AF_INET6 && length >= sizeof(*in6))
		memcpy(address.bytes, &in6->sin6_addr, sizeof(in6->sin6_addr));
	else
		return EAI_FAMILY;
	if (node_wanted)
		error = put_host(&address, node, node_size, flags);
	if (error == 0 && service_wanted)
		error = put_service(from->sa_family == AF_INET ? in->sin_port : in6->sin6_port, service, service_size, flags);
	return error;
}
