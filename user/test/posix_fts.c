/* Walks through a tree with <fts.h>, against 4.4BSD's manual. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define TREE	"/tmp/tree"

static char seen[4096];

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	CHECK(fd >= 0);
	close(fd);
}

/*
 * tree: a (b (deep), file), c (empty), dead -> nowhere, link -> a
 */
static void
make_tree(void)
{
	EQUAL(mkdir(TREE, 0755), 0);
	EQUAL(mkdir(TREE "/a", 0755), 0);
	EQUAL(mkdir(TREE "/a/b", 0755), 0);
	make_file(TREE "/a/b/deep");
	make_file(TREE "/a/file");
	EQUAL(mkdir(TREE "/c", 0755), 0);
	EQUAL(symlink("nowhere", TREE "/dead"), 0);
	EQUAL(symlink("a", TREE "/link"), 0);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int
backwards(const FTSENT **a, const FTSENT **b)
{
	return -by_name(a, b);
}

static const char *const kinds[] = { "?", "D", "DC", "DEF", "DNR", "DOT", "DP", "ERR", "F", "INIT", "NS", "NSOK", "SL", "SLNONE" };

static void
note(const FTSENT *entry)
{
	size_t length = strlen(seen);

	snprintf(seen + length, sizeof(seen) - length, "%s%d%s ", kinds[entry->fts_info], entry->fts_level, entry->fts_name);
}

static void
seen_is(const char *wanted, int line)
{
	if (strcmp(seen, wanted) != 0)
		printf("line %d: '%s', not '%s'\n", line, seen, wanted);
	CHECK(strcmp(seen, wanted) == 0);
	seen[0] = 0;
}

static FTS *
begin(const char *path, int options)
{
	char *paths[] = { (char *)path, NULL };
	FTS *walk = fts_open(paths, options, by_name);

	CHECK(walk != NULL);
	return walk;
}

static void
end(FTS *walk)
{
	FTSENT *entry;

	while ((entry = fts_read(walk)) != NULL)
		note(entry);
	EQUAL(errno, 0);
	CHECK(fts_read(walk) == NULL);
	EQUAL(fts_close(walk), 0);
}

static FTSENT *
read_to(FTS *walk, const char *name)
{
	FTSENT *entry = fts_read(walk);

	while (entry != NULL && strcmp(entry->fts_name, name) != 0)
		entry = fts_read(walk);
	CHECK(entry != NULL);
	return entry;
}

static void
whole_walks(void)
{
	end(begin(TREE, FTS_PHYSICAL));
	seen_is("D0tree D1a D2b F3deep DP2b F2file DP1a D1c DP1c SL1dead SL1link DP0tree ", __LINE__);
	end(begin(TREE, FTS_LOGICAL));
	seen_is("D0tree D1a D2b F3deep DP2b F2file DP1a D1c DP1c SLNONE1dead D1link D2b F3deep DP2b F2file DP1link DP0tree ", __LINE__);
	end(begin(TREE "/link", FTS_PHYSICAL));
	seen_is("SL0link ", __LINE__);
	end(begin(TREE "/link", FTS_PHYSICAL | FTS_COMFOLLOW));
	seen_is("D0link D1b F2deep DP1b F1file DP0link ", __LINE__);
	end(begin(TREE "/a", FTS_PHYSICAL | FTS_NOSTAT));
	seen_is("D0a D1b NSOK2deep DP1b NSOK1file DP0a ", __LINE__);
	end(begin(TREE "/c", FTS_PHYSICAL | FTS_SEEDOT | FTS_WHITEOUT));
	seen_is("D0c DOT1. DOT1.. DP0c ", __LINE__);
	end(begin(TREE "/nothing", FTS_PHYSICAL));
	seen_is("NS0nothing ", __LINE__);
	end(begin(TREE "/link", FTS_COMFOLLOW | FTS_NOCHDIR));
	seen_is("D0link D1b F2deep DP1b F1file DP0link ", __LINE__);
	end(begin(TREE "/a", FTS_NOSTAT));
	seen_is("D0a D1b NSOK2deep DP1b NSOK1file DP0a ", __LINE__);
}

/* They are sorted by the whole of what was given; only the last name of it is shown. */
static void
several_paths(void)
{
	char *paths[] = { TREE "/c", TREE "/a/b", TREE "/dead", TREE "/a/file", NULL };
	FTS *walk = fts_open(paths, FTS_PHYSICAL, NULL);

	CHECK(walk != NULL);
	end(walk);
	seen_is("D0c DP0c D0b F1deep DP0b SL0dead F0file ", __LINE__);
	walk = fts_open(paths, FTS_PHYSICAL, backwards);
	CHECK(walk != NULL);
	end(walk);
	seen_is("SL0dead D0c DP0c F0file D0b F1deep DP0b ", __LINE__);
}

static void
what_an_entry_says(void)
{
	FTS *walk = begin(TREE, FTS_PHYSICAL);
	FTSENT *entry = read_to(walk, "deep");
	struct stat status;

	CHECK(strcmp(entry->fts_path, TREE "/a/b/deep") == 0 && entry->fts_pathlen == strlen(entry->fts_path) && entry->fts_namelen == 4);
	EQUAL(stat(entry->fts_accpath, &status), 0);
	CHECK(status.st_ino == entry->fts_ino && status.st_dev == entry->fts_dev && entry->fts_statp->st_mode == status.st_mode);
	CHECK(strcmp(entry->fts_parent->fts_name, "b") == 0 && entry->fts_parent->fts_parent->fts_parent->fts_level == FTS_ROOTLEVEL);
	entry->fts_parent->fts_number = 77;
	entry = fts_read(walk);
	CHECK(entry->fts_info == FTS_DP && entry->fts_number == 77);
	EQUAL(fts_close(walk), 0);		/* in the middle */
}

static void
instructions(void)
{
	FTS *walk = begin(TREE, FTS_PHYSICAL);
	FTSENT *entry = read_to(walk, "a");

	EQUAL(fts_set(walk, entry, FTS_SKIP), 0);
	end(walk);
	seen_is("DP1a D1c DP1c SL1dead SL1link DP0tree ", __LINE__);
	walk = begin(TREE, FTS_PHYSICAL);
	entry = read_to(walk, "link");
	EQUAL(fts_set(walk, entry, FTS_FOLLOW), 0);
	end(walk);
	seen_is("D1link D2b F3deep DP2b F2file DP1link DP0tree ", __LINE__);
	walk = begin(TREE, FTS_PHYSICAL);
	entry = read_to(walk, "file");
	EQUAL(fts_set(walk, entry, FTS_AGAIN), 0);
	CHECK(fts_read(walk) == entry);
	FAILS(fts_set(walk, entry, 99), EINVAL);
	EQUAL(fts_close(walk), 0);
}

/* The walk back removes what the walk there has shown. */
static void
remove_tree(const char *path)
{
	FTS *walk = begin(path, FTS_PHYSICAL);
	FTSENT *entry;

	while ((entry = fts_read(walk)) != NULL)
		if (entry->fts_info == FTS_DP)
			EQUAL(rmdir(entry->fts_accpath), 0);
		else if (entry->fts_info != FTS_D)
			EQUAL(unlink(entry->fts_accpath), 0);
	EQUAL(fts_close(walk), 0);
	CHECK(access(path, F_OK) == -1);
}

/* What fts_children has read of a directory is not for one that is visited again. */
static void
another_file_again(void)
{
	FTSENT *again;
	FTS *walk;

	EQUAL(mkdir("/tmp/again", 0755), 0);
	EQUAL(mkdir("/tmp/again/a", 0755), 0);
	EQUAL(mkdir("/tmp/again/b", 0755), 0);
	make_file("/tmp/again/a/x");
	make_file("/tmp/again/b/y");
	walk = begin("/tmp/again", FTS_PHYSICAL);
	again = read_to(walk, "a");
	CHECK(fts_children(walk, 0) != NULL);
	EQUAL(fts_set(walk, again, FTS_AGAIN), 0);
	EQUAL(unlink("/tmp/again/a/x"), 0);
	EQUAL(rmdir("/tmp/again/a"), 0);
	make_file("/tmp/again/a");
	end(walk);
	seen_is("F1a D1b F2y DP1b DP0again ", __LINE__);
	remove_tree("/tmp/again");
}

static void
children(void)
{
	FTS *walk = begin(TREE, FTS_PHYSICAL);
	FTSENT *list = fts_children(walk, 0);

	CHECK(list != NULL && strcmp(list->fts_name, TREE) == 0 && list->fts_link == NULL);
	list = fts_read(walk);
	CHECK(strcmp(list->fts_name, "tree") == 0 && list->fts_namelen == 4 && strcmp(list->fts_path, TREE) == 0);
	for (list = fts_children(walk, FTS_NAMEONLY); list != NULL; list = list->fts_link)
		note(list);
	seen_is("NSOK1a NSOK1c NSOK1dead NSOK1link ", __LINE__);
	for (list = fts_children(walk, 0); list != NULL; list = list->fts_link)
		if (strcmp(list->fts_name, "c") != 0)
			EQUAL(fts_set(walk, list, FTS_SKIP), 0);
	end(walk);
	seen_is("D1c DP1c DP0tree ", __LINE__);
	walk = begin(TREE "/c", FTS_PHYSICAL);
	fts_read(walk);
	errno = 1;
	CHECK(fts_children(walk, 0) == NULL && errno == 0);
	CHECK(fts_children(walk, 5) == NULL && errno == EINVAL);
	EQUAL(fts_close(walk), 0);
}

static FTSENT *
child(FTS *walk, const char *name)
{
	FTSENT *entry = fts_children(walk, 0);

	while (entry != NULL && strcmp(entry->fts_name, name) != 0)
		entry = entry->fts_link;
	CHECK(entry != NULL);
	return entry;
}

static void
instructions_for_children(void)
{
	FTS *walk = begin(TREE, FTS_PHYSICAL);

	fts_read(walk);
	EQUAL(fts_set(walk, child(walk, "link"), FTS_FOLLOW), 0);
	end(walk);
	seen_is("D1a D2b F3deep DP2b F2file DP1a D1c DP1c SL1dead D1link D2b F3deep DP2b F2file DP1link DP0tree ", __LINE__);
	walk = begin(TREE, FTS_PHYSICAL);
	fts_read(walk);
	EQUAL(fts_set(walk, child(walk, "dead"), FTS_FOLLOW), 0);
	end(walk);
	seen_is("D1a D2b F3deep DP2b F2file DP1a D1c DP1c SLNONE1dead SL1link DP0tree ", __LINE__);
	walk = begin(TREE "/a", FTS_PHYSICAL);
	fts_read(walk);
	EQUAL(fts_set(walk, child(walk, "file"), FTS_AGAIN), 0);
	EQUAL(unlink(TREE "/a/file"), 0);
	EQUAL(mkdir(TREE "/a/file", 0755), 0);
	end(walk);
	seen_is("D1b F2deep DP1b D1file DP1file DP0a ", __LINE__);
	EQUAL(rmdir(TREE "/a/file"), 0);
	make_file(TREE "/a/file");
}

static void
loops(void)
{
	FTSENT *entry;
	FTS *walk;

	EQUAL(symlink("../..", TREE "/a/b/up"), 0);
	end(begin(TREE "/a", FTS_LOGICAL));
	CHECK(strstr(seen, "D2up ") != NULL && strstr(seen, "DC3a ") != NULL);
	seen[0] = 0;
	walk = begin(TREE "/a", FTS_LOGICAL);
	while ((entry = fts_read(walk)) != NULL && entry->fts_info != FTS_DC)
		;
	CHECK(entry != NULL && entry->fts_cycle == entry->fts_parent->fts_parent->fts_parent && entry->fts_cycle->fts_level == FTS_ROOTLEVEL);
	EQUAL(fts_close(walk), 0);
	EQUAL(unlink(TREE "/a/b/up"), 0);
}

static void
errors_say_why(void)
{
	FTS *walk = begin(TREE "/nothing", FTS_PHYSICAL);
	FTSENT *entry = fts_read(walk);

	CHECK(entry->fts_info == FTS_NS && entry->fts_errno == ENOENT);
	EQUAL(fts_close(walk), 0);
	EQUAL(chmod(TREE "/c", 0), 0);
	EQUAL(seteuid(1234), 0);
	walk = begin(TREE "/c", FTS_PHYSICAL);
	entry = fts_read(walk);
	CHECK(entry->fts_info == FTS_D && entry->fts_errno == 0);
	entry = fts_read(walk);
	CHECK(entry->fts_info == FTS_DNR && entry->fts_errno == EACCES);
	EQUAL(fts_close(walk), 0);
	EQUAL(seteuid(0), 0);
	EQUAL(chmod(TREE "/c", 0755), 0);
}

/* Of / only one directory, which is on another device and not empty. */
static void
only_a_mount_point(int options)
{
	FTS *walk = begin("/", options);
	FTSENT *entry = fts_read(walk);

	CHECK(entry != NULL && strcmp(entry->fts_name, "/") == 0);
	for (entry = fts_children(walk, 0); entry != NULL; entry = entry->fts_link)
		if (strcmp(entry->fts_name, "dev") != 0)
			EQUAL(fts_set(walk, entry, FTS_SKIP), 0);
	end(walk);
}

static void
one_device(void)
{
	only_a_mount_point(FTS_PHYSICAL | FTS_XDEV);
	seen_is("D1dev DP1dev DP0/ ", __LINE__);
	only_a_mount_point(FTS_PHYSICAL | FTS_NOSTAT);
	CHECK(strncmp(seen, "D1dev DP1dev", 12) != 0 && strstr(seen, "2null ") != NULL);
	seen[0] = 0;
	end(begin("/dev", FTS_PHYSICAL | FTS_XDEV));		/* the device is that of the path given */
	CHECK(strstr(seen, "1null ") != NULL);
	seen[0] = 0;
}

static void
wrong_arguments(void)
{
	char *none[] = { NULL }, *empty[] = { "", NULL }, *good[] = { TREE, NULL };
	FTS *walk;

	CHECK(fts_open(good, FTS_PHYSICAL | 0x8000, NULL) == NULL && errno == EINVAL);
	CHECK(fts_open(empty, FTS_PHYSICAL, NULL) == NULL && errno == ENOENT);
	walk = fts_open(none, FTS_PHYSICAL, NULL);
	CHECK(walk != NULL);
	end(walk);
}

int
main(void)
{
	make_tree();
	whole_walks();
	several_paths();
	what_an_entry_says();
	instructions();
	another_file_again();
	children();
	instructions_for_children();
	loops();
	errors_say_why();
	one_device();
	wrong_arguments();
	remove_tree(TREE);
	return check_report("fts");
}
