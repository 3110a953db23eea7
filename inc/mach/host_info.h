/*
 * What host_info tells about the machine.
 */
#ifndef MACH_HOST_INFO_H
#define MACH_HOST_INFO_H

#include <mach/types.h>

struct host_info {
	uint32_t cpus;
	uint32_t page_size;		/* bytes */
	uint64_t memory;		/* bytes of RAM */
	uint64_t uptime;		/* nanoseconds since boot */
	uint64_t heap_bytes;		/* kernel heap in use */
	uint32_t tasks, threads;
	uint32_t ports;			/* in existence */
	uint32_t messages;		/* queued */
	uint64_t switches;		/* context switches, all CPUs */
	uint64_t space_switches;	/* address-space switches, all CPUs */
	uint64_t idle;			/* nanoseconds in which CPUs had nothing to do, all together */
	char machine[16];		/* "aarch64" or "x86_64" */
	char version[32];
	char command_line[256];
};

/* host_reboot flags */
#define HOST_POWEROFF		0u	/* status in the low 8 bits of `status` */
#define HOST_REBOOT		1u

/* host_trace operations; on starts with an empty record */
#define HOST_TRACE_OFF		0u
#define HOST_TRACE_ON		1u

enum { CLOCK_MONOTONIC_NS = 0, CLOCK_REALTIME_NS = 1 };	/* clock_get_time */

#endif
