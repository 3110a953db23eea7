/* What the machine has (<sys/sysinfo.h>): the kernel's figures. */
#include <errno.h>
#include <mach/host_info.h>
#include <mach/vm.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "mach/mach.h"
#include "posix/posix.h"
#include "posix/signal/signals.h"
#include "proc.h"

#define NS_PER_S	1000000000ull

static unsigned short
processes(void)
{
	struct proc_info info;
	unsigned short count = 0;

	for (int32_t pid = 0; proc_next(proc_port(), pid, &info) == KERN_SUCCESS; pid = info.pid + 1)
		count++;
	return count;
}

/* Swap is what the default pager has given so far: the kernel knows no other. */
int
sysinfo(struct sysinfo *info)
{
	struct vm_statistics vm;
	struct host_info host;

	if (host_info(&host) != KERN_SUCCESS || vm_statistics(&vm) != KERN_SUCCESS)
		return posix_error(EFAULT);
	memset(info, 0, sizeof(*info));
	info->uptime = (long)(host.uptime / NS_PER_S);
	info->totalram = vm.total;
	info->freeram = vm.free;
	info->totalswap = vm.swap_total;
	info->freeswap = vm.swap_total - vm.swapped;
	info->procs = processes();
	info->mem_unit = (unsigned)vm.page_size;
	return 0;
}

int
get_nprocs(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int
get_nprocs_conf(void)
{
	return (int)sysconf(_SC_NPROCESSORS_CONF);
}

long
get_phys_pages(void)
{
	return sysconf(_SC_PHYS_PAGES);
}

long
get_avphys_pages(void)
{
	return sysconf(_SC_AVPHYS_PAGES);
}
