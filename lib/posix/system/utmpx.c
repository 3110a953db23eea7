/*
 * Records of who logged in: a file of struct utmpx, one behind the other. The place in it is the descriptor's.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <paths.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

static char file[PATH_MAX] = _PATH_UTMP;
static int descriptor = -1;
static struct utmpx current;

void
endutxent(void)
{
	if (descriptor >= 0)
		close(descriptor);
	descriptor = -1;
}

int
utmpxname(const char *path)
{
	if (strlen(path) >= sizeof(file)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	endutxent();
	strcpy(file, path);
	return 0;
}

/* Opens the file, to be written too if it may be; false with errno: there is none. */
static bool
open_file(void)
{
	if (descriptor < 0 && (descriptor = open(file, O_RDWR | O_CLOEXEC)) < 0)
		descriptor = open(file, O_RDONLY | O_CLOEXEC);
	return descriptor >= 0;
}

void
setutxent(void)
{
	if (descriptor >= 0)
		lseek(descriptor, 0, SEEK_SET);
}

struct utmpx *
getutxent(void)
{
	ssize_t got;

	if (!open_file())
		return NULL;
	got = read(descriptor, &current, sizeof(current));
	if (got >= 0 && (size_t)got < sizeof(current))
		errno = ESRCH;
	return got == (ssize_t)sizeof(current) ? &current : NULL;
}

static bool
is_process(int type)
{
	return type >= INIT_PROCESS && type <= DEAD_PROCESS;
}

static bool
has_id(const struct utmpx *wanted)
{
	if (is_process(wanted->ut_type))
		return is_process(current.ut_type) && memcmp(current.ut_id, wanted->ut_id, sizeof(current.ut_id)) == 0;
	return wanted->ut_type >= RUN_LVL && wanted->ut_type <= OLD_TIME && current.ut_type == wanted->ut_type;
}

struct utmpx *
getutxid(const struct utmpx *wanted)
{
	while (getutxent() != NULL)
		if (has_id(wanted))
			return &current;
	return NULL;
}

struct utmpx *
getutxline(const struct utmpx *wanted)
{
	while (getutxent() != NULL)
		if ((current.ut_type == LOGIN_PROCESS || current.ut_type == USER_PROCESS) &&
		    strncmp(current.ut_line, wanted->ut_line, sizeof(current.ut_line)) == 0)
			return &current;
	return NULL;
}

/* The entry may be what getutxent returned, so it is copied first. */
struct utmpx *
pututxline(const struct utmpx *entry)
{
	struct utmpx copy = *entry;
	off_t end;

	if (!open_file())
		return NULL;
	lseek(descriptor, 0, SEEK_SET);
	if (getutxid(&copy) != NULL) {
		lseek(descriptor, -(off_t)sizeof(current), SEEK_CUR);
	} else {
		end = lseek(descriptor, 0, SEEK_END);
		lseek(descriptor, end - end % (off_t)sizeof(current), SEEK_SET);
	}
	if (write(descriptor, &copy, sizeof(copy)) != (ssize_t)sizeof(copy))
		return NULL;
	current = copy;
	return &current;
}
