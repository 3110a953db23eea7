/* GNU's basename; POSIX's is in misc. */
#define _GNU_SOURCE
#include <string.h>

char *
basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (char *)(slash != NULL ? slash + 1 : path);
}
