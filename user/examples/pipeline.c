/*
 * What a shell does for `words | sort | count`: three processes, two pipes.
 *
 *	parent --fork--> words ==pipe==> sort ==pipe==> count
 *
 * The rule that keeps it from hanging: a reader sees the end of file when the *last* writing end is closed, so everybody closes the
 * ends that are not its own.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES_MAX	1000
#define STAGES		3

static const char text[] =
	"the quick brown fox jumps over the lazy dog and the dog sleeps on because the fox is only a fox";

/* --- the three programs: each knows only its standard input and output --- */

static int
words(void)
{
	for (const char *p = text; *p != '\0'; p++)
		putchar(isspace((unsigned char)*p) ? '\n' : *p);
	putchar('\n');
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
sort(void)
{
	char *lines[LINES_MAX], *line = NULL;
	size_t count = 0, size = 0;

	while (count < LINES_MAX && getline(&line, &size, stdin) > 0) {
		lines[count++] = line;
		line = NULL;
		size = 0;
	}
	free(line);
	qsort(lines, count, sizeof(lines[0]), compare);
	for (size_t i = 0; i < count; i++) {
		fputs(lines[i], stdout);
		free(lines[i]);
	}
	return 0;
}

static int
count(void)
{
	char line[100], last[100] = "";
	int seen = 0;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (seen > 1 && strcmp(line, last) != 0)
			printf("%d %s", seen, last);
		seen = strcmp(line, last) == 0 ? seen + 1 : 1;
		strcpy(last, line);
	}
	if (seen > 1)
		printf("%d %s", seen, last);
	return 0;
}

/* --- the shell's part --- */

static void
die(const char *what)
{
	fprintf(stderr, "pipeline: ");
	perror(what);
	exit(1);
}

/* Makes `fd` the descriptor `as`. */
static void
become(int fd, int as)
{
	if (fd == as)
		return;
	if (dup2(fd, as) < 0)
		die("dup2");
	close(fd);
}

/* Starts a stage that reads `in` and writes `out`; closes both here. `other`: the end the child must not keep, or -1. */
static pid_t
start(int (*stage)(void), int in, int out, int other)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child == 0) {
		if (other >= 0)
			close(other);
		become(in, STDIN_FILENO);
		become(out, STDOUT_FILENO);
		exit(stage());
	}
	if (in != STDIN_FILENO)
		close(in);
	if (out != STDOUT_FILENO)
		close(out);
	return child;
}

int
main(void)
{
	static int (*const stages[STAGES])(void) = { words, sort, count };
	int in = STDIN_FILENO, ends[2], status, failed = 0;

	for (int i = 0; i < STAGES - 1; i++) {
		if (pipe(ends) != 0)
			die("pipe");
		start(stages[i], in, ends[1], ends[0]);
		in = ends[0];
	}
	start(stages[STAGES - 1], in, STDOUT_FILENO, -1);
	while (wait(&status) > 0)
		failed |= status != 0;
	if (!failed)
		printf("all three have ended well\n");
	return failed;
}
