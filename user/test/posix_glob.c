/*
 * glob against POSIX.1-2017: combinations of flags, both errors, and what a function is told of folders that cannot be read. In a folder of its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "children.h"

static char found_text[1024];

/* What was found, from the first place on: each name with a blank behind it. */
static const char *
names(const glob_t *found)
{
	found_text[0] = 0;
	for (size_t i = 0; i < found->gl_pathc; i++)
		snprintf(found_text + strlen(found_text), sizeof(found_text) - strlen(found_text), "%s ", found->gl_pathv[i]);
	return found_text;
}

#define FINDS(pattern, flags, wanted)	finds(pattern, flags, wanted, __LINE__)

static void
finds(const char *pattern, int flags, const char *wanted, int line)
{
	glob_t found;
	int result = glob(pattern, flags, NULL, &found);

	if (result != 0 || strcmp(names(&found), wanted) != 0 || found.gl_pathv[found.gl_pathc] != NULL)
		printf("%s gives %d \"%s\", wanted \"%s\"\n", pattern, result, result == 0 ? found_text : "", wanted);
	check(result == 0 && strcmp(found_text, wanted) == 0, pattern, __FILE__, line);
	globfree(&found);
}

static int
result_of(const char *pattern, int flags)
{
	glob_t found;
	int result = glob(pattern, flags, NULL, &found);

	EQUAL(found.gl_pathc, 0);
	globfree(&found);
	return result;
}

static void
make_file(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0644);

	CHECK(fd >= 0);
	close(fd);
}

/* Made in an order that is none. */
static void
make_files(void)
{
	static const char *const files[] = { "c1", "a2", "b", "a1", ".hidden", "dir/x1", "dir/.x", "dir/x0", "other/x2", "star*",
		"back\\slash" };

	EQUAL(mkdir("dir", 0755), 0);
	EQUAL(mkdir("other", 0755), 0);
	EQUAL(mkdir("secret", 0), 0);
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		make_file(files[i]);
	EQUAL(symlink("dir", "link"), 0);
	EQUAL(symlink("nowhere", "broken"), 0);
}

static void
patterns(void)
{
	FINDS("*", 0, "a1 a2 b back\\slash broken c1 dir link other secret star* ");
	FINDS("[!a-z]*", GLOB_NOCHECK, "[!a-z]* ");
	FINDS("[!b-z]*", 0, "a1 a2 ");
	FINDS("a*", 0, "a1 a2 ");
	FINDS("[ac]?", 0, "a1 a2 c1 ");
	FINDS("*1", 0, "a1 c1 ");
	FINDS(".h*", 0, ".hidden ");
	FINDS("[.]h*", GLOB_NOCHECK, "[.]h* ");		/* a period in front stands for itself only */
	FINDS("*/x?", 0, "dir/x0 dir/x1 link/x0 link/x1 other/x2 ");
	FINDS("dir//x*", 0, "dir//x0 dir//x1 ");
	FINDS("./a1", 0, "./a1 ");
	FINDS("b", 0, "b ");
	FINDS("bro*", 0, "broken ");				/* a link that leads nowhere is there */
	FINDS("*/", 0, "dir/ link/ other/ secret/ ");
	FINDS("/", 0, "/ ");
	FINDS("/te[s]t/posix_glo?", 0, "/test/posix_glob ");
}

static void
nothing_is_found(void)
{
	EQUAL(result_of("z*", 0), GLOB_NOMATCH);
	EQUAL(result_of("nothing", 0), GLOB_NOMATCH);
	EQUAL(result_of("nowhere/*", 0), GLOB_NOMATCH);
	EQUAL(result_of("a1/*", 0), GLOB_NOMATCH);
	EQUAL(result_of("", 0), GLOB_NOMATCH);
	EQUAL(result_of("nowhere/*", GLOB_ERR), GLOB_NOMATCH);	/* what is not there is no error */
	FINDS("z*", GLOB_NOCHECK, "z* ");
	FINDS("\\z*", GLOB_NOCHECK, "\\z* ");
	FINDS("a*", GLOB_NOCHECK, "a1 a2 ");
}

static void
marks(void)
{
	FINDS("[bdl]*", GLOB_MARK, "b back\\slash broken dir/ link/ ");
	FINDS("dir", GLOB_MARK, "dir/ ");
	FINDS("dir/", GLOB_MARK, "dir/ ");
	FINDS("a1", GLOB_MARK, "a1 ");
}

static void
escapes(void)
{
	FINDS("star\\*", 0, "star* ");
	FINDS("st\\ar[*]", 0, "star* ");
	FINDS("back\\\\s*", 0, "back\\slash ");
	FINDS("back\\s*", GLOB_NOESCAPE, "back\\slash ");
	FINDS("back\\slash", GLOB_NOESCAPE, "back\\slash ");
	EQUAL(result_of("star\\*", GLOB_NOESCAPE), GLOB_NOMATCH);
	FINDS("\\a1", 0, "a1 ");
}

/* Places in front, and later calls that add: sorted each for itself. */
static void
offsets_and_more(void)
{
	glob_t found = { .gl_offs = 2 };

	EQUAL(glob("c*", GLOB_DOOFFS, NULL, &found), 0);
	EQUAL(glob("z*", GLOB_DOOFFS | GLOB_APPEND, NULL, &found), GLOB_NOMATCH);
	EQUAL(glob("a*", GLOB_DOOFFS | GLOB_APPEND, NULL, &found), 0);
	EQUAL(glob("z*", GLOB_DOOFFS | GLOB_APPEND | GLOB_NOCHECK, NULL, &found), 0);
	EQUAL(found.gl_pathc, 4);
	EQUAL(found.gl_offs, 2);
	CHECK(found.gl_pathv[0] == NULL && found.gl_pathv[1] == NULL && found.gl_pathv[6] == NULL);
	EQUAL(strcmp(found.gl_pathv[2], "c1") | strcmp(found.gl_pathv[3], "a1") | strcmp(found.gl_pathv[4], "a2") |
	      strcmp(found.gl_pathv[5], "z*"), 0);
	globfree(&found);
	EQUAL(glob("c*", 0, NULL, &found), 0);			/* without the flag gl_offs means nothing */
	EQUAL(strcmp(found.gl_pathv[0], "c1"), 0);
	EQUAL(glob("b", GLOB_APPEND, NULL, &found), 0);
	EQUAL(strcmp(names(&found), "c1 b "), 0);
	globfree(&found);
}

/* All of them, in whatever order. */
static void
unsorted(void)
{
	glob_t found;
	int seen = 0;

	EQUAL(glob("[abc]?", GLOB_NOSORT, NULL, &found), 0);
	EQUAL(found.gl_pathc, 3);
	for (size_t i = 0; i < found.gl_pathc; i++)
		seen |= 1 << (strcmp(found.gl_pathv[i], "a1") == 0 ? 0 : strcmp(found.gl_pathv[i], "a2") == 0 ? 1 : 2);
	EQUAL(seen, 7);
	globfree(&found);
}

/* --- folders that cannot be read --- */

static int calls, answer, number;
static char told[64];

static int
note(const char *path, int error)
{
	calls++;
	number = error;
	snprintf(told, sizeof(told), "%s", path);
	return answer;
}

/* As a user who may not read `secret`. What was found before it is there in any case. */
static int
errors(void)
{
	glob_t found;

	EQUAL(setuid(1001), 0);
	FINDS("*/x?", 0, "dir/x0 dir/x1 link/x0 link/x1 other/x2 ");
	EQUAL(glob("*/x?", 0, note, &found), 0);
	EQUAL(calls, 1);
	EQUAL(number, EACCES);
	EQUAL(strcmp(told, "secret"), 0);
	globfree(&found);
	EQUAL(glob("secret/*", GLOB_ERR, NULL, &found), GLOB_ABORTED);
	EQUAL(found.gl_pathc, 0);
	globfree(&found);
	calls = 0;
	EQUAL(glob("secret/*", GLOB_ERR, note, &found), GLOB_ABORTED);
	EQUAL(calls, 1);
	globfree(&found);
	answer = 1;
	EQUAL(glob("*/x?", 0, note, &found), GLOB_ABORTED);
	CHECK(found.gl_pathv != NULL && found.gl_pathv[found.gl_pathc] == NULL);
	globfree(&found);
	EQUAL(glob("secret/*", GLOB_NOCHECK, note, &found), GLOB_ABORTED);
	globfree(&found);
	return checks_failed != 0;
}

int
main(void)
{
	char folder[] = "/tmp/glob-XXXXXX";

	CHECK(mkdtemp(folder) != NULL);
	EQUAL(chdir(folder), 0);
	EQUAL(chmod(".", 0755), 0);
	make_files();
	patterns();
	nothing_is_found();
	marks();
	escapes();
	offsets_and_more();
	unsorted();
	EQUAL(in_child(errors), 0);
	return check_report("glob");
}
