/* How many descriptors a process may have (BSD). */
#include <unistd.h>

int
getdtablesize(void)
{
	return (int)sysconf(_SC_OPEN_MAX);
}
