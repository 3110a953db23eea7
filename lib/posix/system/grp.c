/*
 * Groups: the lines of /etc/group, name:password:gid:member,member...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <string.h>

#include "database.h"

#define PATH "/etc/group"

static char line[2 * DATABASE_LINE];
static struct group found;
static FILE *open_file;

/* Puts the members' addresses behind the line's text; false: no room for them. */
static bool
split_members(char *members, struct group *entry, char *end)
{
	char *free_from = members + strlen(members) + 1;
	uintptr_t aligned = ((uintptr_t)free_from + sizeof(char *) - 1) & ~(uintptr_t)(sizeof(char *) - 1);
	char **list = (char **)aligned;
	size_t count = 0, room = aligned < (uintptr_t)end ? ((uintptr_t)end - aligned) / sizeof(char *) : 0;

	for (char *member = strsep(&members, ","); member != NULL; member = strsep(&members, ",")) {
		if (*member == '\0')
			continue;
		if (count + 1 >= room)
			return false;
		list[count++] = member;
	}
	if (room == 0)
		return false;
	list[count] = NULL;
	entry->gr_mem = list;
	return true;
}

/* The next good entry of a file: 0, or ENOENT at its end, or ERANGE. */
static int
next(FILE *file, struct group *entry, char *buffer, size_t size)
{
	char *f[4];
	int got;

	while ((got = __database_line(file, buffer, size)) > 0) {
		if (!__database_split(buffer, f, 4) || f[0][0] == '\0' || !__database_number(f[2], &entry->gr_gid))
			continue;
		entry->gr_name = f[0];
		entry->gr_passwd = f[1];
		return split_members(f[3], entry, buffer + size) ? 0 : ERANGE;
	}
	return got < 0 ? ERANGE : ENOENT;
}

/* An entry that has no room stays the next one, if the file has positions. */
int
fgetgrent_r(FILE *file, struct group *entry, char *buffer, size_t size, struct group **result)
{
	off_t start = ftello(file);
	int error = next(file, entry, buffer, size);

	*result = error == 0 ? entry : NULL;
	if (error == ERANGE && start >= 0)
		fseeko(file, start, SEEK_SET);
	return error;
}

static int
search(const char *name, gid_t gid, struct group *entry, char *buffer, size_t size, struct group **result)
{
	FILE *file = fopen(PATH, "re");
	int error;

	*result = NULL;
	if (file == NULL)
		return errno == ENOENT ? 0 : errno;
	while ((error = next(file, entry, buffer, size)) == 0)
		if (name != NULL ? strcmp(entry->gr_name, name) == 0 : entry->gr_gid == gid) {
			*result = entry;
			break;
		}
	fclose(file);
	return error == ENOENT ? 0 : error;
}

int
getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size, struct group **result)
{
	return search(name, 0, entry, buffer, size, result);
}

int
getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size, struct group **result)
{
	return search(NULL, gid, entry, buffer, size, result);
}

static struct group *
search_static(const char *name, gid_t gid)
{
	struct group *result;
	int saved = errno, error = search(name, gid, &found, line, sizeof(line), &result);

	errno = error != 0 ? error : saved;
	return result;
}

struct group *
getgrnam(const char *name)
{
	return search_static(name, 0);
}

struct group *
getgrgid(gid_t gid)
{
	return search_static(NULL, gid);
}

void
endgrent(void)
{
	if (open_file != NULL)
		fclose(open_file);
	open_file = NULL;
}

void
setgrent(void)
{
	endgrent();
}

static FILE *
opened(void)
{
	if (open_file == NULL)
		open_file = fopen(PATH, "re");
	return open_file;
}

struct group *
getgrent(void)
{
	return opened() != NULL && next(open_file, &found, line, sizeof(line)) == 0 ? &found : NULL;
}

int
getgrent_r(struct group *entry, char *buffer, size_t size, struct group **result)
{
	*result = NULL;
	return opened() != NULL ? fgetgrent_r(open_file, entry, buffer, size, result) : errno;
}

struct group *
fgetgrent(FILE *file)
{
	int error = next(file, &found, line, sizeof(line));

	if (error == 0)
		return &found;
	errno = error;
	return NULL;
}

static bool
can_be_written(const struct group *entry)
{
	if (entry->gr_name == NULL || !__database_field(entry->gr_name) || !__database_field(entry->gr_passwd))
		return false;
	for (char **member = entry->gr_mem; member != NULL && *member != NULL; member++)
		if (!__database_field(*member) || strchr(*member, ',') != NULL)
			return false;
	return true;
}

/* EINVAL: a field has what would end it. */
int
putgrent(const struct group *entry, FILE *file)
{
	int result;

	if (!can_be_written(entry)) {
		errno = EINVAL;
		return -1;
	}
	flockfile(file);
	result = fprintf(file, "%s:%s:%u:", entry->gr_name, entry->gr_passwd != NULL ? entry->gr_passwd : "", entry->gr_gid);
	for (char **member = entry->gr_mem; member != NULL && *member != NULL; member++)
		if (fprintf(file, member == entry->gr_mem ? "%s" : ",%s", *member) < 0)
			result = -1;
	if (putc('\n', file) == EOF)
		result = -1;
	funlockfile(file);
	return result < 0 ? -1 : 0;
}

/* The groups a user is in, `group` first; -1 with the number needed in *count: there was no room for all. */
int
getgrouplist(const char *user, gid_t group, gid_t *groups, int *count)
{
	char buffer[2 * DATABASE_LINE];
	struct group entry;
	FILE *file = fopen(PATH, "re");
	int wanted = 0, room = *count;

	if (wanted++ < room)
		groups[0] = group;
	while (file != NULL && next(file, &entry, buffer, sizeof(buffer)) == 0)
		for (char **member = entry.gr_mem; *member != NULL; member++)
			if (strcmp(*member, user) == 0 && entry.gr_gid != group) {
				if (wanted++ < room)
					groups[wanted - 1] = entry.gr_gid;
				break;
			}
	if (file != NULL)
		fclose(file);
	*count = wanted;
	return wanted <= room ? wanted : -1;
}
