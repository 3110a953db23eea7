/* The name of who logged in (POSIX.1-2017 getlogin): of the real user, since there are no accounts of sessions. */
#define _GNU_SOURCE
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

int
getlogin_r(char *name, size_t size)
{
	char buffer[512];
	struct passwd entry, *found;
	int saved = errno, error = getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found);

	errno = saved;
	if (error != 0)
		return error;
	if (found == NULL)
		return ENXIO;
	if (strlen(entry.pw_name) >= size)
		return ERANGE;
	strcpy(name, entry.pw_name);
	return 0;
}

char *
getlogin(void)
{
	static char name[64];
	int error = getlogin_r(name, sizeof(name));

	if (error == 0)
		return name;
	errno = error;
	return NULL;
}
