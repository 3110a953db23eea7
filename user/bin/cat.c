/* cat [file ...]: copies files, or its input, to its output. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 * 1024)

static char buffer[PIECE];

static int
write_all(const char *data, ssize_t size)
{
	while (size > 0) {
		ssize_t n = write(1, data, size);

		if (n <= 0) {
			perror("cat: write");
			return 1;
		}
		data += n;
		size -= n;
	}
	return 0;
}

static int
copy(int fd, const char *name)
{
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		if (write_all(buffer, n) != 0)
			return 1;
	if (n < 0)
		fprintf(stderr, "cat: %s: %s\n", name, strerror(errno));
	return n < 0;
}

static int
copy_file(const char *name)
{
	int fd = open(name, O_RDONLY), status;

	if (fd < 0) {
		fprintf(stderr, "cat: %s: %s\n", name, strerror(errno));
		return 1;
	}
	status = copy(fd, name);
	close(fd);
	return status;
}

int
main(int argc, char **argv)
{
	int status = 0;

	if (argc == 1)
		return copy(0, "standard input");
	for (int i = 1; i < argc; i++)
		status |= strcmp(argv[i], "-") == 0 ? copy(0, "standard input") : copy_file(argv[i]);
	return status;
}
