/*
 * bale: packs files and folders into one archive of the ustar format (POSIX.1 pax), lists it, unpacks it.
 *
 *	bale -c [-v] [-f archive] [-C folder] [-x pattern] name ...	creates
 *	bale -t [-v] [-f archive] [pattern ...]				lists
 *	bale -u [-v] [-f archive] [-C folder] [-n] [pattern ...]	unpacks; -n: leaves files that are there
 *
 * Without -f it reads standard input and writes standard output. Names that would leave the folder are refused.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define BLOCK	512

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

struct member {
	char name[PATH_MAX], link[101];
	unsigned long mode, size, mtime;
	char type;
};

static const char *program = "bale";
static bool verbose, keep;
static const char *leave_out;
static int status;

static void
complain(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "%s: ", program);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	status = 1;
}

static unsigned
sum_of(const struct header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < sizeof(*h); i++)
		sum += i >= offsetof(struct header, sum) && i < offsetof(struct header, sum) + sizeof(h->sum) ? ' ' : p[i];
	return sum;
}

/* --- creating --- */

/* A name of more than 100 bytes is divided at a slash. */
static bool
set_name(struct header *h, const char *name)
{
	size_t size = strlen(name), at;

	if (size <= sizeof(h->name)) {
		memcpy(h->name, name, size);
		return true;
	}
	for (at = size - sizeof(h->name) - 1; at < size && at <= sizeof(h->prefix); at++)
		if (name[at] == '/' && at != 0) {
			memcpy(h->prefix, name, at);
			memcpy(h->name, name + at + 1, size - at - 1);
			return true;
		}
	return false;
}

static bool
put_header(FILE *out, const char *name, const struct stat *st, char type, const char *link)
{
	struct header h;

	memset(&h, 0, sizeof(h));
	if (!set_name(&h, name)) {
		complain("%s: the name is too long", name);
		return false;
	}
	snprintf(h.mode, sizeof(h.mode), "%07o", (unsigned)(st->st_mode & 07777));
	snprintf(h.uid, sizeof(h.uid), "%07o", 0u);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0u);
	snprintf(h.size, sizeof(h.size), "%011lo", type == '0' ? (unsigned long)st->st_size : 0ul);
	snprintf(h.mtime, sizeof(h.mtime), "%011lo", (unsigned long)st->st_mtime);
	h.type = type;
	memcpy(h.link, link, strlen(link) < sizeof(h.link) ? strlen(link) : sizeof(h.link));
	memcpy(h.magic, "ustar", 6);
	memcpy(h.version, "00", 2);
	snprintf(h.sum, sizeof(h.sum), "%06o", sum_of(&h));
	h.sum[7] = ' ';
	if (verbose)
		fprintf(stderr, "a %s\n", name);
	return fwrite(&h, sizeof(h), 1, out) == 1;
}

static void
put_file(FILE *out, const char *name, const struct stat *st)
{
	char block[BLOCK];
	FILE *in = fopen(name, "rb");
	unsigned long left = (unsigned long)st->st_size;
	size_t n;

	if (in == NULL) {
		complain("%s: %s", name, strerror(errno));
		return;
	}
	if (put_header(out, name, st, '0', ""))
		for (; left != 0; left -= n < left ? n : left) {
			memset(block, 0, sizeof(block));
			n = fread(block, 1, left < sizeof(block) ? left : sizeof(block), in);
			if (n == 0) {
				complain("%s: has become shorter", name);
				n = left < sizeof(block) ? left : sizeof(block);
			}
			fwrite(block, sizeof(block), 1, out);
		}
	fclose(in);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void put(FILE *out, const char *name);

static void
put_folder(FILE *out, const char *name)
{
	DIR *dir = opendir(name);
	struct dirent *entry;
	char **all = NULL;
	size_t n = 0, i, size;

	if (dir == NULL) {
		complain("%s: %s", name, strerror(errno));
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		all = realloc(all, (n + 1) * sizeof(*all));
		size = strlen(name) + strlen(entry->d_name) + 2;
		all[n] = malloc(size);
		snprintf(all[n++], size, "%s/%s", name, entry->d_name);
	}
	closedir(dir);
	qsort(all, n, sizeof(*all), by_name);
	for (i = 0; i < n; i++) {
		put(out, all[i]);
		free(all[i]);
	}
	free(all);
}

static void
put(FILE *out, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (leave_out != NULL && fnmatch(leave_out, name, 0) == 0)
		return;
	if (lstat(name, &st) < 0) {
		complain("%s: %s", name, strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		snprintf(path, sizeof(path), "%s/", name);
		if (put_header(out, path, &st, '5', ""))
			put_folder(out, name);
	} else if (S_ISLNK(st.st_mode)) {
		n = readlink(name, path, sizeof(path) - 1);
		if (n >= 0) {
			path[n] = '\0';
			put_header(out, name, &st, '2', path);
		}
	} else if (S_ISREG(st.st_mode)) {
		put_file(out, name, &st);
	} else {
		complain("%s: not a file, folder or link", name);
	}
}

static void
create(FILE *out, char **names)
{
	static const char zeros[2 * BLOCK];

	for (; *names != NULL; names++)
		put(out, *names);
	fwrite(zeros, sizeof(zeros), 1, out);
}

/* --- reading --- */

static bool
octal(const char *field, size_t size, unsigned long *value)
{
	char text[16], *end;

	memcpy(text, field, size);
	text[size] = '\0';
	*value = strtoul(text, &end, 8);
	return end != text && (*end == '\0' || *end == ' ');
}

/* Returns 1; 0 at the end; -1 for what is no archive. */
static int
next_member(FILE *in, struct member *m)
{
	struct header h;
	unsigned long sum;

	if (fread(&h, sizeof(h), 1, in) != 1)
		return feof(in) ? 0 : -1;
	if (h.name[0] == '\0')
		return 0;
	if (memcmp(h.magic, "ustar", 5) != 0 || !octal(h.sum, 7, &sum) || sum != sum_of(&h) ||
	    !octal(h.mode, sizeof(h.mode), &m->mode) || !octal(h.size, sizeof(h.size), &m->size) ||
	    !octal(h.mtime, sizeof(h.mtime), &m->mtime))
		return -1;
	snprintf(m->name, sizeof(m->name), "%.155s%s%.100s", h.prefix, h.prefix[0] != '\0' ? "/" : "", h.name);
	snprintf(m->link, sizeof(m->link), "%.100s", h.link);
	m->type = h.type;
	return 1;
}

static bool
wanted(const struct member *m, char **patterns)
{
	if (*patterns == NULL)
		return true;
	for (; *patterns != NULL; patterns++)
		if (fnmatch(*patterns, m->name, FNM_PERIOD) == 0)
			return true;
	return false;
}

/* The member's blocks; to: where they go, or NULL. */
static bool
copy(FILE *in, FILE *to, const struct member *m)
{
	unsigned long left = m->size;
	char block[BLOCK];
	size_t n;

	for (; left != 0; left -= n) {
		if (fread(block, sizeof(block), 1, in) != 1) {
			complain("%s: the archive ends too early", m->name);
			return false;
		}
		n = left < sizeof(block) ? left : sizeof(block);
		if (to != NULL && fwrite(block, 1, n, to) != n)
			complain("%s: %s", m->name, strerror(errno));
	}
	return true;
}

static void
print_member(const struct member *m)
{
	static const char rights[] = "rwxrwxrwx";
	char mode[11] = "-", when[32];
	time_t mtime = (time_t)m->mtime;
	int i;

	if (!verbose) {
		puts(m->name);
		return;
	}
	mode[0] = m->type == '5' ? 'd' : m->type == '2' ? 'l' : '-';
	for (i = 0; i < 9; i++)
		mode[i + 1] = (m->mode & (0400u >> i)) != 0 ? rights[i] : '-';
	mode[10] = '\0';
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", gmtime(&mtime));
	printf("%s %8lu %s %s%s%s\n", mode, m->size, when, m->name, m->type == '2' ? " -> " : "", m->link);
}

static bool
stays_inside(const char *name)
{
	const char *part = name;

	if (*name == '/')
		return false;
	while (part != NULL && *part != '\0') {
		part += strspn(part, "/");
		if (strcmp(part, "..") == 0 || strncmp(part, "../", 3) == 0)
			return false;
		part = strchr(part, '/');
	}
	return true;
}

static void
make_folders(const char *name)
{
	char path[PATH_MAX], *at;

	snprintf(path, sizeof(path), "%s", name);
	for (at = path; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			complain("%s: %s", path, strerror(errno));
		*at = '/';
	}
}

static bool
unpack_file(FILE *in, const struct member *m)
{
	struct utimbuf times = { (time_t)m->mtime, (time_t)m->mtime };
	int fd;
	FILE *to;
	bool good;

	fd = open(m->name, O_WRONLY | O_CREAT | (keep ? O_EXCL : O_TRUNC), 0666);
	if (fd < 0)
		complain("%s: %s", m->name, strerror(errno));
	to = fd >= 0 ? fdopen(fd, "wb") : NULL;
	good = copy(in, to, m);
	if (to == NULL)
		return good;
	fchmod(fd, (mode_t)m->mode & 0777);
	if (fclose(to) != 0 || utime(m->name, &times) < 0)
		complain("%s: %s", m->name, strerror(errno));
	return good;
}

static bool
unpack(FILE *in, const struct member *m)
{
	if (!stays_inside(m->name)) {
		complain("%s: would leave the folder", m->name);
		return copy(in, NULL, m);
	}
	if (verbose)
		fprintf(stderr, "u %s\n", m->name);
	make_folders(m->name);
	switch (m->type) {
	case '5':
		chmod(m->name, (mode_t)m->mode & 0777);
		return true;
	case '2':
		if (symlink(m->link, m->name) < 0)
			complain("%s: %s", m->name, strerror(errno));
		return true;
	default:
		return unpack_file(in, m);
	}
}

static void
read_archive(FILE *in, char **patterns, bool list)
{
	struct member m;
	bool good = true;
	int found;

	while (good && (found = next_member(in, &m)) > 0) {
		if (!wanted(&m, patterns))
			good = copy(in, NULL, &m);
		else if (!list)
			good = unpack(in, &m);
		else {
			print_member(&m);
			good = copy(in, NULL, &m);
		}
	}
	if (good && found < 0)
		complain("not an archive, or a damaged one");
}

int
main(int argc, char **argv)
{
	const char *file = NULL, *folder = NULL;
	FILE *archive;
	int what = 0, c;

	while ((c = getopt(argc, argv, "ctuvnf:C:x:")) != -1)
		switch (c) {
		case 'c': case 't': case 'u': what = c; break;
		case 'v': verbose = true; break;
		case 'n': keep = true; break;
		case 'f': file = optarg; break;
		case 'C': folder = optarg; break;
		case 'x': leave_out = optarg; break;
		default: what = '?';
		}
	if (what == 0 || what == '?') {
		fprintf(stderr, "usage: %s -c | -t | -u [-nv] [-f archive] [-C folder] [-x pattern] [name ...]\n", program);
		return 2;
	}
	archive = what == 'c' ? stdout : stdin;
	if (file != NULL && (archive = fopen(file, what == 'c' ? "wb" : "rb")) == NULL) {
		complain("%s: %s", file, strerror(errno));
		return 2;
	}
	if (folder != NULL && chdir(folder) < 0) {
		complain("%s: %s", folder, strerror(errno));
		return 2;
	}
	if (what == 'c')
		create(archive, argv + optind);
	else
		read_archive(archive, argv + optind, what == 't');
	if (ferror(archive) || fclose(archive) != 0) {
		complain("archive: %s", strerror(errno));
		return 2;
	}
	return status;
}
