/* A line from the terminal that does not show (System V getpass): NULL when there is none. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Reads up to a newline, which is not kept; what is too long is dropped. Returns the length, -1: nothing more comes. */
static ssize_t
read_line(int fd, char *line, size_t size)
{
	size_t used = 0;
	ssize_t n;
	char c;

	while ((n = read(fd, &c, 1)) == 1 && c != '\n')
		if (used + 1 < size)
			line[used++] = c;
	line[used] = 0;
	return n < 0 || (n == 0 && used == 0) ? -1 : (ssize_t)used;
}

char *
getpass(const char *prompt)
{
	static char line[128];
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios usual, quiet;
	ssize_t length = -1;

	if (fd < 0)
		return NULL;
	if (tcgetattr(fd, &usual) == 0) {
		quiet = usual;
		quiet.c_lflag = (quiet.c_lflag & ~(tcflag_t)(ECHO | ISIG)) | ICANON;
		tcsetattr(fd, TCSAFLUSH, &quiet);
		if (write(fd, prompt, strlen(prompt)) >= 0)
			length = read_line(fd, line, sizeof(line));
		tcsetattr(fd, TCSAFLUSH, &usual);
		if (write(fd, "\n", 1) < 0)
			length = -1;
	}
	close(fd);
	return length < 0 ? NULL : line;
}
