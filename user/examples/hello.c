/*
 * The smallest program, and what every program is given: arguments, environment, descriptors.
 *
 *	msh$ /examples/hello one two
 */
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	printf("hello, world\n");
	for (int i = 1; i < argc; i++)
		printf("argument %d is \"%s\"\n", i, argv[i]);
	if (isatty(STDOUT_FILENO))
		printf("this goes to %s\n", ttyname(STDOUT_FILENO));
	return 0;
}
