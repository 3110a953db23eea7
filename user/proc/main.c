/*
 * The process server. Serves proc.defs on one port per process (the port says who asks) and on
 * the service port (init and servers).
 *
 * README.md says what is in which file.
 */
#include "mach/heap.h"
#include "mach/print.h"
#include "mach/service.h"
#include "proc_local.h"
#include "proc_server.h"
#include <mach/task_info.h>
#include <string.h>

#define THREADS		4

mach_port_t port_set, notify_port, service_port, host, public_bootstrap;

static void
dead_name(mach_port_t port, mach_port_t name)
{
	struct process *p;

	(void)port;
	mutex_lock(&lock);
	p = process_by_task(name);
	if (p != NULL)
		process_died(p);
	mutex_unlock(&lock);
	port_drop(name);
}

/* Process 1 has neither task nor port here. */
static void
add_init(void)
{
	struct process *p = heap_zalloc(1, sizeof(*p));

	mutex_lock(&lock);
	if (p == NULL || !process_insert(p))
		panic("proc: no memory\n");
	strlcpy(p->name, "init", sizeof(p->name));
	strlcpy(p->arguments, "/boot/init", sizeof(p->arguments));
	p->group = p->session = p->pid;
	mutex_unlock(&lock);
}

/* The tasks of programs are our children (those of fork are their parents'): as many as there may be processes, and one more for an exec each. */
static void
set_own_limit(void)
{
	struct task_limits limits = { .tasks = PROCESSES_MAX + THREADS };

	if (task_set_limits(host, mach_task_self(), &limits) != KERN_SUCCESS)
		panic("proc: cannot have many tasks\n");
}

static bool
listen(mach_port_t port)
{
	return mach_port_move_member(mach_task_self(), port, port_set) == KERN_SUCCESS;
}

int
main(void)
{
	static const mig_server_t servers[] = { proc_server, NULL };
	struct service service = {.servers = servers,
		.threads = THREADS,
		.dead_name = dead_name,
		.other = fault_handle};

	print_console(service_grant("console"));
	host = service_grant("host");
	set_own_limit();
	public_bootstrap = service_look_up("bootstrap");
	service_port = service_check_in("proc");
	if (service_port == MACH_PORT_NULL ||
		mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &port_set) !=
			KERN_SUCCESS ||
		port_create(false, &notify_port) != KERN_SUCCESS || !listen(notify_port) ||
		!listen(service_port))
		panic("proc: cannot get the service port\n");
	add_init();
	if (!timers_start())
		panic("proc: no thread\n");
	service.port = port_set;
	service_ready();
	panic("proc: %s\n", kern_return_name(service_run(&service)));
}
