/* ps: the processes, one per line. */
#include <err.h>
#include <stdio.h>

#include "mach/startup.h"
#include "proc.h"

int
main(void)
{
	struct proc_info info;
	kern_return_t kr;

	printf("%5s %5s %c %3s %3s %8s %8s %8s %s\n", "PID", "PPID", 'S', "NI", "THR", "SIZE-KB", "RSS-KB", "TIME-MS", "COMMAND");
	for (int32_t pid = 0; (kr = proc_next(startup_info->proc, pid, &info)) == KERN_SUCCESS; pid = info.pid + 1)
		printf("%5d %5d %c %3d %3u %8lu %8lu %8lu %s\n", info.pid, info.parent, info.state, info.nice, info.threads,
		    info.virtual_size >> 10, info.resident_size >> 10, (info.user_time + info.system_time) / 1000000,
		    info.arguments[0] != 0 ? info.arguments : info.name);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "output");
	return 0;
}
