/*
 * Who may use the terminal: sessions, the foreground group, signals from the keyboard. See tty.h.
 */
#include "tty.h"

#include "mach/service.h"
#include "proc.h"

#define PROC_TIMEOUT	1000		/* ms */

static int32_t foreground;		/* group; 0: nobody */

int32_t
jobs_foreground(void)
{
	return __atomic_load_n(&foreground, __ATOMIC_RELAXED);
}

void
jobs_set_foreground(int32_t group)
{
	__atomic_store_n(&foreground, group, __ATOMIC_RELAXED);
}

static mach_port_t
proc_service(void)
{
	static mach_port_t proc;

	if (proc == MACH_PORT_NULL)
		proc = service_look_up("proc");
	return proc;
}

/* The process server is asked without the lock: it may be writing to this terminal just now. */
void
jobs_signal(int32_t signal)
{
	int32_t group = jobs_foreground();

	if (group <= 0 || proc_service() == MACH_PORT_NULL)
		return;
	mig_set_timeout(PROC_TIMEOUT);
	proc_signal_group(proc_service(), group, signal);
	mig_set_timeout(0);
}
