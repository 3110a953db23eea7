/*
 * The terminal server: owns the serial console, serves io.defs and tty.defs on its service port,
 * the terminal.
 *
 * Message flow: console.c takes typed bytes from the kernel and gives them to the line discipline
 * (ldisc.c, pure); reads that find nothing wait in readers.c as reply rights. Output goes
 * straight to the console.
 */
#include "io_server.h"
#include "mach/print.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "tty.h"
#include "tty_server.h"
#include <errno.h>
#include <string.h>

#define THREADS		3
#define OUTPUT_SIZE	1024u

struct mutex lock;
struct ldisc line;
mach_port_t notify_port;

/* What is there already is answered at once. */
kern_return_t
io_read_s(struct mig_request *rq, int64_t offset, uint32_t size, void *data, uint32_t *data_count)
{
	kern_return_t kr = KERN_SUCCESS;

	(void)offset;
	mutex_lock(&lock);
	if (size == 0 || (!readers_waiting() && ldisc_readable(&line))) {
		*data_count = ldisc_read(&line, data, size < IO_INLINE_MAX ? size : IO_INLINE_MAX);
		console_resume();
	} else {
		kr = reader_add(rq, size, false);
		readers_serve();
	}
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
io_read_ool_s(
	struct mig_request *rq, int64_t offset, uint32_t size, void **data, uint32_t *data_count)
{
	kern_return_t kr;

	(void)offset, (void)data, (void)data_count;
	if (size == 0)
		return KERN_SUCCESS;
	mutex_lock(&lock);
	kr = reader_add(rq, size, true);
	readers_serve();
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
io_write_s(struct mig_request *rq, int64_t offset, const void *data, uint32_t data_count,
	uint32_t *written)
{
	char out[OUTPUT_SIZE];
	uint32_t done = 0, taken, n;

	(void)rq, (void)offset;
	while (done < data_count) {
		n = ldisc_output(&line, (const uint8_t *)data + done, data_count - done, out,
			sizeof(out), &taken);
		console_put(out, n);
		done += taken;
	}
	*written = done;
	return KERN_SUCCESS;
}

kern_return_t
io_seek_s(struct mig_request *rq, int64_t offset, uint32_t whence, int64_t *position)
{
	(void)rq, (void)offset, (void)whence, (void)position;
	return ESPIPE;
}

kern_return_t
io_stat_s(struct mig_request *rq, struct io_stat *info)
{
	(void)rq;
	info->mode = IO_S_IFCHR | 0620;
	info->ino = 1;
	info->nlink = 1;
	info->rdev = 5 << 8 | 1;		/* what others call /dev/console */
	info->block_size = 1024;
	info->flags = IO_STAT_TTY;
	return KERN_SUCCESS;
}

kern_return_t
io_readdir_s(struct mig_request *rq, void *entries, uint32_t *entries_count)
{
	(void)rq, (void)entries, (void)entries_count;
	return ENOTDIR;
}

kern_return_t
io_interrupt_s(struct mig_request *rq)
{
	mutex_lock(&lock);
	readers_interrupt(rq->sender.label);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_get_settings_s(struct mig_request *rq, struct tty_settings *settings)
{
	(void)rq;
	mutex_lock(&lock);
	*settings = line.settings;
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_set_settings_s(struct mig_request *rq, uint32_t when, const struct tty_settings *settings)
{
	(void)rq;
	if (when > 2)
		return EINVAL;
	mutex_lock(&lock);
	if (when == 2)
		ldisc_flush(&line);
	ldisc_set(&line, settings);
	readers_serve();
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_set_foreground_s(struct mig_request *rq, int32_t group)
{
	(void)rq;
	if (group < 0)
		return EINVAL;
	console_set_foreground(group);
	return KERN_SUCCESS;
}

static void
dead_name(mach_port_t port, mach_port_t name)
{
	(void)port;
	mutex_lock(&lock);
	reader_dead(name);
	mutex_unlock(&lock);
	port_drop(name);
}

int
main(void)
{
	static const mig_server_t servers[] = { io_server, tty_server, NULL };
	struct service service = { .servers = servers, .threads = THREADS, .dead_name = dead_name };
	mach_port_t console = service_grant("console"), terminal = service_check_in("tty");
	task_t self = mach_task_self();

	print_console(console);
	if (console == MACH_PORT_NULL || terminal == MACH_PORT_NULL
	    || mach_port_allocate(self, MACH_PORT_RIGHT_PORT_SET, &service.port) != KERN_SUCCESS
	    || port_create(false, &notify_port) != KERN_SUCCESS
	    || mach_port_move_member(self, notify_port, service.port) != KERN_SUCCESS
	    || mach_port_move_member(self, terminal, service.port) != KERN_SUCCESS)
		panic("tty: cannot get the console or the service port\n");
	ldisc_init(&line);
	readers_start();
	console_start(console);
	service_ready();
	panic("tty: %s\n", kern_return_name(service_run(&service)));
}
