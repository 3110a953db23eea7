/*
 * test, [: an expression, true (0) or false (1); 2: it is none (POSIX.1-2017 test). The last word of [ is ], which is no part of it.
 *
 *	-n TEXT  -z TEXT  TEXT  A = B  A != B  A < B  A > B		text
 *	A -eq B  -ne -lt -le -gt -ge					numbers
 *	-e -f -d -h -L -p -c -b -S -s -r -w -x -u -g -k -O -G FILE	files; -t FD: a terminal; A -nt B, A -ot B, A -ef B
 *	! X   ( X )   X -a Y   X -o Y
 *
 * Two, three and four words mean what POSIX says for their number; longer ones are read as a grammar with -o below -a.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNARY	"nzefdhLpcbSsrwxugkOGt"

static char **word;
static int left;		/* words that are not read yet */

static bool either(void);

static long long
number(const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	end += strspn(end, " \t");
	if (end == text || *end != 0 || errno != 0)
		errx(2, "%s: not a number", text);
	return value;
}

static bool
is_unary(const char *text)
{
	return text[0] == '-' && text[1] != 0 && text[2] == 0 && strchr(UNARY, text[1]) != NULL;
}

static bool
of_mode(char what, const struct stat *st)
{
	switch (what) {
	case 'f': return S_ISREG(st->st_mode);
	case 'd': return S_ISDIR(st->st_mode);
	case 'p': return S_ISFIFO(st->st_mode);
	case 'c': return S_ISCHR(st->st_mode);
	case 'b': return S_ISBLK(st->st_mode);
	case 'S': return S_ISSOCK(st->st_mode);
	case 's': return st->st_size > 0;
	case 'u': return (st->st_mode & S_ISUID) != 0;
	case 'g': return (st->st_mode & S_ISGID) != 0;
	case 'k': return (st->st_mode & S_ISVTX) != 0;
	case 'O': return st->st_uid == geteuid();
	case 'G': return st->st_gid == getegid();
	default: return true;
	}
}

static bool
unary(char what, const char *of)
{
	struct stat st;

	switch (what) {
	case 'n': return *of != 0;
	case 'z': return *of == 0;
	case 't': return isatty((int)number(of)) != 0;
	case 'r': return faccessat(AT_FDCWD, of, R_OK, AT_EACCESS) == 0;
	case 'w': return faccessat(AT_FDCWD, of, W_OK, AT_EACCESS) == 0;
	case 'x': return faccessat(AT_FDCWD, of, X_OK, AT_EACCESS) == 0;
	case 'h':
	case 'L': return lstat(of, &st) == 0 && S_ISLNK(st.st_mode);
	default: return stat(of, &st) == 0 && of_mode(what, &st);
	}
}

static bool
is_newer(const char *a, const char *b)
{
	struct stat x, y;

	if (stat(a, &x) < 0)
		return false;
	if (stat(b, &y) < 0)
		return true;
	return x.st_mtim.tv_sec != y.st_mtim.tv_sec ? x.st_mtim.tv_sec > y.st_mtim.tv_sec : x.st_mtim.tv_nsec > y.st_mtim.tv_nsec;
}

static bool
is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static const char *const binaries[] = { "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef" };

/* The operator's number, or -1. */
static int
binary_of(const char *text)
{
	for (int i = 0; i < (int)(sizeof(binaries) / sizeof(binaries[0])); i++)
		if (strcmp(text, binaries[i]) == 0)
			return i;
	return -1;
}

static bool
binary(int operator, const char *a, const char *b)
{
	switch (operator) {
	case 0:
	case 1: return strcmp(a, b) == 0;
	case 2: return strcmp(a, b) != 0;
	case 3: return strcmp(a, b) < 0;
	case 4: return strcmp(a, b) > 0;
	case 5: return number(a) == number(b);
	case 6: return number(a) != number(b);
	case 7: return number(a) < number(b);
	case 8: return number(a) <= number(b);
	case 9: return number(a) > number(b);
	case 10: return number(a) >= number(b);
	case 11: return is_newer(a, b);
	case 12: return is_newer(b, a);
	default: return is_same(a, b);
	}
}

static char *
next(void)
{
	if (left == 0)
		errx(2, "a word is missing");
	left--;
	return *word++;
}

static bool
primary(void)
{
	char *first = next(), *operator;
	bool result;

	if (left >= 2 && binary_of(word[0]) >= 0) {
		operator = next();
		return binary(binary_of(operator), first, next());
	}
	if (strcmp(first, "!") == 0 && left > 0)
		return !primary();
	if (strcmp(first, "(") == 0 && left > 0) {
		result = either();
		if (strcmp(next(), ")") != 0)
			errx(2, "a ) is missing");
		return result;
	}
	if (is_unary(first) && left > 0)
		return unary(first[1], next());
	return *first != 0;
}

static bool
both(void)
{
	bool result = primary();

	while (left > 0 && strcmp(word[0], "-a") == 0) {
		next();
		result = primary() && result;
	}
	return result;
}

static bool
either(void)
{
	bool result = both();

	while (left > 0 && strcmp(word[0], "-o") == 0) {
		next();
		result = both() || result;
	}
	return result;
}

/* Few words: their number says what they are. */
static bool
few(char **w, int n)
{
	switch (n) {
	case 0: return false;
	case 1: return *w[0] != 0;
	case 2:
		if (strcmp(w[0], "!") == 0)
			return !few(w + 1, 1);
		if (is_unary(w[0]))
			return unary(w[0][1], w[1]);
		errx(2, "%s: not an operator", w[0]);
	case 3:
		if (binary_of(w[1]) >= 0)
			return binary(binary_of(w[1]), w[0], w[2]);
		if (strcmp(w[0], "!") == 0)
			return !few(w + 1, 2);
		if (strcmp(w[0], "(") == 0 && strcmp(w[2], ")") == 0)
			return few(w + 1, 1);
		break;
	case 4:
		if (strcmp(w[0], "!") == 0)
			return !few(w + 1, 3);
		if (strcmp(w[0], "(") == 0 && strcmp(w[3], ")") == 0)
			return few(w + 1, 2);
	}
	word = w;
	left = n;
	bool result = either();

	if (left > 0)
		errx(2, "%s: not an operator", word[0]);
	return result;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "test";
	size_t length = strlen(name);

	if (length > 0 && name[length - 1] == '[' && (length == 1 || name[length - 2] == '/') &&
	    (argc < 2 || strcmp(argv[--argc], "]") != 0))
		errx(2, "] is missing");
	return few(argv + 1, argc - 1) ? 0 : 1;
}
