/* The program's name, from argv[0]: for messages of err, getopt. */
#include <string.h>

#include "program_name.h"

static const char *name = "?";

void
__program_name_set(const char *path)
{
	const char *slash = strrchr(path, '/');

	name = slash != NULL ? slash + 1 : path;
}

const char *
__program_name(void)
{
	return name;
}
