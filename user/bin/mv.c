/* mv file... target: gives files another name, or moves them into a directory of the same file system. */
#include "targets.h"

static int
move(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return 0;
	fprintf(stderr, "mv: %s to %s: %s\n", from, to, strerror(errno));
	return 1;
}

int
main(int argc, char **argv)
{
	return for_each_target("mv", argc, argv, move);
}
