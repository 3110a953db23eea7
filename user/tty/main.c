/*
 * The terminal server: owns the serial console, serves io.defs and tty.defs. Its service port is the terminal, open for reading and writing;
 * opens (io_open, which fs asks for) get ports of their own.
 *
 * Message flow: console.c takes typed bytes from the kernel and gives them to the line discipline (ldisc.h, pure); reads that find nothing
 * wait in readers.c as reply rights. Output goes straight to the console, unless it is stopped: then it waits in output.c.
 */
#include "io_server.h"
#include "mach/print.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "tty.h"
#include "tty_server.h"
#include <errno.h>

#define THREADS		4
#define RDEV		0x501u		/* what others call /dev/console */
#define RDEV_OWN	0x500u		/* /dev/tty: the terminal of who opens it */

struct mutex lock;
struct ldisc line;
struct poll_list polls;
mach_port_t notify_port;
static uint32_t interrupts;		/* io_interrupt requests so far */

/* Whether a file was opened for reading, or for writing. */
static bool
may(uint32_t flags, uint32_t access)
{
	return (flags & IO_O_ACCMODE) == access || (flags & IO_O_ACCMODE) == IO_O_RDWR;
}

/* What is there already is answered at once. Conditions: lock held. */
static kern_return_t
read_or_wait(struct mig_request *rq, int64_t offset, uint32_t size, bool ool)
{
	uint32_t flags = open_flags(rq->port);
	kern_return_t kr;

	if (!may(flags, IO_O_RDONLY))
		return EBADF;
	if (offset >= 0)
		return ESPIPE;
	if ((flags & IO_O_NONBLOCK) != 0 && (readers_waiting() || line.ready == line.read))
		return EAGAIN;
	kr = reader_add(rq, size, ool);
	readers_serve();
	return kr;
}

/*
 * Requests are handled by several threads: an interrupt may be through before the request it is for, which asks the process server first,
 * has begun to wait. So who sees that one came meanwhile ends with EINTR; the library asks again if it was not meant.
 */
static uint32_t
interrupts_seen(void)
{
	return __atomic_load_n(&interrupts, __ATOMIC_RELAXED);
}

kern_return_t
io_read_s(struct mig_request *rq, int64_t offset, uint32_t size, void *data, uint32_t *data_count)
{
	uint32_t seen = interrupts_seen(), flags;
	kern_return_t kr = jobs_may_read(rq);

	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	flags = open_flags(rq->port);
	if (interrupts_seen() != seen) {
		kr = EINTR;
	} else if (offset < 0 && may(flags, IO_O_RDONLY) &&
	    (size == 0 || (!readers_waiting() && (ldisc_readable(&line) || ((flags & IO_O_NONBLOCK) != 0 && line.ready != line.read))))) {
		*data_count = ldisc_read(&line, data, size < IO_INLINE_MAX ? size : IO_INLINE_MAX);
		readers_serve();
	} else {
		kr = read_or_wait(rq, offset, size, false);
	}
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
io_read_ool_s(struct mig_request *rq, int64_t offset, uint32_t size, void **data, uint32_t *data_count)
{
	uint32_t seen = interrupts_seen();
	kern_return_t kr = jobs_may_read(rq);

	(void)data, (void)data_count;
	if (kr != 0 || size == 0)
		return kr;
	mutex_lock(&lock);
	kr = interrupts_seen() != seen ? EINTR : read_or_wait(rq, offset, size, true);
	mutex_unlock(&lock);
	return kr;
}

static kern_return_t
write_bytes(struct mig_request *rq, int64_t offset, const void *data, uint32_t size, bool ool, uint32_t *written)
{
	uint32_t seen = interrupts_seen();
	kern_return_t kr = 0;

	if ((__atomic_load_n(&line.settings.lflag, __ATOMIC_RELAXED) & TTY_TOSTOP) != 0)
		kr = jobs_may_change(rq);
	if (kr != 0)
		return kr;
	kr = ESPIPE;
	mutex_lock(&lock);
	if (!may(open_flags(rq->port), IO_O_WRONLY))
		kr = EBADF;
	else if (interrupts_seen() != seen)
		kr = EINTR;
	else if (offset < 0)
		kr = output_write(rq, data, size, ool, written);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
io_write_s(struct mig_request *rq, int64_t offset, const void *data, uint32_t data_count, uint32_t *written)
{
	return write_bytes(rq, offset, data, data_count, false, written);
}

kern_return_t
io_write_ool_s(struct mig_request *rq, int64_t offset, void *data, uint32_t data_count, uint32_t *written)
{
	return write_bytes(rq, offset, data, data_count, true, written);
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
	info->rdev = RDEV;
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
	__atomic_add_fetch(&interrupts, 1, __ATOMIC_RELAXED);
	readers_interrupt(rq->sender.label);
	output_interrupt(rq->sender.label);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
io_get_flags_s(struct mig_request *rq, uint32_t *flags)
{
	mutex_lock(&lock);
	*flags = open_flags(rq->port);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
io_set_flags_s(struct mig_request *rq, uint32_t flags)
{
	mutex_lock(&lock);
	open_set_flags(rq->port, flags);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
io_open_s(struct mig_request *rq, uint64_t rdev, uint32_t flags, uint32_t label, mach_port_t *file, uint32_t *file_type)
{
	kern_return_t kr;

	if (rdev != RDEV && rdev != RDEV_OWN)
		return ENXIO;
	if (rq->sender.label >= PROC_LABEL_FIRST)
		label = rq->sender.label;
	kr = jobs_open(label, flags, rdev == RDEV_OWN);
	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	kr = open_create(flags, file);
	mutex_unlock(&lock);
	*file_type = MACH_MSG_TYPE_MAKE_SEND;
	return kr;
}

kern_return_t
io_poll_s(struct mig_request *rq, uint32_t events, uint32_t key, mach_port_t waiter, uint32_t *happened)
{
	kern_return_t kr = KERN_SUCCESS;

	mutex_lock(&lock);
	if (!readers_waiting() && (ldisc_timer(&line) != 0 ? line.ready != line.read : ldisc_readable(&line)))
		*happened |= events & IO_POLL_IN;
	if (!output_waits())
		*happened |= events & IO_POLL_OUT;
	if (*happened == 0 && waiter != MACH_PORT_NULL)
		kr = poll_list_add(&polls, rq->sender.label, key, events, waiter);
	else
		port_drop(waiter);
	mutex_unlock(&lock);
	return kr;
}

static void
dead_name(mach_port_t port, mach_port_t name)
{
	(void)port;
	mutex_lock(&lock);
	reader_dead(name);
	output_dead(name);
	mutex_unlock(&lock);
	port_drop(name);
}

int
main(void)
{
	static const mig_server_t servers[] = { io_server, tty_server, NULL };
	struct service service = {
		.servers = servers, .threads = THREADS, .dead_name = dead_name, .no_senders = open_no_senders };
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
	opens_start(service.port, terminal);
	readers_start();
	console_start(console);
	service_ready();
	panic("tty: %s\n", kern_return_name(service_run(&service)));
}
