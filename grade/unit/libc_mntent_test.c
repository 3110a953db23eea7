// LIBC: lib/libc/misc/mntent.c
/*
 * Tables of mounted file systems against the host's: random lines, read with buffers of many sizes, and entries written.
 */
#define _GNU_SOURCE
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libc_host.h"
#include "unit.h"

FILE *m_setmntent(const char *, const char *);
int m_endmntent(FILE *);
struct mntent *m_getmntent(FILE *);
struct mntent *m_getmntent_r(FILE *, struct mntent *, char *, int);
int m_addmntent(FILE *, const struct mntent *);
char *m_hasmntopt(const struct mntent *, const char *);

FILE *m_fopen(const char *path, const char *mode) { return fopen(path, mode); }
int m_fclose(FILE *f) { return fclose(f); }
int m_fseek(FILE *f, long offset, int from) { return fseek(f, offset, from); }
int m_fflush(FILE *f) { return fflush(f); }
int m_ferror(FILE *f) { return ferror(f); }
int m_getc(FILE *f) { return getc(f); }
int m_putc(int c, FILE *f) { return putc(c, f); }
char *m_fgets(char *text, int size, FILE *f) { return fgets(text, size, f); }
char *m_strchr(const char *s, int c) { return strchr(s, c); }
size_t m_strlen(const char *s) { return strlen(s); }
size_t m_strspn(const char *s, const char *set) { return strspn(s, set); }
size_t m_strcspn(const char *s, const char *set) { return strcspn(s, set); }
int m_strncmp(const char *a, const char *b, size_t n) { return strncmp(a, b, n); }

int
m_fprintf(FILE *f, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vfprintf(f, format, arguments);
	va_end(arguments);
	return length;
}

int
m_sscanf(const char *text, const char *format, ...)
{
	va_list arguments;
	int count;

	va_start(arguments, format);
	count = vsscanf(text, format, arguments);
	va_end(arguments);
	return count;
}

#define TEXT_MOST	400

/* Some bytes that matter in a table, and at last a 0. */
static void
random_text(char *text, size_t most)
{
	static const char *const pieces[] = {
		" ", "\t", "\n", "#", "/", "a", "rw", ",", "ro", "=1", "\\040", "\\011", "\\012", "\\134", "\\\\", "\\", "1", "0", "-2", "\n/dev/x /y z ",
	};
	size_t length = 0, end = random_below((unsigned)most);

	while (length < end) {
		const char *piece = pieces[random_below(sizeof(pieces) / sizeof(pieces[0]))];

		if (length + strlen(piece) >= most)
			break;
		strcpy(text + length, piece);
		length += strlen(piece);
	}
	text[length] = '\0';
}

static void
same_entry(const struct mntent *ours, const struct mntent *theirs, const char *text)
{
	CHECK((ours == NULL) == (theirs == NULL));
	if (ours == NULL || theirs == NULL)
		return;
	if (strcmp(ours->mnt_fsname, theirs->mnt_fsname) != 0 || strcmp(ours->mnt_dir, theirs->mnt_dir) != 0 ||
	    strcmp(ours->mnt_type, theirs->mnt_type) != 0 || strcmp(ours->mnt_opts, theirs->mnt_opts) != 0)
		printf("%s\n<%s> <%s> <%s> <%s> %d %d, the host's: <%s> <%s> <%s> <%s> %d %d\n", text, ours->mnt_fsname, ours->mnt_dir, ours->mnt_type,
		       ours->mnt_opts, ours->mnt_freq, ours->mnt_passno, theirs->mnt_fsname, theirs->mnt_dir, theirs->mnt_type, theirs->mnt_opts,
		       theirs->mnt_freq, theirs->mnt_passno);
	CHECK(strcmp(ours->mnt_fsname, theirs->mnt_fsname) == 0 && strcmp(ours->mnt_dir, theirs->mnt_dir) == 0);
	CHECK(strcmp(ours->mnt_type, theirs->mnt_type) == 0 && strcmp(ours->mnt_opts, theirs->mnt_opts) == 0);
	/* The host leaves numbers as they are that a line which ends in a blank does not have. */
	if (theirs->mnt_freq != -1)
		CHECK(ours->mnt_freq == theirs->mnt_freq && ours->mnt_passno == theirs->mnt_passno);
}

static void
read_one(void)
{
	char text[TEXT_MOST], our_room[TEXT_MOST], their_room[TEXT_MOST];
	struct mntent ours, theirs, *a, *b;
	int size = random_below(2) ? TEXT_MOST : 2 + (int)random_below(60), use_static = random_below(4) == 0;
	FILE *f, *g;

	random_text(text, sizeof(text));
	if (text[0] == '\0')
		return;
	f = fmemopen(text, strlen(text), "r");
	g = fmemopen(text, strlen(text), "r");
	b = &theirs;
	do {
		b->mnt_freq = -1;
		a = use_static ? m_getmntent(f) : m_getmntent_r(f, &ours, our_room, size);
		b = use_static ? getmntent(g) : getmntent_r(g, &theirs, their_room, size);
		same_entry(a, b, text);
	} while (a != NULL && b != NULL);
	CHECK_EQ(m_endmntent(f), 1);
	endmntent(g);
}

static void
lines_of_a_table(void)
{
	for (long i = 0; i < cases(30000); i++)
		read_one();
	CHECK_EQ(m_endmntent(NULL), 1);
	CHECK(m_setmntent("/none/such", "r") == NULL);
}

static void
entries_written(void)
{
	for (long i = 0; i < cases(3000); i++) {
		char a[20], b[20], c[20], d[20], ours[TEXT_MOST] = "", theirs[TEXT_MOST] = "";
		struct mntent entry = { a, b, c, d, (int)random_below(3), (int)random_below(3) };
		FILE *f = fmemopen(ours, sizeof(ours), "w"), *g = fmemopen(theirs, sizeof(theirs), "w");

		random_text(a, sizeof(a));
		random_text(b, sizeof(b));
		random_text(c, sizeof(c));
		random_text(d, sizeof(d));
		CHECK_EQ(m_addmntent(f, &entry), addmntent(g, &entry));
		fclose(f);
		fclose(g);
		CHECK(strcmp(ours, theirs) == 0);
	}
}

static void
options(void)
{
	static const char *const names[] = { "ro", "rw", "a", "r", "rw,ro", "ro=1", "" };

	for (long i = 0; i < cases(30000); i++) {
		char text[60];
		struct mntent entry = { .mnt_opts = text };

		random_text(text, sizeof(text));
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]) - 1; n++)
			CHECK(m_hasmntopt(&entry, names[n]) == hasmntopt(&entry, names[n]));
	}
}

int
main(void)
{
	TEST(lines_of_a_table);
	TEST(entries_written);
	TEST(options);
	return unit_done();
}
