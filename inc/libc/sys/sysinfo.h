/* What the machine has and how much of it is free (Linux). */
#ifndef _SYS_SYSINFO_H
#define _SYS_SYSINFO_H

struct sysinfo {
	long uptime;			/* seconds */
	unsigned long loads[3];		/* not counted: 0 */
	unsigned long totalram, freeram, sharedram, bufferram;	/* of mem_unit bytes; the last two are not counted: 0 */
	unsigned long totalswap, freeswap;
	unsigned short procs;		/* processes */
	unsigned long totalhigh, freehigh;	/* 0 */
	unsigned mem_unit;		/* bytes */
};

int sysinfo(struct sysinfo *info);

int get_nprocs(void);			/* processors */
int get_nprocs_conf(void);
long get_phys_pages(void);
long get_avphys_pages(void);		/* free ones */

#endif
