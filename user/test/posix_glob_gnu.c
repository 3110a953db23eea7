/*
 * What glob and nftw have beyond POSIX: more flags, a file system of the program's, what visitors may ask for. The host's library finds the
 * same, but for GLOB_ONLYDIR, which it takes as a hint, and empty braces, which BSD leaves alone, as find's users expect.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static const char *const folders[] = { "one", "one/in", "two" };
static const char *const others[] = { "a", "b", "ab", ".hidden", "one/x", "one/in/y", "two/x", "{}", "st*r" };

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

/* What glob finds, each path behind a space; a number for an error. */
static const char *
text_of(int result, const glob_t *found)
{
	static char text[1024];

	text[0] = '\0';
	if (result != 0)
		snprintf(text, sizeof(text), "%s", result == GLOB_NOMATCH ? "nothing" : result == GLOB_ABORTED ? "aborted" : "error");
	else
		for (size_t i = 0; i < found->gl_pathc; i++)
			snprintf(strchr(text, '\0'), 256, "%s%s", i > 0 ? " " : "", found->gl_pathv[i]);
	return text;
}

static void
finds(const char *pattern, int flags, const char *wanted, int line)
{
	glob_t found = { 0 };
	int result = glob(pattern, flags, NULL, &found);
	const char *text = text_of(result, &found);

	if (!check_count(strcmp(text, wanted) == 0))
		printf("line %d: %s with %#x finds %s, not %s\n", line, pattern, (unsigned)flags, text, wanted);
	globfree(&found);
}

#define FINDS(pattern, flags, wanted)	finds(pattern, flags, wanted, __LINE__)

static void
flags_of_gnu(void)
{
	glob_t found;

	FINDS("*", GLOB_PERIOD, ". .. .hidden a ab b one st*r two {}");
	FINDS("{b,a}", GLOB_BRACE, "b a");
	FINDS("{t*,o*}/x", GLOB_BRACE, "two/x one/x");
	FINDS("{a{,b},none*,b}", GLOB_BRACE, "a ab b");
	FINDS("{b,a}", 0, "nothing");
	FINDS("\\{b,a}", GLOB_BRACE, "nothing");
	FINDS("{no,ne}", GLOB_BRACE | GLOB_NOCHECK, "{no,ne}");
	FINDS("none", GLOB_NOMAGIC, "none");
	FINDS("none*", GLOB_NOMAGIC, "nothing");
#ifndef __GLIBC__
	FINDS("{}", GLOB_BRACE, "{}");
	FINDS("*", GLOB_ONLYDIR, "one two");
#endif
	setenv("HOME", "one", 1);
	FINDS("~", GLOB_TILDE, "one");
	FINDS("~/i*", GLOB_TILDE, "one/in");
	FINDS("~/i*", 0, "nothing");
	FINDS("{~,two}/x", GLOB_TILDE | GLOB_BRACE, "one/x two/x");
	FINDS("~nobodyhasthisname", GLOB_TILDE | GLOB_NOCHECK, "~nobodyhasthisname");
	FINDS("~nobodyhasthisname", GLOB_TILDE_CHECK, "nothing");
	FINDS("~root", GLOB_TILDE, "/root");
	EQUAL(glob("a*", 0, NULL, &found), 0);
	CHECK((found.gl_flags & GLOB_MAGCHAR) != 0);
	globfree(&found);
	EQUAL(glob("a", 0, NULL, &found), 0);
	CHECK((found.gl_flags & GLOB_MAGCHAR) == 0);
	globfree(&found);
}

/* --- a file system of the program's: the names "first" and "second", whatever is asked for --- */

static int read_so_far;

static void *
own_open(const char *path)
{
	CHECK(strcmp(path, "own") == 0);
	read_so_far = 0;
	return &read_so_far;
}

static struct dirent *
own_read(void *folder)
{
	static struct dirent entry;

	CHECK(folder == &read_so_far);
	if (read_so_far == 2)
		return NULL;
	entry.d_ino = 1;
	entry.d_type = DT_REG;
	strcpy(entry.d_name, read_so_far++ == 0 ? "second" : "first");
	return &entry;
}

static void
own_close(void *folder)
{
	CHECK(folder == &read_so_far);
	read_so_far = -1;
}

static int
own_status(const char *restrict path, struct stat *restrict status)
{
	memset(status, 0, sizeof(*status));
	status->st_mode = strcmp(path, "own") == 0 ? S_IFDIR : S_IFREG;
	return 0;
}

static void
own_functions(void)
{
	glob_t found = { .gl_closedir = own_close, .gl_readdir = own_read, .gl_opendir = own_open, .gl_lstat = own_status, .gl_stat = own_status };

	EQUAL(glob("own/*", GLOB_ALTDIRFUNC, NULL, &found), 0);
	CHECK(strcmp(text_of(0, &found), "own/first own/second") == 0);
	EQUAL(read_so_far, -1);
	globfree(&found);
}

/* --- nftw --- */

static char visited[256];
static const char *stop_at;
static int stop_how;

static int
visit(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	snprintf(strchr(visited, '\0'), 64, " %s", path + where->base);
	return strcmp(path + where->base, stop_at) == 0 ? stop_how : FTW_CONTINUE;
}

/* How many are visited, and whether `hidden` is one of them. */
static void
walks(const char *at, int how, int flags, int result, size_t count, const char *hidden)
{
	size_t seen = 0;

	visited[0] = '\0';
	stop_at = at;
	stop_how = how;
	EQUAL(nftw("one", visit, 5, FTW_ACTIONRETVAL | flags), result);
	for (const char *p = visited; *p != '\0'; p++)
		seen += *p == ' ';
	EQUAL(seen, count);
	CHECK(strstr(visited, hidden) == NULL);
}

static void
answers_of_visitors(void)
{
	walks("", 0, 0, 0, 4, "none");
	walks("in", FTW_SKIP_SUBTREE, 0, 0, 3, " y");
	walks("in", FTW_SKIP_SUBTREE, FTW_CHDIR, 0, 3, " y");
	walks("y", FTW_SKIP_SIBLINGS, FTW_DEPTH, 0, 4, "none");
	walks("one", FTW_SKIP_SUBTREE, 0, 0, 1, " x");
	walks("one", FTW_SKIP_SIBLINGS, 0, 0, 1, " x");
	walks("one", FTW_STOP, 0, FTW_STOP, 1, " x");
}

int
main(void)
{
	char folder[] = "/tmp/glob.XXXXXX";

	CHECK(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0 && chdir(folder) == 0);
	for (size_t i = 0; i < COUNT(folders); i++)
		EQUAL(mkdir(folders[i], 0755), 0);
	for (size_t i = 0; i < COUNT(others); i++)
		close(open(others[i], O_WRONLY | O_CREAT | O_EXCL, 0644));
	flags_of_gnu();
	own_functions();
	answers_of_visitors();
	for (size_t i = 0; i < COUNT(others); i++)
		EQUAL(unlink(others[i]), 0);
	for (size_t i = COUNT(folders); i > 0; i--)
		EQUAL(rmdir(folders[i - 1]), 0);
	CHECK(chdir("/") == 0 && rmdir(folder) == 0);
	return check_report("glob_gnu");
}
