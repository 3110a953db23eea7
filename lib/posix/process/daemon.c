#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <unistd.h>

/* The child goes on, in a session of its own without a terminal. */
int
daemon(int nochdir, int noclose)
{
	pid_t pid = fork();
	int fd;

	if (pid < 0)
		return -1;
	if (pid > 0)
		_exit(0);
	if (setsid() < 0 || (!nochdir && chdir("/") < 0))
		return -1;
	if (noclose)
		return 0;
	fd = open("/dev/null", O_RDWR);
	if (fd < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			return -1;
	return fd > 2 ? close(fd) : 0;
}
