/*
 * Task 1: reads the unit files of the boot archive, starts the units in order, serves names, and
 * starts again what dies.
 *
 * One thread, one loop: a message, or the time of the next restart. Files: unit.c (unit files,
 * order; pure), names.c (name server), start.c (a task from a unit), supervise.c (deaths and
 * restarts), shutdown.c (the end, by a thread of its own).
 */
#include "bootstrap_server.h"
#include "init.h"
#include "mach/print.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "mach/tar.h"
#include <string.h>

#define UNIT_FOLDER	"etc/init/"
#define UNIT_SUFFIX	".unit"

struct unit units[UNITS_MAX];
uint32_t unit_count;
mach_port_t port_set;
mach_port_t notify_port;

/* The name between folder and suffix; NULL: not a unit file. */
static const char *
unit_name(struct tar_file *file)
{
	size_t folder = strlen(UNIT_FOLDER), suffix = strlen(UNIT_SUFFIX),
	       length = strlen(file->name);

	if (file->folder || length <= folder + suffix ||
		strncmp(file->name, UNIT_FOLDER, folder) != 0 ||
		strcmp(file->name + length - suffix, UNIT_SUFFIX) != 0)
		return NULL;
	file->name[length - suffix] = 0;
	return file->name + folder;
}

static void
read_units(void)
{
	struct tar_file file;
	uint64_t offset = 0;
	uint32_t line;
	const char *name, *error;

	while (tar_next(
		(const void *)startup_info->archive, startup_info->archive_size, &offset, &file)) {
		name = unit_name(&file);
		if (name == NULL)
			continue;
		if (unit_count == UNITS_MAX) {
			print("init: too many units, %s is left out\n", name);
			continue;
		}
		line = unit_parse(&units[unit_count].spec, name, file.data, file.size, &error);
		if (line != 0)
			print("init: %s" UNIT_SUFFIX ":%u: %s\n", name, line, error);
		else
			unit_count++;
	}
}

/* Units then stand in the order in which they can start. */
static void
order_units(void)
{
	const struct unit_spec *specs[UNITS_MAX];
	static struct unit sorted[UNITS_MAX];
	uint32_t order[UNITS_MAX], placed;

	for (uint32_t i = 0; i < unit_count; i++)
		specs[i] = &units[i].spec;
	placed = unit_order(specs, unit_count, order);
	for (uint32_t i = 0; i < unit_count; i++) {
		sorted[i] = units[order[i]];
		sorted[i].can_start = i < placed;
		if (i >= placed)
			print("init: %s waits for itself or for a unit that does not exist\n",
				sorted[i].spec.name);
	}
	memcpy(units, sorted, sizeof(units));
	for (uint32_t i = 0; i < unit_count; i++)
		for (uint32_t j = 0; j < units[i].spec.instead_count; j++)
			if (unit_named(units[i].spec.instead_of[j]) == NULL) {
				print("init: %s is to replace a unit that does not exist\n", units[i].spec.name);
				units[i].can_start = false;
			}
}

static void
dead_name(mach_port_t port, mach_port_t name)
{
	(void)port;
	supervise_death(name);
}

static void
port_destroyed(mach_port_t port, mach_port_t receive)
{
	(void)port;
	names_returned(receive);
}

static void
run(void)
{
	static const mig_server_t servers[] = { bootstrap_server, NULL };
	const struct service service = {.servers = servers,
		.dead_name = dead_name,
		.port_destroyed = port_destroyed,
		.other = supervise_exception};
	_Alignas(16) static uint8_t in[MIG_BUFFER_SIZE], out[MIG_BUFFER_SIZE];
	mach_msg_header_t *message = (mach_msg_header_t *)in;
	struct mig_request rq;
	mach_msg_return_t mr;
	uint64_t next, now;

	for (;;) {
		next = supervise();
		now = clock_now();
		mr = mach_msg(message, MACH_RCV_MSG | (next != UINT64_MAX ? MACH_RCV_TIMEOUT : 0),
			0, sizeof(in), port_set,
			next > now ? (mach_msg_timeout_t)((next - now) / 1000000 + 1) : 0,
			MACH_PORT_NULL);
		if (mr == MACH_RCV_BODY_ERROR)
			mig_destroy(message);
		if (mr != MACH_MSG_SUCCESS)
			continue;
		mig_request_init(&rq, message, out);
		service_handle(&service, &rq);
		mig_send_reply(&rq);
	}
}

int
main(void)
{
	print_console(startup_info->console);
	if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &port_set) !=
		KERN_SUCCESS)
		halt("no memory for a port set");
	notify_port = listen_port();
	read_units();
	order_units();
	for (uint32_t i = 0; i < unit_count; i++)
		units[i].bootstrap = listen_port();
	names_init();
	/* Paging may need a driver started again, so init never waits for a page of its own. */
	if (thread_wire(startup_info->host, mach_thread_self(), 1) != KERN_SUCCESS)
		halt("the kernel gives no reserve");
	shutdown_init();
	if (unit_count == 0)
		halt("no units in the boot archive");
	run();
	return 0;
}
