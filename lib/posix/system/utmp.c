/* The older names of the calls of utmpx.c. Both structures have the same members. */
#include <utmp.h>
#include <utmpx.h>

_Static_assert(sizeof(struct utmp) == sizeof(struct utmpx), "one file for both");

void
setutent(void)
{
	setutxent();
}

void
endutent(void)
{
	endutxent();
}

struct utmp *
getutent(void)
{
	return (struct utmp *)getutxent();
}

struct utmp *
getutid(const struct utmp *wanted)
{
	return (struct utmp *)getutxid((const struct utmpx *)wanted);
}

struct utmp *
getutline(const struct utmp *wanted)
{
	return (struct utmp *)getutxline((const struct utmpx *)wanted);
}

struct utmp *
pututline(const struct utmp *entry)
{
	return (struct utmp *)pututxline((const struct utmpx *)entry);
}

int
utmpname(const char *path)
{
	return utmpxname(path);
}
