/* echo [-n] [word ...]: prints its arguments. */
#include <err.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	int first = 1, newline = 1;

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		newline = 0;
		first = 2;
	}
	for (int i = first; i < argc; i++) {
		if (i > first)
			putchar(' ');
		fputs(argv[i], stdout);
	}
	if (newline)
		putchar('\n');
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "output");
	return 0;
}
