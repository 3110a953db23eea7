/*
 * Users: the lines of /etc/passwd, name:password:uid:gid:comment:home:shell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "database.h"

#define PATH "/etc/passwd"

static char line[DATABASE_LINE];
static struct passwd found;
static FILE *open_file;

static bool
parse(char *text, struct passwd *entry)
{
	char *f[7];

	if (!__database_split(text, f, 7) || f[0][0] == '\0' || !__database_number(f[2], &entry->pw_uid) ||
	    !__database_number(f[3], &entry->pw_gid))
		return false;
	entry->pw_name = f[0];
	entry->pw_passwd = f[1];
	entry->pw_gecos = f[4];
	entry->pw_dir = f[5];
	entry->pw_shell = f[6];
	return true;
}

/* The next good entry of a file: 0, or ENOENT at its end, or ERANGE. */
static int
next(FILE *file, struct passwd *entry, char *buffer, size_t size)
{
	int got;

	while ((got = __database_line(file, buffer, size)) > 0)
		if (parse(buffer, entry))
			return 0;
	return got < 0 ? ERANGE : ENOENT;
}

/* An entry that has no room stays the next one, if the file has positions. */
int
fgetpwent_r(FILE *file, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
	off_t start = ftello(file);
	int error = next(file, entry, buffer, size);

	*result = error == 0 ? entry : NULL;
	if (error == ERANGE && start >= 0)
		fseeko(file, start, SEEK_SET);
	return error;
}

/* By name, or by number if name is NULL. Returns an error number; *result stays NULL if there is no such entry. */
static int
search(const char *name, uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
	FILE *file = fopen(PATH, "re");
	int error;

	*result = NULL;
	if (file == NULL)
		return errno == ENOENT ? 0 : errno;
	while ((error = next(file, entry, buffer, size)) == 0)
		if (name != NULL ? strcmp(entry->pw_name, name) == 0 : entry->pw_uid == uid) {
			*result = entry;
			break;
		}
	fclose(file);
	return error == ENOENT ? 0 : error;
}

int
getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
	return search(name, 0, entry, buffer, size, result);
}

int
getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
	return search(NULL, uid, entry, buffer, size, result);
}

static struct passwd *
search_static(const char *name, uid_t uid)
{
	struct passwd *result;
	int saved = errno, error = search(name, uid, &found, line, sizeof(line), &result);

	errno = error != 0 ? error : saved;
	return result;
}

struct passwd *
getpwnam(const char *name)
{
	return search_static(name, 0);
}

struct passwd *
getpwuid(uid_t uid)
{
	return search_static(NULL, uid);
}

void
endpwent(void)
{
	if (open_file != NULL)
		fclose(open_file);
	open_file = NULL;
}

void
setpwent(void)
{
	endpwent();
}

static FILE *
opened(void)
{
	if (open_file == NULL)
		open_file = fopen(PATH, "re");
	return open_file;
}

struct passwd *
getpwent(void)
{
	return opened() != NULL && next(open_file, &found, line, sizeof(line)) == 0 ? &found : NULL;
}

int
getpwent_r(struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
	*result = NULL;
	return opened() != NULL ? fgetpwent_r(open_file, entry, buffer, size, result) : errno;
}

struct passwd *
fgetpwent(FILE *file)
{
	int error = next(file, &found, line, sizeof(line));

	if (error == 0)
		return &found;
	errno = error;
	return NULL;
}

static const char *
text_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* A comment loses what would end it; EINVAL for the other fields. */
int
putpwent(const struct passwd *entry, FILE *file)
{
	int result;

	if (entry->pw_name == NULL || !__database_field(entry->pw_name) || !__database_field(entry->pw_passwd) ||
	    !__database_field(entry->pw_dir) || !__database_field(entry->pw_shell)) {
		errno = EINVAL;
		return -1;
	}
	flockfile(file);
	result = fprintf(file, "%s:%s:%u:%u:", entry->pw_name, text_or_empty(entry->pw_passwd), entry->pw_uid, entry->pw_gid);
	for (const char *c = text_or_empty(entry->pw_gecos); *c != '\0'; c++)
		if (putc(*c == ':' || *c == '\n' ? ' ' : *c, file) == EOF)
			result = -1;
	if (fprintf(file, ":%s:%s\n", text_or_empty(entry->pw_dir), text_or_empty(entry->pw_shell)) < 0)
		result = -1;
	funlockfile(file);
	return result < 0 ? -1 : 0;
}
