/* Protocols: the lines of /etc/protocols, `name number alias ...`. */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static FILE *protocols;			/* of getprotoent */
static struct table_line line;
static struct protoent protocol;

void
setprotoent(int stay_open)
{
	(void)stay_open;
	if (protocols == NULL)
		protocols = fopen(_PATH_PROTOCOLS, "re");
	else
		rewind(protocols);
}

void
endprotoent(void)
{
	if (protocols != NULL)
		fclose(protocols);
	protocols = NULL;
}

struct protoent *
getprotoent(void)
{
	char *end;

	if (protocols == NULL)
		setprotoent(1);
	while (protocols != NULL && __table_next(protocols, &line)) {
		protocol = (struct protoent){line.words[0], line.words + 2, (int)strtol(line.words[1], &end, 10)};
		if (end != line.words[1] && *end == '\0')
			return &protocol;
	}
	return NULL;
}

struct protoent *
getprotobyname(const char *name)
{
	struct protoent *found;

	setprotoent(1);
	while ((found = getprotoent()) != NULL)
		if (strcmp(found->p_name, name) == 0 || __table_has(found->p_aliases, name))
			break;
	endprotoent();
	return found;
}

struct protoent *
getprotobynumber(int number)
{
	struct protoent *found;

	setprotoent(1);
	while ((found = getprotoent()) != NULL)
		if (found->p_proto == number)
			break;
	endprotoent();
	return found;
}
