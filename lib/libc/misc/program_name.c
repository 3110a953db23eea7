/* The program's name, from argv[0]: for messages of err, error and getopt, and for programs that ask (GNU; __progname: BSD). */
#include <string.h>

#include "program_name.h"

static char unknown[] = "?";

char *__program_path = unknown, *__program_last = unknown;

extern char *program_invocation_name __attribute__((__weak__, __alias__("__program_path")));
extern char *__progname __attribute__((__weak__, __alias__("__program_last")));
extern char *program_invocation_short_name __attribute__((__weak__, __alias__("__program_last")));

void
__program_name_set(char *path)
{
	char *slash = strrchr(path, '/');

	__program_path = path;
	__program_last = slash != NULL ? slash + 1 : path;
}

const char *
__program_name(void)
{
	return __program_last;
}
