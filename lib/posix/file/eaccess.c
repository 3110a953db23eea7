/* access by the effective ids (GNU and BSD). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int
eaccess(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

int
euidaccess(const char *path, int mode)
{
	return eaccess(path, mode);
}
