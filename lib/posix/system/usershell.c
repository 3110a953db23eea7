/* The shells that users may have (BSD): the lines of /etc/shells that are paths. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "database.h"

static FILE *file;
static bool began;			/* and without a file, told of the one shell */

char *
getusershell(void)
{
	static char line[PATH_MAX];
	int got;

	if (!began) {
		began = true;
		file = fopen("/etc/shells", "re");
		if (file == NULL)
			return strcpy(line, "/bin/sh");
	}
	while (file != NULL && (got = __database_line(file, line, sizeof(line))) != 0) {
		line[strcspn(line, "# \t")] = '\0';
		if (got > 0 && line[0] == '/')
			return line;
	}
	return NULL;
}

void
endusershell(void)
{
	if (file != NULL)
		fclose(file);
	file = NULL;
	began = false;
}

void
setusershell(void)
{
	endusershell();
}
