/*
 * The privileged ports of the machine (host, device master, console) and what the host tells.
 */
#ifndef TASK_HOST_H
#define TASK_HOST_H

#include <mach/host_info.h>
#include <stdint.h>

struct ipc_port;

/* Bare references, alive as long as the machine; port_make_send for a right. */
extern struct ipc_port *host_port, *device_port, *console_port;

void host_init(void);
void host_info_get(struct host_info *info);
void host_drain_caches(void);		/* every CPU's caches of frames, heap objects and messages, and idle kernel stacks */
uint64_t host_boot_time(void);		/* ns since 1970 at timer_now() == 0 */

#endif
