/* gettimeofday in milliseconds (4.2BSD). */
#include <stddef.h>
#include <sys/time.h>
#include <sys/timeb.h>

int
ftime(struct timeb *now)
{
	struct timeval exact;

	if (gettimeofday(&exact, NULL) < 0)
		return -1;
	*now = (struct timeb){ .time = exact.tv_sec, .millitm = (unsigned short)(exact.tv_usec / 1000) };
	return 0;
}
