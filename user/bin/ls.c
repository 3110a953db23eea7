/* ls [-al] [path ...]: names of files, sorted; -l with type, permissions, links, owner, size and time; -a with hidden ones. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
	char *name;
	struct stat status;
};

static int all, details, failed;

static void
complain(const char *path)
{
	int error = errno;

	fflush(stdout);
	fprintf(stderr, "ls: %s: %s\n", path, strerror(error));
	failed = 1;
}

static void
format_mode(mode_t mode, char text[11])
{
	static const char types[] = "?pc?d?b?-?l?s???", bits[] = "rwxrwxrwx";

	text[0] = types[(mode & S_IFMT) >> 12];
	for (int i = 0; i < 9; i++)
		text[i + 1] = (mode & (0400 >> i)) != 0 ? bits[i] : '-';
	if ((mode & S_ISUID) != 0)
		text[3] = (mode & S_IXUSR) != 0 ? 's' : 'S';
	if ((mode & S_ISGID) != 0)
		text[6] = (mode & S_IXGRP) != 0 ? 's' : 'S';
	if ((mode & S_ISVTX) != 0)
		text[9] = (mode & S_IXOTH) != 0 ? 't' : 'T';
	text[10] = 0;
}

/* Civil date from seconds since 1970 (proleptic Gregorian calendar, years from March). */
static void
format_time(long seconds, char *text, size_t size)
{
	long days = seconds / 86400 - (seconds % 86400 < 0), rest = seconds - days * 86400;
	long shifted = days + 719468, era = shifted / 146097, day_of_era = shifted - era * 146097;
	long year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	long day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	long month = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * month + 2) / 5 + 1;

	month += month < 10 ? 3 : -9;
	snprintf(text, size, "%04ld-%02ld-%02ld %02ld:%02ld", year_of_era + era * 400 + (month <= 2), month, day, rest / 3600,
	    rest % 3600 / 60);
}

static void
print_target(const char *path)
{
	char target[1024];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length < 0)
		return;
	target[length] = 0;
	printf(" -> %s", target);
}

static void
print_entry(const char *folder, const struct entry *entry)
{
	const struct stat *s = &entry->status;
	char mode[11], when[96], path[2048];

	if (!details) {
		puts(entry->name);
		return;
	}
	format_mode(s->st_mode, mode);
	format_time(s->st_mtime, when, sizeof(when));
	printf("%s %3u %5u %5u %10ld %s %s", mode, s->st_nlink, s->st_uid, s->st_gid, (long)s->st_size, when, entry->name);
	if (S_ISLNK(s->st_mode)) {
		snprintf(path, sizeof(path), "%s%s%s", folder, *folder != 0 ? "/" : "", entry->name);
		print_target(path);
	}
	putchar('\n');
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Adds a name to the growing list; -1: no memory. */
static int
add_entry(struct entry **list, size_t *count, size_t *room, const char *folder, const char *name)
{
	struct entry *entry;
	char path[2048];

	if (*count == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		struct entry *larger = realloc(*list, more * sizeof(**list));

		if (larger == NULL)
			return -1;
		*list = larger;
		*room = more;
	}
	entry = &(*list)[*count];
	memset(entry, 0, sizeof(*entry));
	entry->name = malloc(strlen(name) + 1);
	if (entry->name == NULL)
		return -1;
	memcpy(entry->name, name, strlen(name) + 1);
	(*count)++;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (details && lstat(path, &entry->status) < 0)
		complain(path);
	return 0;
}

static void
list_folder(const char *path)
{
	struct entry *list = NULL;
	size_t count = 0, room = 0;
	DIR *dir = opendir(path);
	struct dirent *d;

	if (dir == NULL) {
		complain(path);
		return;
	}
	for (errno = 0; (d = readdir(dir)) != NULL; errno = 0) {
		if (d->d_name[0] == '.' && !all)
			continue;
		if (add_entry(&list, &count, &room, path, d->d_name) < 0) {
			errno = ENOMEM;
			break;
		}
	}
	if (errno != 0)
		complain(path);
	closedir(dir);
	if (count > 0)
		qsort(list, count, sizeof(*list), by_name);
	for (size_t i = 0; i < count; i++) {
		print_entry(path, &list[i]);
		free(list[i].name);
	}
	free(list);
}

/* A link without -l stands for what it leads to; one that leads nowhere, for itself. */
static void
list_path(char *path, int title)
{
	struct entry entry = { .name = path };
	struct stat target;

	if (lstat(path, &entry.status) < 0) {
		complain(path);
		return;
	}
	if (S_ISLNK(entry.status.st_mode) && !details && stat(path, &target) == 0)
		entry.status = target;
	if (!S_ISDIR(entry.status.st_mode)) {
		print_entry("", &entry);
		return;
	}
	if (title)
		printf("%s:\n", path);
	list_folder(path);
}

int
main(int argc, char **argv)
{
	int first = 1;

	for (; first < argc && argv[first][0] == '-' && argv[first][1] != 0; first++)
		for (const char *c = argv[first] + 1; *c != 0; c++) {
			if (*c == 'a')
				all = 1;
			else if (*c == 'l')
				details = 1;
			else {
				fprintf(stderr, "ls: unknown option -%c\nusage: ls [-al] [path ...]\n", *c);
				return 2;
			}
		}
	if (first == argc)
		list_folder(".");
	for (int i = first; i < argc; i++)
		list_path(argv[i], argc - first > 1);
	if (fflush(stdout) == EOF || ferror(stdout))
		complain("output");
	return failed;
}
