/* cp file... target: copies files, into a directory under their own names. */
#include <fcntl.h>
#include <unistd.h>

#include "targets.h"

static char buffer[64 * 1024];

static int
copy_bytes(int in, int out, const char *from, const char *to)
{
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0, part; done < n; done += part) {
			part = write(out, buffer + done, (size_t)(n - done));
			if (part < 0)
				return complain("cp", to, errno);
		}
	return n < 0 ? complain("cp", from, errno) : 0;
}

static int
copy(const char *from, const char *to)
{
	struct stat source, target;
	int in = open(from, O_RDONLY), out, status;

	if (in < 0)
		return complain("cp", from, errno);
	if (fstat(in, &source) != 0) {
		status = complain("cp", from, errno);
	} else if (S_ISDIR(source.st_mode)) {
		status = complain("cp", from, EISDIR);
	} else if (stat(to, &target) == 0 && target.st_dev == source.st_dev && target.st_ino == source.st_ino) {
		status = complain("cp", to, EEXIST);
	} else if ((out = open(to, O_WRONLY | O_CREAT | O_TRUNC, source.st_mode & 0777)) < 0) {
		status = complain("cp", to, errno);
	} else {
		status = copy_bytes(in, out, from, to);
		if (close(out) != 0)
			status = complain("cp", to, errno);
	}
	close(in);
	return status;
}

int
main(int argc, char **argv)
{
	return for_each_target("cp", argc, argv, copy);
}
