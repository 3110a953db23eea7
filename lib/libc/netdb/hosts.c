/*
 * Machines: the lines of /etc/hosts, `address name alias ...`. The functions of old know IPv4 by name, and say why not in h_errno.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "table.h"

static FILE *hosts;			/* of gethostent */
static struct table_line line;
static struct host_address address;
static char *addresses[2] = {(char *)address.bytes, NULL}, *no_alias[1];
static struct hostent host;

static int
size_of(int family)
{
	return family == AF_INET ? (int)sizeof(struct in_addr) : (int)sizeof(struct in6_addr);
}

bool
__host_address(const char *text, bool any_form, struct host_address *to)
{
	to->family = AF_INET;
	if (any_form ? inet_aton(text, (struct in_addr *)to->bytes) : inet_pton(AF_INET, text, to->bytes) == 1)
		return true;
	to->family = AF_INET6;
	return inet_pton(AF_INET6, text, to->bytes) == 1;
}

/* Names of machines are the same in capitals (RFC 952). */
static bool
has_name(char *const *words, const char *name)
{
	for (; *words != NULL; words++)
		if (strcasecmp(*words, name) == 0)
			return true;
	return false;
}

int
__host_search(const char *name, int family, struct host_address *found, int most, char *canonical)
{
	FILE *file = fopen(_PATH_HOSTS, "re");
	struct table_line one;
	int n = 0;

	if (file == NULL)
		return 0;
	while (n < most && __table_next(file, &one)) {
		if (!has_name(one.words + 1, name) || !__host_address(one.words[0], false, &found[n]) ||
		    (family != AF_UNSPEC && found[n].family != family))
			continue;
		if (n++ == 0)
			strcpy(canonical, one.words[1]);
	}
	fclose(file);
	return n;
}

bool
__host_name(const struct host_address *of, char *name)
{
	FILE *file = fopen(_PATH_HOSTS, "re");
	struct table_line one;
	struct host_address its;
	bool found = false;

	if (file == NULL)
		return false;
	while (!found && __table_next(file, &one)) {
		found = __host_address(one.words[0], false, &its) && its.family == of->family &&
			memcmp(its.bytes, of->bytes, (size_t)size_of(of->family)) == 0;
		if (found)
			strcpy(name, one.words[1]);
	}
	fclose(file);
	return found;
}

void
sethostent(int stay_open)
{
	(void)stay_open;
	if (hosts == NULL)
		hosts = fopen(_PATH_HOSTS, "re");
	else
		rewind(hosts);
}

void
endhostent(void)
{
	if (hosts != NULL)
		fclose(hosts);
	hosts = NULL;
}

/* The static answer: `address` with these names. */
static struct hostent *
answer(char *name, char **aliases)
{
	host = (struct hostent){name, aliases, address.family, size_of(address.family), addresses};
	return &host;
}

struct hostent *
gethostent(void)
{
	if (hosts == NULL)
		sethostent(1);
	while (hosts != NULL && __table_next(hosts, &line))
		if (__host_address(line.words[0], false, &address))
			return answer(line.words[1], line.words + 2);
	h_errno = HOST_NOT_FOUND;
	return NULL;
}

/* The first line that fits, by gethostent and with its end. */
struct hostent *
gethostbyname(const char *name)
{
	struct hostent *found;

	if (__host_address(name, true, &address) && address.family == AF_INET) {
		snprintf(line.text, sizeof(line.text), "%s", name);
		return answer(line.text, no_alias);
	}
	sethostent(1);
	while ((found = gethostent()) != NULL)
		if (found->h_addrtype == AF_INET && has_name(line.words + 1, name))
			break;
	endhostent();
	return found;
}

struct hostent *
gethostbyaddr(const void *of, socklen_t length, int family)
{
	struct hostent *found;

	if ((family != AF_INET && family != AF_INET6) || length < (socklen_t)size_of(family)) {
		errno = family == AF_INET || family == AF_INET6 ? EINVAL : EAFNOSUPPORT;
		h_errno = NO_RECOVERY;
		return NULL;
	}
	sethostent(1);
	while ((found = gethostent()) != NULL)
		if (found->h_addrtype == family && memcmp(address.bytes, of, (size_t)found->h_length) == 0)
			break;
	endhostent();
	return found;
}
