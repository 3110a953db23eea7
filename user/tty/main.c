/*
 * The terminal server: owns the serial console and the pseudo-terminals, serves io.defs and tty.defs. Its service port is the console's terminal,
 * open for reading and writing; opens (io_open, which fs asks for) get ports of their own.
 *
 * Message flow: console.c takes typed bytes from the kernel, a write to a master gives others (pty.c); they go to the terminal's line discipline
 * (ldisc.h, pure). Reads that find nothing wait in readers.c as reply rights. Output goes straight to the device, unless it is stopped or full:
 * then it waits in output.c. terminal.c moves what can be moved.
 */
#include "io_server.h"
#include "mach/print.h"
#include "mach/service.h"
#include "mach/startup.h"
#include "tty.h"
#include "tty_server.h"
#include <errno.h>

#define THREADS		4

struct mutex lock;
mach_port_t notify_port;
static uint32_t interrupts;		/* io_interrupt requests, ^Z and changes of a foreground so far */

/* Whether a file was opened for reading, or for writing. */
static bool
may(uint32_t flags, uint32_t access)
{
	return (flags & IO_O_ACCMODE) == access || (flags & IO_O_ACCMODE) == IO_O_RDWR;
}

/* What is there already is answered at once. Conditions: lock held. */
static kern_return_t
read_or_wait(const struct end *end, struct mig_request *rq, uint32_t size, bool ool)
{
	struct terminal *t = end->terminal;
	kern_return_t kr;
	bool nothing = !readers_ready(t, end->side) && (end->side == MASTER || t->line.ready == t->line.read);

	if ((end->flags & IO_O_NONBLOCK) != 0 && (nothing || t->side[end->side].readers != NULL))
		return EAGAIN;
	kr = reader_add(t, end->side, rq, size, ool);
	terminal_pump(t);
	return kr;
}

/* Whether a read may end now, with what there is. */
static bool
read_now(const struct end *end, uint32_t size)
{
	const struct terminal *t = end->terminal;

	if (size == 0)
		return true;
	if (t->side[end->side].readers != NULL)
		return false;
	return readers_ready(t, end->side) ||
	    (end->side == SLAVE && (end->flags & IO_O_NONBLOCK) != 0 && t->line.ready != t->line.read);
}

uint32_t
interrupts_seen(void)
{
	return __atomic_load_n(&interrupts, __ATOMIC_RELAXED);
}

void
interrupts_add(void)
{
	__atomic_add_fetch(&interrupts, 1, __ATOMIC_RELAXED);
}

/* Whether the sender may read from what the port is. */
static kern_return_t
may_read(struct mig_request *rq)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);

	return t == NULL ? EBADF : side == MASTER || pty_hung_up(t, SLAVE) ? 0 : jobs_may_read(t, rq);
}

/* With the lock held: the errors that do not depend on what there is to read. */
static kern_return_t
read_error(const struct end *end, int64_t offset, uint32_t seen)
{
	if (end->terminal == NULL || !may(end->flags, IO_O_RDONLY))
		return EBADF;
	return offset >= 0 ? ESPIPE : interrupts_seen() != seen ? EINTR : 0;
}

kern_return_t
io_read_s(struct mig_request *rq, int64_t offset, uint32_t size, void *data, uint32_t *data_count)
{
	uint32_t seen = interrupts_seen();
	kern_return_t kr = may_read(rq);
	struct end end;

	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	end = open_end(rq->port);
	kr = read_error(&end, offset, seen);
	if (kr == 0 && read_now(&end, size)) {
		*data_count = reader_take(end.terminal, end.side, data, size < IO_INLINE_MAX ? size : IO_INLINE_MAX);
		if (*data_count == 0 && size != 0 && end.side == MASTER)
			kr = EIO;
		terminal_pump(end.terminal);
	} else if (kr == 0) {
		kr = read_or_wait(&end, rq, size, false);
	}
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
io_read_ool_s(struct mig_request *rq, int64_t offset, uint32_t size, void **data, uint32_t *data_count)
{
	uint32_t seen = interrupts_seen();
	kern_return_t kr = may_read(rq);
	struct end end;

	(void)data, (void)data_count;
	if (kr != 0 || size == 0)
		return kr;
	mutex_lock(&lock);
	end = open_end(rq->port);
	kr = read_error(&end, offset, seen);
	if (kr == 0)
		kr = read_or_wait(&end, rq, size, true);
	mutex_unlock(&lock);
	return kr;
}

/* Whether the sender, which may be in the background, may write now. */
static kern_return_t
may_write(struct mig_request *rq)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);

	if (t == NULL)
		return EBADF;
	if (side == MASTER || (__atomic_load_n(&t->line.settings.lflag, __ATOMIC_RELAXED) & TTY_TOSTOP) == 0)
		return 0;
	return jobs_may_change(t, rq);
}

static kern_return_t
write_bytes(struct mig_request *rq, int64_t offset, const void *data, uint32_t size, bool ool, uint32_t *written)
{
	uint32_t seen = interrupts_seen();
	kern_return_t kr = may_write(rq);
	struct end end;

	if (kr != 0)
		return kr;
	kr = ESPIPE;
	mutex_lock(&lock);
	end = open_end(rq->port);
	if (end.terminal == NULL || !may(end.flags, IO_O_WRONLY))
		kr = EBADF;
	else if (interrupts_seen() != seen)
		kr = EINTR;
	else if (offset < 0) {
		kr = output_write(&end, rq, data, size, ool, written);
		terminal_pump(end.terminal);
	}
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
	enum side_number side;
	const struct terminal *t = open_terminal(rq, &side);

	if (t == NULL)
		return EBADF;
	info->mode = IO_S_IFCHR | 0620;
	info->ino = t->rdev;
	info->nlink = 1;
	info->uid = pty_owner(t);
	info->rdev = side == MASTER ? RDEV_MASTER : t->rdev;
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
	struct terminal *t;

	mutex_lock(&lock);
	interrupts_add();
	t = open_end(rq->port).terminal;
	if (t != NULL) {
		readers_interrupt(t, rq->sender.label);
		output_interrupt(t, rq->sender.label);
		terminal_pump(t);
	}
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
io_get_flags_s(struct mig_request *rq, uint32_t *flags)
{
	mutex_lock(&lock);
	*flags = open_end(rq->port).flags;
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

/* A new pseudo-terminal's master. */
static kern_return_t
open_master(uint32_t uid, uint32_t flags, mach_port_t *file)
{
	struct terminal *t;
	kern_return_t kr;

	mutex_lock(&lock);
	opens_settle(NULL);
	kr = pty_create(uid, &t);
	if (kr == 0) {
		kr = open_create(t, MASTER, flags, file);
		if (kr != 0)
			pty_abandon(t);
	}
	mutex_unlock(&lock);
	return kr;
}

static kern_return_t
open_slave(uint64_t rdev, uint32_t label, uint32_t uid, uint32_t flags, mach_port_t *file)
{
	struct terminal *t;
	kern_return_t kr;

	mutex_lock(&lock);
	opens_settle(NULL);
	t = pty_find(rdev);
	kr = t == NULL ? ENXIO : pty_may_open(t, uid);
	if (kr == 0)
		kr = open_create(t, SLAVE, flags, file);
	mutex_unlock(&lock);
	if (kr == 0)
		jobs_open(t, *file, label, flags);
	return kr;
}

static kern_return_t
open_console(uint32_t label, uint32_t flags, mach_port_t *file)
{
	kern_return_t kr;

	mutex_lock(&lock);
	kr = open_create(&console_terminal, SLAVE, flags, file);
	mutex_unlock(&lock);
	if (kr == 0)
		jobs_open(&console_terminal, *file, label, flags);
	return kr;
}

/* The controlling terminal, which is there already; a session that had one loses it when it is hung up. */
static kern_return_t
open_controlling(uint32_t label, uint32_t flags, mach_port_t *file)
{
	int32_t session = jobs_session(label);
	struct terminal *t;
	kern_return_t kr;

	mutex_lock(&lock);
	opens_settle(NULL);
	t = jobs_terminal(session);
	kr = t == NULL || pty_hung_up(t, SLAVE) ? ENXIO : open_create(t, SLAVE, flags, file);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
io_open_s(struct mig_request *rq, uint64_t rdev, uint32_t flags, uint32_t label, uint32_t uid, mach_port_t *file, uint32_t *file_type)
{
	if (rq->sender.label >= PROC_LABEL_FIRST) {
		label = rq->sender.label;
		uid = rq->sender.uid;
	}
	*file_type = MACH_MSG_TYPE_MAKE_SEND;
	switch (rdev) {
	case RDEV_CONSOLE:
		return open_console(label, flags, file);
	case RDEV_OWN:
		return open_controlling(label, flags, file);
	case RDEV_MASTER:
		return open_master(uid, flags, file);
	default:
		return open_slave(rdev, label, uid, flags, file);
	}
}

kern_return_t
io_poll_s(struct mig_request *rq, uint32_t events, uint32_t key, mach_port_t waiter, uint32_t *happened)
{
	kern_return_t kr = KERN_SUCCESS;
	struct end end;

	mutex_lock(&lock);
	end = open_end(rq->port);
	if (end.terminal == NULL)
		kr = EBADF;
	else
		*happened = terminal_events(end.terminal, end.side) & (events | IO_POLL_ALWAYS);
	if (kr == 0 && *happened == 0 && waiter != MACH_PORT_NULL)
		kr = poll_list_add(&end.terminal->side[end.side].polls, rq->sender.label, key, events | IO_POLL_ALWAYS, waiter);
	else if (kr == 0)
		port_drop(waiter);
	mutex_unlock(&lock);
	return kr;
}

static void
dead_name(mach_port_t port, mach_port_t name)
{
	struct terminal *t;

	(void)port;
	jobs_dead(name);
	mutex_lock(&lock);
	for (uint32_t n = 0; n < TERMINALS_MAX; n++) {
		t = terminal_number(n);
		if (t == NULL)
			continue;
		reader_dead(t, name);
		output_dead(t, name);
		terminal_pump(t);
	}
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
	terminal_init(&console_terminal, RDEV_CONSOLE);
	opens_start(service.port, terminal, &console_terminal);
	readers_start();
	jobs_start();
	console_start(console, &console_terminal);
	service_ready();
	panic("tty: %s\n", kern_return_name(service_run(&service)));
}
