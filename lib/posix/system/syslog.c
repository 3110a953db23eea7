/*
 * syslog: one line per call to /dev/console, as `NAME[PID]: text`.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "libc/misc/program_name.h"

#define LINE_LONGEST 1024

static const char *log_name;
static int log_options, log_facility = LOG_USER, log_mask = LOG_UPTO(LOG_DEBUG);

void
openlog(const char *name, int options, int facility)
{
	log_name = name;
	log_options = options;
	log_facility = facility;
}

void
closelog(void)
{
	log_name = NULL;
}

int
setlogmask(int mask)
{
	int old = log_mask;

	if (mask != 0)
		log_mask = mask;
	return old;
}

static size_t
append(char *line, size_t used, const char *format, ...)
{
	va_list arguments;
	int more;

	va_start(arguments, format);
	more = vsnprintf(line + used, LINE_LONGEST - used, format, arguments);
	va_end(arguments);
	return more < 0 || used + (size_t)more >= LINE_LONGEST ? LINE_LONGEST - 1 : used + (size_t)more;
}

void
vsyslog(int priority, const char *format, va_list arguments)
{
	char line[LINE_LONGEST + 1];
	size_t used = 0;
	int fd, more;

	if ((LOG_MASK(priority & 7) & log_mask) == 0)
		return;
	used = append(line, used, "%s", log_name != NULL ? log_name : __program_name());
	if ((log_options & LOG_PID) != 0)
		used = append(line, used, "[%d]", (int)getpid());
	used = append(line, used, ": ");
	more = vsnprintf(line + used, LINE_LONGEST - used, format, arguments);
	if (more > 0)
		used += (size_t)more < LINE_LONGEST - used ? (size_t)more : LINE_LONGEST - used - 1;
	if (line[used - 1] != '\n')
		line[used++] = '\n';
	if ((log_options & LOG_PERROR) != 0)
		write(STDERR_FILENO, line, used);
	fd = open("/dev/console", O_WRONLY | O_NOCTTY);
	if (fd >= 0) {
		write(fd, line, used);
		close(fd);
	}
}

void
syslog(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsyslog(priority, format, arguments);
	va_end(arguments);
}
