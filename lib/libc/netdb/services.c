/* Services: the lines of /etc/services, `name port/protocol alias ...`. */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static FILE *services;			/* of getservent */
static struct table_line line;
static struct servent service;

/* What a line says; false: it is none of a service. */
static bool
parse(struct table_line *one, struct servent *entry)
{
	char *end;
	unsigned long port = strtoul(one->words[1], &end, 10);

	if (end == one->words[1] || *end != '/' || port > 65535)
		return false;
	*entry = (struct servent){one->words[0], one->words + 2, htons((uint16_t)port), end + 1};
	return true;
}

/* The next one with this name (or any) and this protocol (or any). */
static bool
next(FILE *file, const char *name, const char *protocol, struct table_line *one, struct servent *entry)
{
	while (file != NULL && __table_next(file, one))
		if (parse(one, entry) && (protocol == NULL || strcmp(entry->s_proto, protocol) == 0) &&
		    (name == NULL || strcmp(entry->s_name, name) == 0 || __table_has(entry->s_aliases, name)))
			return true;
	return false;
}

int
__service_port(const char *name, const char *protocol)
{
	FILE *file = fopen(_PATH_SERVICES, "re");
	struct table_line one;
	struct servent entry;
	bool found = next(file, name, protocol, &one, &entry);

	if (file != NULL)
		fclose(file);
	return found ? entry.s_port : -1;
}

bool
__service_name(int port, const char *protocol, char *name)
{
	FILE *file = fopen(_PATH_SERVICES, "re");
	struct table_line one;
	struct servent entry;
	bool found = false;

	while (!found && next(file, NULL, protocol, &one, &entry))
		found = entry.s_port == port;
	if (found)
		strcpy(name, entry.s_name);
	if (file != NULL)
		fclose(file);
	return found;
}

void
setservent(int stay_open)
{
	(void)stay_open;
	if (services == NULL)
		services = fopen(_PATH_SERVICES, "re");
	else
		rewind(services);
}

void
endservent(void)
{
	if (services != NULL)
		fclose(services);
	services = NULL;
}

struct servent *
getservent(void)
{
	if (services == NULL)
		setservent(1);
	return next(services, NULL, NULL, &line, &service) ? &service : NULL;
}

struct servent *
getservbyname(const char *name, const char *protocol)
{
	bool found;

	setservent(1);
	found = next(services, name, protocol, &line, &service);
	endservent();
	return found ? &service : NULL;
}

struct servent *
getservbyport(int port, const char *protocol)
{
	bool found = false;

	setservent(1);
	while (!found && next(services, NULL, protocol, &line, &service))
		found = service.s_port == port;
	endservent();
	return found ? &service : NULL;
}
