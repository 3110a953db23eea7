/*
 * The memory server: default pager of the kernel, with swap on a disk of its own. See README.md.
 */
#include "mem.h"

#include "mach/print.h"
#include "mach/service.h"
#include "mem_server.h"

struct mem_statistics statistics;

kern_return_t
mem_statistics_s(struct mig_request *rq, struct mem_statistics *result)
{
	(void)rq;
	*result = statistics;
	return KERN_SUCCESS;
}

kern_return_t
mem_create_object_s(struct mig_request *rq, uint64_t size, mach_port_t *object, uint32_t *object_type)
{
	(void)rq, (void)object_type;		/* preset: MOVE_SEND */
	return object_create(size, object);
}

static mach_port_t host, port;

kern_return_t
be_default_pager(void)
{
	return host_set_default_pager(host, port);
}

/*
 * From here on no memory of this task is evicted, and this thread gets the last frames. Then the
 * kernel may send what it evicts of others'.
 */
static kern_return_t
become_default_pager(mach_port_t set)
{
	kern_return_t kr;

	host = service_grant("host");
	kr = host != MACH_PORT_NULL ? port_create(true, &port) : KERN_NO_ACCESS;
	if (kr == KERN_SUCCESS)
		kr = thread_wire(host, mach_thread_self(), 1);
	if (kr == KERN_SUCCESS)
		kr = mach_port_move_member(mach_task_self(), port, set);
	if (kr == KERN_SUCCESS)
		kr = be_default_pager();
	return kr;
}

int
main(void)
{
	static const mig_server_t servers[] = { mem_server, NULL };
	struct service server = { .servers = servers, .threads = 1, .other = store_message,
		.no_senders = store_no_senders };
	mach_port_t service = service_check_in("mem");
	uint64_t pages;
	kern_return_t kr;

	if (service == MACH_PORT_NULL) {
		print("mem: init gives no service port\n");
		return 1;
	}
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &server.port);
	if (kr == KERN_SUCCESS)
		kr = mach_port_move_member(mach_task_self(), service, server.port);
	pages = kr == KERN_SUCCESS ? disk_open() : 0;
	if (pages != 0) {
		stores_open(pages, server.port);
		kr = become_default_pager(server.port);
	}
	if (kr != KERN_SUCCESS) {
		print("mem: cannot serve: %s\n", kern_return_name(kr));
		return 1;
	}
	service_ready();
	service_run(&server);
	return 1;
}
