// LIBC: lib/libc/stdio/stream*.c lib/libc/stdio/stdio_ext.c lib/libc/stdio/f*.c lib/libc/stdio/unlocked.c lib/libc/stdio/getdelim.c lib/libc/stdio/getline.c
// LIBC: lib/libc/stdio/printf.c lib/libc/stdio/snprintf.c lib/libc/stdio/scan*.c lib/libc/stdio/open_memstream.c lib/libc/stdio/dprintf.c
// LIBC: lib/libc/float/*.c lib/libc/stdlib/strtol.c lib/libc/stdlib/integer_parse.c lib/libc/math/*.c lib/libc/math/x86_64/*.c
// LIBC: lib/libc/string/*.c lib/libc/ctype/*.c lib/libc/wchar/*.c lib/libc/misc/*locale*.c lib/libc/stdio/stdio_exit.c
/*
 * Streams: a random sequence of operations on a file has the effect that the host's stdio has on another file.
 */
#define _GNU_SOURCE
#include <string.h>

#include "libc_files.h"
#include "unit.h"

typedef struct stream M_FILE;

extern M_FILE *m_stdout;
M_FILE *m_fopen(const char *, const char *), *m_freopen(const char *, const char *, M_FILE *), *m_fdopen(int, const char *),
    *m_fmemopen(void *, size_t, const char *), *m_open_memstream(char **, size_t *), *m_fopencookie(void *, const char *, cookie_io_functions_t);
int m_fclose(M_FILE *), m_fflush(M_FILE *), m_setvbuf(M_FILE *, char *, int, size_t), m_feof(M_FILE *), m_ferror(M_FILE *), m_fgetc(M_FILE *),
    m_ungetc(int, M_FILE *), m_fputc(int, M_FILE *), m_fputs(const char *, M_FILE *), m_fseek(M_FILE *, long, int), m_fileno(M_FILE *),
    m_fprintf(M_FILE *, const char *, ...), m_fscanf(M_FILE *, const char *, ...), m_dprintf(int, const char *, ...);
size_t m_fread(void *, size_t, size_t, M_FILE *), m_fwrite(const void *, size_t, size_t, M_FILE *);
char *m_fgets(char *, int, M_FILE *);
long m_ftell(M_FILE *);
ssize_t m_getline(char **, size_t *, M_FILE *);
void m_rewind(M_FILE *);
void m_clearerr(M_FILE *), m___stdio_exit(void), m___fpurge(M_FILE *), m___freadptrinc(M_FILE *, size_t), m___fseterr(M_FILE *), m__flushlbf(void);
size_t m___freadahead(M_FILE *), m___fpending(M_FILE *);
const char *m___freadptr(M_FILE *, size_t *);
int m___flbf(M_FILE *);

#define BIG 9000

static char name[2][40];
static char ours[BIG], theirs[BIG], data[BIG];

static void
make_files(void)
{
	for (int i = 0; i < 2; i++) {
		strcpy(name[i], "/tmp/libc_stdio_XXXXXX");
		close(mkstemp(name[i]));
	}
	for (int i = 0; i < BIG; i++)
		data[i] = random_below(30) == 0 ? '\n' : 'a' + (char)random_below(26);
}

static long
contents(const char *path, char *to)
{
	FILE *file = fopen(path, "r");
	long n = fread(to, 1, BIG, file);

	fclose(file);
	return n;
}

static void
same_contents(void)
{
	static char a[BIG], b[BIG];
	long n = contents(name[0], a), m = contents(name[1], b);

	CHECK_EQ(n, m);
	CHECK(memcmp(a, b, n) == 0);
}

/* One operation on both. Reading after writing and back goes through fseek, as the standard wants. */
static void
step(M_FILE *a, FILE *b, int *direction)
{
	unsigned n = random_below(8) == 0 ? random_below(BIG) : random_below(100), what = random_below(11);
	int turn = what < 5 ? 1 : what < 9 ? 2 : 0;
	size_t room = 0;
	char *line = NULL;

	if (turn != 0 && *direction != 0 && turn != *direction)
		CHECK_EQ(m_fseek(a, 0, SEEK_CUR), fseek(b, 0, SEEK_CUR));
	if (turn != 0)
		*direction = turn;
	memset(ours, 0, BIG);
	memset(theirs, 0, BIG);
	switch (what) {
	case 0: CHECK_EQ(m_fread(ours, 1, n, a), fread(theirs, 1, n, b)); break;
	case 1: CHECK((m_fgets(ours, 1 + n, a) == NULL) == (fgets(theirs, 1 + n, b) == NULL)); break;
	case 2: CHECK_EQ(m_fgetc(a), fgetc(b)); break;
	case 3:
		n = fgetc(b);
		CHECK_EQ(m_fgetc(a), (int)n);
		CHECK_EQ(m_ungetc((int)n, a), ungetc((int)n, b));
		break;
	case 4: CHECK_EQ(m_getline(&line, &room, a), (free(line), line = NULL, room = 0, getline(&line, &room, b))); break;
	case 5: CHECK_EQ(m_fwrite(data, 1, n, a), fwrite(data, 1, n, b)); break;
	case 6: CHECK_EQ(m_fputc(data[n], a), fputc(data[n], b)); break;
	case 7: CHECK_EQ(m_fprintf(a, "%d %s\n", n, "text"), fprintf(b, "%d %s\n", n, "text")); break;
	case 8: CHECK_EQ(m_fputs("x\n", a) == EOF, fputs("x\n", b) == EOF); break;
	case 9:
		CHECK_EQ(m_fseek(a, n, SEEK_SET), fseek(b, n, SEEK_SET));
		*direction = 0;
		break;
	case 10: CHECK_EQ(m_fseek(a, 0, SEEK_END), fseek(b, 0, SEEK_END)); *direction = 0; break;
	}
	free(line);
	CHECK(memcmp(ours, theirs, BIG) == 0);
	CHECK_EQ(m_feof(a) != 0, feof(b) != 0);
	CHECK_EQ(m_ftell(a), ftell(b));
}

static ssize_t
fd_read(void *fd, char *buffer, size_t size)
{
	return m_read((int)(long)fd, buffer, size);
}

static ssize_t
fd_write(void *fd, const char *data, size_t size)
{
	ssize_t done = m_write((int)(long)fd, data, size);

	return done < 0 ? 0 : done;
}

static int
fd_seek(void *fd, off_t *offset, int whence)
{
	off_t to = m_lseek((int)(long)fd, *offset, whence);

	if (to < 0)
		return -1;
	*offset = to;
	return 0;
}

static int
fd_close(void *fd)
{
	return m_close((int)(long)fd);
}

/* The file itself, or functions over its descriptor. */
static M_FILE *
open_ours(const char *path, const char *mode)
{
	int flags = *mode == 'r' ? 0 : *mode == 'w' ? O_CREAT | O_TRUNC : O_CREAT | O_APPEND;

	if (random_below(2) == 0)
		return m_fopen(path, mode);
	return m_fopencookie((void *)(long)open(path, O_RDWR | flags, 0666), mode,
	    (cookie_io_functions_t){ fd_read, fd_write, fd_seek, fd_close });
}

static void
files_behave_alike(void)
{
	static const char *const modes[] = { "r+", "w+", "a+" };
	static char memory[2000];

	for (long i = cases(60); i > 0; i--) {
		const char *mode = modes[random_below(3)];
		M_FILE *a = open_ours(name[0], mode);
		FILE *b = fopen(name[1], mode);
		int direction = 0, kind = random_below(4);

		REQUIRE(a != NULL && b != NULL);
		if (kind > 0)
			CHECK_EQ(m_setvbuf(a, kind == 3 ? memory : NULL, kind == 3 ? _IOFBF : kind, sizeof(memory)), 0);
		for (int k = 0; k < 40; k++)
			step(a, b, &direction);
		CHECK_EQ(m_fclose(a), 0);
		fclose(b);
		same_contents();
	}
}

static void
modes_are_obeyed(void)
{
	M_FILE *a = m_fopen(name[0], "r");

	CHECK_EQ(m_fputc('x', a), EOF);
	CHECK(m_ferror(a));
	CHECK_EQ(m_errno, EBADF);
	m_fclose(a);
	CHECK(m_fopen("/nonexistent/file", "r") == NULL);
	CHECK_EQ(m_errno, ENOENT);
	CHECK(m_fopen(name[0], "q") == NULL);
	CHECK_EQ(m_errno, EINVAL);
	CHECK(m_fopen(name[0], "wx") == NULL);
	CHECK_EQ(m_errno, EEXIST);
}

static void
streams_are_reopened(void)
{
	M_FILE *a = m_fopen(name[0], "w");

	m_fputs("one", a);
	a = m_freopen(name[1], "w", a);
	REQUIRE(a != NULL);
	m_fputs("two", a);
	m_fclose(a);
	CHECK_EQ(contents(name[0], ours), 3);
	CHECK(memcmp(ours, "one", 3) == 0);
	CHECK_EQ(contents(name[1], ours), 3);
	CHECK(memcmp(ours, "two", 3) == 0);
}

static void
read_ahead_is_given_back(void)
{
	char rest[10] = "";
	M_FILE *a;
	int fd;

	m_fclose((a = m_fopen(name[0], "w"), m_fputs("line\nrest", a), a));
	fd = open(name[0], O_RDONLY);
	a = m_fdopen(fd, "r");
	CHECK_STR(m_fgets(ours, 100, a), "line\n");
	m___stdio_exit();
	CHECK_EQ(read(fd, rest, 9), 4);
	CHECK_STR(rest, "rest");
	m_fclose(a);
}

static void
memory_is_a_file(void)
{
	char room[8] = "1234567", *text = NULL;
	size_t size = 0;
	int number = 0;
	M_FILE *a = m_fmemopen(room, sizeof(room), "r");

	CHECK_EQ(m_fscanf(a, "%3d", &number), 1);
	CHECK_EQ(number, 123);
	CHECK_EQ(m_fgetc(a), '4');
	m_fclose(a);
	a = m_open_memstream(&text, &size);
	for (int i = 0; i < 3000; i++)
		m_fprintf(a, "%d,", i % 10);
	m_fflush(a);
	CHECK_EQ(size, 6000);
	CHECK_EQ(strlen(text), 6000);
	m_fclose(a);
	free(text);
	a = m_fmemopen(room, sizeof(room), "w");
	CHECK_EQ(m_fprintf(a, "abc"), 3);
	m_fclose(a);
	CHECK_STR(room, "abc");
}

static ssize_t
too_much(void *unused, char *buffer, size_t size)
{
	(void)unused, (void)buffer;
	return (ssize_t)size + 1;
}

static ssize_t
no_write(void *unused, const char *data, size_t size)
{
	(void)unused, (void)data, (void)size;
	return 0;
}

static int
bad_close(void *unused)
{
	(void)unused;
	m_errno = errno = EIO;
	return -1;
}

/* What a program leaves out, and what it does wrong. */
static void
functions_may_be_missing(void)
{
	cookie_io_functions_t none = { 0 };
	M_FILE *a = m_fopencookie(NULL, "w+", none);
	FILE *b = fopencookie(NULL, "w+", none);

	REQUIRE(a != NULL && b != NULL);
	for (int i = 0; i < 3000; i++)
		CHECK_EQ(m_fprintf(a, "%d,", i % 10), fprintf(b, "%d,", i % 10));
	CHECK_EQ(m_fflush(a), fflush(b));
	CHECK(m_fseek(a, 0, SEEK_SET) == -1 && fseek(b, 0, SEEK_SET) == -1);
	CHECK_EQ(m_errno, ESPIPE);
	CHECK_EQ(m_ftell(a), ftell(b));
	CHECK_EQ(m_fileno(a), fileno(b));
	CHECK(m_fclose(a) == 0 && fclose(b) == 0);
	a = m_fopencookie(NULL, "r", none);
	CHECK(m_fgetc(a) == EOF && m_feof(a) && !m_ferror(a));
	CHECK_EQ(m_fclose(a), 0);
	a = m_fopencookie(NULL, "r+", (cookie_io_functions_t){ too_much, no_write, NULL, bad_close });
	CHECK(m_fgetc(a) == EOF && m_ferror(a) && !m_feof(a));
	m_clearerr(a);
	CHECK(m_fputc('x', a) == 'x' && m_fflush(a) == EOF && m_ferror(a));
	CHECK_EQ(m_fclose(a), EOF);
	CHECK_EQ(m_errno, EIO);
	CHECK(m_fopencookie(NULL, "q", none) == NULL);
	CHECK_EQ(m_errno, EINVAL);
}

static void
errors_are_told(void)
{
	M_FILE *a = m_fopen("/dev/full", "w");

	if (a == NULL)
		return;
	CHECK_EQ(m_fputs("text", a), 0);
	CHECK_EQ(m_fflush(a), EOF);
	CHECK_EQ(m_errno, ENOSPC);
	CHECK(m_ferror(a));
	m_clearerr(a);
	CHECK(!m_ferror(a));
	m_fclose(a);
}

/* So they are where a write fills the buffer to its last byte, and the flush that follows fails. */
static void
errors_at_the_end_of_the_buffer_are_told(void)
{
	M_FILE *a = m_fopen("/dev/full", "w");
	int failed = 0;

	if (a == NULL)
		return;
	for (int i = 0; i < 16; i++)
		failed += m_fwrite(data, 1, 1024, a) != 1024;
	CHECK(failed > 0 && m_ferror(a));
	m_fclose(a);
}

/* Empties a pipe. Returns how many bytes were in it. */
static long
drain(int fd)
{
	static char taken[1 << 16];
	long total = 0, n;

	while ((n = read(fd, taken, sizeof(taken))) > 0)
		total += n;
	return total;
}

/* What a full pipe did not take yet is written once: a caller that goes on where fwrite stopped loses and repeats nothing. */
static void
full_pipes_get_each_byte_once(int buffering, const char *text, size_t length)
{
	int ends[2];
	M_FILE *stream;
	size_t done;

	REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
	while (write(ends[1], data, 4096) > 0)
		;
	stream = m_fdopen(ends[1], "w");
	REQUIRE(stream != NULL && m_setvbuf(stream, NULL, buffering, BUFSIZ) == 0);
	CHECK_EQ(m_fwrite("12345678", 1, 8, stream), 8);
	done = m_fwrite(text, 1, length, stream);
	CHECK(done <= length);
	drain(ends[0]);
	CHECK_EQ(m_fwrite(text + done, 1, length - done, stream), length - done);
	CHECK_EQ(m_fflush(stream), 0);
	CHECK_EQ(drain(ends[0]), 8 + (long)length);
	CHECK_EQ(m_fclose(stream), 0);
	CHECK_EQ(close(ends[0]), 0);
}

static void
full_pipes_are_no_loss(void)
{
	for (size_t length = 4000; length < 4200; length++)
		full_pipes_get_each_byte_once(_IOFBF, data, length);
	full_pipes_get_each_byte_once(_IOFBF, data, BUFSIZ - 8);
	full_pipes_get_each_byte_once(_IOLBF, "one line\n", 9);
}

/* A program may leave the room of a line unset where there is no line yet. */
static void
lines_come_with_their_room(void)
{
	char text[] = "a line\n", *line = NULL;
	size_t room = SIZE_MAX / 4;
	M_FILE *a = m_fmemopen(text, strlen(text), "r");

	CHECK_EQ(m_getline(&line, &room, a), 7);
	CHECK(line != NULL && strcmp(line, "a line\n") == 0);
	CHECK(room >= 8 && room < 1000);
	free(line);
	m_fclose(a);
}

/* An error that was seen and not cleared does not spoil the last line, which has no end. */
static void
old_errors_do_not_end_lines(void)
{
	char text[] = "last", *line = NULL;
	size_t room = 0;
	M_FILE *a = m_fmemopen(text, strlen(text), "r");

	CHECK_EQ(m_fputc('x', a), EOF);
	CHECK(m_ferror(a));
	CHECK_EQ(m_getline(&line, &room, a), 4);
	free(line);
	m_fclose(a);
}

/* A stream that had a buffer of its own keeps it when it becomes unbuffered. */
static void
buffers_may_be_given_up(void)
{
	M_FILE *a = m_fopen(name[0], "w+");

	REQUIRE(a != NULL);
	CHECK_EQ(m_fputs("longer than a buffer of one byte\n", a), 0);
	CHECK_EQ(m_setvbuf(a, NULL, _IONBF, 0), 0);
	CHECK_EQ(m_fprintf(a, "b"), 1);
	CHECK_EQ(m_fseek(a, 0, SEEK_SET), 0);
	CHECK_STR(m_fgets(ours, 100, a), "longer than a buffer of one byte\n");
	CHECK_EQ(m_fgetc(a), 'b');
	CHECK_EQ(m_fclose(a), 0);
}

/* What is in a buffer, seen by <stdio_ext.h>. */
static void
buffers_are_looked_at(void)
{
	char text[] = "one two three";
	M_FILE *f = m_fmemopen(text, strlen(text), "r");
	const char *next;
	size_t size;

	CHECK(m___freadahead(f) == 0 && m___freadptr(f, &size) == NULL);
	CHECK(m_fgetc(f) == 'o');
	next = m___freadptr(f, &size);
	CHECK(size == m___freadahead(f) && size == strlen("ne two three") && memcmp(next, "ne two", 6) == 0);
	CHECK(m_ungetc('x', f) == 'x' && m___freadahead(f) == size + 1 && *m___freadptr(f, &size) == 'x');
	m___freadptrinc(f, 5);
	CHECK(m_fgetc(f) == 'w');
	m___fpurge(f);
	CHECK(m___freadahead(f) == 0 && m_fgetc(f) == -1);
	CHECK(m_ferror(f) == 0);
	m___fseterr(f);
	CHECK(m_ferror(f) != 0);
	m_fclose(f);

	make_files();
	f = m_fopen(name[0], "w");
	m_setvbuf(f, NULL, _IOLBF, 100);
	CHECK(m___flbf(f) && m_fputc('a', f) == 'a' && m___fpending(f) == 1 && m___freadahead(f) == 0);
	m__flushlbf();
	CHECK(m___fpending(f) == 0);
	m_fclose(f);
	unlink(name[0]);
	unlink(name[1]);
}

/* A stream that appends does so though others write behind its back, and its descriptor does too. */
static void
descriptors_append(void)
{
	char text[16] = "";
	FILE *file = tmpfile();
	int fd;

	REQUIRE(file != NULL && (fd = dup(fileno(file))) >= 0);
	M_FILE *stream = m_fdopen(fd, "a");

	REQUIRE(stream != NULL);
	CHECK((fcntl(fd, F_GETFL) & O_APPEND) != 0);
	CHECK_EQ(write(fd, "one", 3), 3);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK(m_fputs("two", stream) >= 0 && m_fflush(stream) == 0);
	CHECK_EQ(pread(fd, text, sizeof(text) - 1, 0), 6);
	CHECK_STR(text, "onetwo");
	m_fclose(stream);
	fclose(file);
	CHECK(m_fdopen(-1, "r") == NULL && m_errno == EBADF);
}

/* A stream does only what its descriptor was opened for; what begins with another letter is no mode. */
static void
descriptors_permit_modes(void)
{
	static const char *const modes[] = { "r", "rb", "w", "wb", "a", "r+", "w+b", "a+", "wx", "", "q", "+r" };
	static const int accesses[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_APPEND };

	make_files();
	for (size_t i = 0; i < 4 * sizeof(modes) / sizeof(modes[0]); i++) {
		const char *mode = modes[i / 4];
		int fd[2] = { open(name[0], accesses[i % 4]), open(name[1], accesses[i % 4]) };

		REQUIRE(fd[0] >= 0 && fd[1] >= 0);
		CHECK(write(fd[0], "text", 4) == write(fd[1], "text", 4) && lseek(fd[0], 2, SEEK_SET) == 2 && lseek(fd[1], 2, SEEK_SET) == 2);
		M_FILE *a = m_fdopen(fd[0], mode);
		FILE *b = fdopen(fd[1], mode);

		CHECK_EQ(a != NULL, b != NULL);
		CHECK_EQ(fcntl(fd[0], F_GETFL), fcntl(fd[1], F_GETFL));
		CHECK_EQ(fcntl(fd[0], F_GETFD), 0);
		if (a != NULL && b != NULL)
			CHECK_EQ(m_ftell(a), ftell(b));
		else
			CHECK_EQ(m_errno, EINVAL);
		if (a != NULL ? m_fclose(a) != 0 : close(fd[0]) != 0)
			CHECK(0);
		if (b != NULL ? fclose(b) != 0 : close(fd[1]) != 0)
			CHECK(0);
	}
	int fd = open(name[0], O_RDONLY);
	M_FILE *stream = m_fdopen(fd, "re");

	REQUIRE(stream != NULL);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	m_fclose(stream);
	unlink(name[0]);
	unlink(name[1]);
}

/* A stream that only appends begins at the end of its file; one that reads, too, at the start. */
static void
appending_begins_at_the_end(void)
{
	static const char *const modes[] = { "a", "a+" };
	M_FILE *a;
	FILE *b;

	make_files();
	for (int i = 0; i < 2; i++) {
		m_fclose((a = m_fopen(name[0], "w"), m_fputs("text", a), a));
		a = m_fopen(name[0], modes[i]);
		b = fopen(name[0], modes[i]);
		REQUIRE(a != NULL && b != NULL);
		CHECK_EQ(m_ftell(a), ftell(b));
		CHECK(m_freopen(name[0], modes[i], a) == a && freopen(name[0], modes[i], b) == b);
		CHECK_EQ(m_ftell(a), ftell(b));
		m_fclose(a);
		fclose(b);
	}
	unlink(name[0]);
	unlink(name[1]);
}

static int
pseudo_terminal(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	return fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0 ? fd : -1;
}

/* A stream goes from a terminal to a file: lines no longer go out at once, unless the program said that they should. */
static void
reopened_streams_are_buffered_anew(void)
{
	make_files();
	for (int chosen = 0; chosen < 2; chosen++) {
		int fd = pseudo_terminal();
		M_FILE *a;

		if (fd < 0)
			break;
		a = m_fopen(ptsname(fd), "w");
		REQUIRE(a != NULL);
		if (chosen)
			CHECK_EQ(m_setvbuf(a, NULL, _IOLBF, 0), 0);
		m_fputs("x\n", a);
		CHECK(m___flbf(a));
		REQUIRE(m_freopen(name[0], "w", a) == a);
		m_fputs("line\n", a);
		CHECK_EQ(contents(name[0], ours), chosen ? 5 : 0);
		CHECK_EQ(m_fclose(a), 0);
		CHECK_EQ(contents(name[0], ours), 5);
		close(fd);
	}
	unlink(name[0]);
	unlink(name[1]);
}

/* What 'e', 'w' and 'a' ask for comes with another file, and with the same one. */
static void
reopening_obeys_the_mode(void)
{
	M_FILE *a;

	make_files();
	a = m_fopen(name[0], "w");
	REQUIRE(a != NULL && m_freopen(name[1], "we", a) == a);
	CHECK_EQ(fcntl(m_fileno(a), F_GETFD), FD_CLOEXEC);
	REQUIRE(m_freopen(name[1], "w", a) == a);
	CHECK_EQ(fcntl(m_fileno(a), F_GETFD), 0);
	REQUIRE(m_freopen(NULL, "we", a) == a);
	CHECK_EQ(fcntl(m_fileno(a), F_GETFD), FD_CLOEXEC);

	REQUIRE(m_freopen(name[1], "w+", a) == a);
	m_fputs("a long text", a);
	REQUIRE(m_freopen(NULL, "w", a) == a);
	CHECK_EQ(m_ftell(a), 0);
	m_fputs("short", a);
	m_fflush(a);
	CHECK_EQ(contents(name[1], ours), 5);
	CHECK(memcmp(ours, "short", 5) == 0);

	REQUIRE(m_freopen(NULL, "a", a) == a);
	CHECK((fcntl(m_fileno(a), F_GETFL) & O_APPEND) != 0);
	CHECK_EQ(lseek(m_fileno(a), 0, SEEK_SET), 0);
	m_fputs(" and more", a);
	REQUIRE(m_freopen(NULL, "r+", a) == a);
	CHECK((fcntl(m_fileno(a), F_GETFL) & O_APPEND) == 0);
	CHECK_STR(m_fgets(ours, 100, a), "short and more");
	m_fclose(a);
	unlink(name[0]);
	unlink(name[1]);
}

static int
close_and_fail(void *count)
{
	++*(int *)count;
	m_errno = EIO;
	return -1;
}

/* A stream that cannot be reopened is closed, whatever is behind it, and the error is that of the attempt. */
static void
what_cannot_be_reopened_is_closed(void)
{
	const cookie_io_functions_t functions = { .close = close_and_fail };
	int closed = 0;

	M_FILE *a = m_fopencookie(&closed, "r", functions);

	CHECK(m_freopen("/nonexistent/file", "r", a) == NULL);
	CHECK_EQ(m_errno, ENOENT);
	CHECK_EQ(closed, 1);
	a = m_fopencookie(&closed, "r", functions);
	CHECK(m_freopen(NULL, "r", a) == NULL);		/* no file to be opened in another mode */
	CHECK_EQ(m_errno, EBADF);
	CHECK_EQ(closed, 2);
	a = m_fopencookie(&closed, "r", functions);
	CHECK(m_freopen("/etc/passwd", "q", a) == NULL);
	CHECK_EQ(m_errno, EINVAL);
	CHECK_EQ(closed, 3);
	a = m_fopen("/etc/passwd", "r");
	CHECK_EQ(close(m_fileno(a)), 0);
	CHECK(m_freopen(NULL, "r", a) == NULL);
	CHECK_EQ(m_errno, EBADF);
}

/* Positions count from the beginning, the present or the end, whatever is behind the stream. */
static void
other_origins_are_errors(void)
{
	char text[] = "0123456789";
	M_FILE *a = m_fmemopen(text, 10, "r");

	CHECK_EQ(m_fseek(a, 3, SEEK_SET), 0);
	m_errno = 0;
	CHECK_EQ(m_fseek(a, 0, 7), -1);
	CHECK_EQ(m_errno, EINVAL);
	CHECK_EQ(m_fseek(a, 0, -1), -1);
	CHECK_EQ(m_fgetc(a), '3');
	m_fclose(a);
}

static ssize_t
open_and_write(void *path, const char *text, size_t size)
{
	M_FILE *other = m_fopen(path, "a");

	if (other == NULL || m_fwrite(text, 1, size, other) != size || m_fclose(other) != 0)
		return 0;
	return (ssize_t)size;
}

/* What writes for a stream may open and close others, though all streams are being gone through. */
static void
writers_may_open_streams(void)
{
	M_FILE *a;

	make_files();
	a = m_fopencookie(name[0], "w", (cookie_io_functions_t){ .write = open_and_write });
	REQUIRE(a != NULL);
	m_fputs("flushed", a);
	CHECK_EQ(m_fflush(NULL), 0);
	CHECK_EQ(contents(name[0], ours), 7);
	m_fputs("at exit", a);
	m___stdio_exit();
	CHECK_EQ(contents(name[0], ours), 14);
	m_fclose(a);
	unlink(name[0]);
	unlink(name[1]);
}

/* The end of what cannot be wound back is forgotten all the same: on a terminal more may come. */
static void
rewinding_forgets_the_end(void)
{
	int ends[2];

	REQUIRE(pipe(ends) == 0);
	M_FILE *stream = m_fdopen(ends[0], "r");

	CHECK_EQ(close(ends[1]), 0);
	CHECK(m_fgetc(stream) == EOF && m_feof(stream));
	m_rewind(stream);
	CHECK(!m_feof(stream) && !m_ferror(stream));
	m_fclose(stream);
}

int
main(void)
{
	make_files();
	TEST(files_behave_alike);
	TEST(modes_are_obeyed);
	TEST(streams_are_reopened);
	TEST(read_ahead_is_given_back);
	TEST(memory_is_a_file);
	TEST(functions_may_be_missing);
	TEST(errors_are_told);
	TEST(errors_at_the_end_of_the_buffer_are_told);
	TEST(full_pipes_are_no_loss);
	TEST(lines_come_with_their_room);
	TEST(old_errors_do_not_end_lines);
	TEST(buffers_may_be_given_up);
	unlink(name[0]);
	unlink(name[1]);
	TEST(buffers_are_looked_at);
	TEST(descriptors_append);
	TEST(rewinding_forgets_the_end);
	TEST(appending_begins_at_the_end);
	TEST(reopened_streams_are_buffered_anew);
	TEST(reopening_obeys_the_mode);
	TEST(descriptors_permit_modes);
	TEST(what_cannot_be_reopened_is_closed);
	TEST(other_origins_are_errors);
	TEST(writers_may_open_streams);
	return unit_done();
}
