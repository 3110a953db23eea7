/*
 * The terminal server's requests that ask the process server: while it answers, without the lock, the files of the terminal are closed and its
 * number is used again. The request must not act on the next user's terminal.
 */
// SOURCES: user/tty/control.c user/tty/jobs.c user/tty/main.c user/tty/opens.c user/tty/output.c user/tty/pty.c user/tty/readers.c
// SOURCES: user/tty/terminal.c user/tty/console.c user/tty/ldisc.c user/tty/ldisc_edit.c user/tty/ldisc_echo.c lib/mach/poll_list.c
// HEADERS: inc/proto/io.defs inc/proto/tty.defs inc/proto/proc.defs
// CFLAGS: -Dmain=server_main -Iuser/tty
#include "unit.h"
#include "tty.h"

#include "io_server.h"
#include "mach/heap.h"
#include "mach/print.h"
#include "mach/service.h"
#include "proc.h"
#include "tty_server.h"

#include <errno.h>
#include <stdarg.h>

#undef main

enum { LEADER = 100, JOB = 101, OTHER = 200 };	/* processes, whose labels are PROC_LABEL_FIRST and as much; JOB is in the background of LEADER's session */

/* --- the kernel and the rest of the library --- */

static mach_port_t last_port;
static bool closed[64];			/* no send rights are left to a port */
static struct mutex *held;

mach_port_t
service_check_in(const char *name)
{
	(void)name;
	return MACH_PORT_NULL;
}

mach_port_t
service_look_up(const char *name)
{
	(void)name;
	return 1;
}

mach_port_t
service_grant(const char *name)
{
	(void)name;
	return MACH_PORT_NULL;
}

void
service_ready(void)
{
}

kern_return_t
service_run(struct service *service)
{
	(void)service;
	return KERN_FAILURE;
}

void
print_console(mach_port_t console)
{
	(void)console;
}

_Noreturn void
panic(const char *format, ...)
{
	(void)format;
	abort();
}

const char *
kern_return_name(kern_return_t kr)
{
	(void)kr;
	return "";
}

kern_return_t
mach_port_allocate(task_t task, mach_port_right_t right, mach_port_t *name)
{
	(void)task, (void)right, (void)name;
	return KERN_FAILURE;
}

kern_return_t
mach_port_move_member(task_t task, mach_port_t member, mach_port_t set)
{
	(void)task, (void)member, (void)set;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_type(task_t task, mach_port_t name, mach_port_type_t *type)
{
	(void)task, (void)name;
	*type = MACH_PORT_TYPE_SEND_ONCE;
	return KERN_SUCCESS;
}

kern_return_t
mach_port_get_receive_status(task_t task, mach_port_t name, struct mach_port_status *status)
{
	(void)task;
	*status = (struct mach_port_status){ .mps_mscount = 1, .mps_srights = closed[name] ? 0 : 1 };
	return KERN_SUCCESS;
}

kern_return_t
port_create(bool send_right, mach_port_t *name)
{
	(void)send_right;
	*name = ++last_port;
	closed[*name] = false;
	return KERN_SUCCESS;
}

kern_return_t
port_notify(mach_port_t name, mach_msg_id_t what, mach_port_t receive)
{
	(void)name, (void)what, (void)receive;
	return KERN_SUCCESS;
}

void
port_notify_cancel(mach_port_t name, mach_msg_id_t what)
{
	(void)name, (void)what;
}

void
port_drop(mach_port_t name)
{
	(void)name;
}

void
port_drop_receive(mach_port_t name)
{
	(void)name;
}

void *
heap_alloc(size_t size)
{
	return malloc(size);
}

void *
heap_zalloc(size_t count, size_t size)
{
	return calloc(count, size);
}

void
heap_free(void *block)
{
	free(block);
}

void
mutex_lock(struct mutex *mutex)
{
	CHECK_EQ(mutex->state, 0);
	mutex->state = 1;
	if (mutex == &lock)
		held = mutex;
}

void
mutex_unlock(struct mutex *mutex)
{
	CHECK_EQ(mutex->state, 1);
	mutex->state = 0;
	if (mutex == &lock)
		held = NULL;
}

void
condition_wait(struct condition *condition, struct mutex *mutex)
{
	(void)condition, (void)mutex;
	abort();
}

bool
condition_wait_for(struct condition *condition, struct mutex *mutex, mach_msg_timeout_t ms)
{
	(void)condition, (void)mutex, (void)ms;
	abort();
}

void
condition_signal(struct condition *condition)
{
	(void)condition;
}

kern_return_t
cthread_spawn(void *(*function)(void *), void *argument)
{
	(void)function, (void)argument;
	return KERN_SUCCESS;
}

uint64_t
clock_now(void)
{
	return 0;
}

void
clock_sleep(mach_msg_timeout_t ms)
{
	(void)ms;
}

kern_return_t
console_read(mach_port_t console, char *bytes, vm_size_t size, vm_size_t *count)
{
	(void)console, (void)bytes, (void)size, (void)count;
	return KERN_FAILURE;
}

kern_return_t
console_write(mach_port_t console, const char *bytes, vm_size_t size)
{
	(void)console, (void)bytes, (void)size;
	return KERN_SUCCESS;
}

kern_return_t
vm_allocate(task_t task, vm_address_t *address, vm_size_t size, uint32_t flags)
{
	(void)task, (void)address, (void)size, (void)flags;
	return KERN_NO_SPACE;
}

void
mig_set_timeout(mach_msg_timeout_t ms)
{
	(void)ms;
}

void
mig_free(void *data, vm_size_t bytes)
{
	(void)data, (void)bytes;
}

/* --- the protocols --- */

bool
io_server(struct mig_request *rq)
{
	(void)rq;
	return false;
}

bool
tty_server(struct mig_request *rq)
{
	(void)rq;
	return false;
}

kern_return_t
io_read_reply(mach_port_t reply_port, kern_return_t result, const void *data, uint32_t data_count)
{
	(void)reply_port, (void)result, (void)data, (void)data_count;
	return KERN_SUCCESS;
}

kern_return_t
io_read_ool_reply(mach_port_t reply_port, kern_return_t result, void *data, uint32_t data_count)
{
	(void)reply_port, (void)result, (void)data, (void)data_count;
	return KERN_SUCCESS;
}

kern_return_t
io_write_reply(mach_port_t reply_port, kern_return_t result, uint32_t written)
{
	(void)reply_port, (void)result, (void)written;
	return KERN_SUCCESS;
}

kern_return_t
io_write_ool_reply(mach_port_t reply_port, kern_return_t result, uint32_t written)
{
	(void)reply_port, (void)result, (void)written;
	return KERN_SUCCESS;
}

kern_return_t
tty_drain_reply(mach_port_t reply_port, kern_return_t result)
{
	(void)reply_port, (void)result;
	return KERN_SUCCESS;
}

kern_return_t
tty_set_settings_reply(mach_port_t reply_port, kern_return_t result)
{
	(void)reply_port, (void)result;
	return KERN_SUCCESS;
}

/* --- the process server --- */

static void (*meanwhile)(void);		/* happens while it answers, once */
static int32_t signalled;		/* the last group that was sent SIGWINCH */

static void
answering(void)
{
	void (*happens)(void) = meanwhile;

	CHECK(held == NULL);
	meanwhile = NULL;
	if (happens != NULL)
		happens();
}

/* All block SIGTTOU: they may change the terminal from the background. */
kern_return_t
proc_identify(mach_port_t proc, uint32_t label, struct proc_identity *who)
{
	(void)proc;
	label -= PROC_LABEL_FIRST;
	*who = (struct proc_identity){ .pid = (int32_t)label, .group = (int32_t)label, .session = label == JOB ? LEADER : (int32_t)label };
	who->blocked = ~(typeof(who->blocked))0;
	answering();
	return KERN_SUCCESS;
}

/* The port that dies with the process. */
kern_return_t
proc_watch(mach_port_t proc, uint32_t label, int32_t *pid, mach_port_t *life)
{
	(void)proc;
	*pid = (int32_t)(label - PROC_LABEL_FIRST);
	*life = 62;
	answering();
	return KERN_SUCCESS;
}

kern_return_t
proc_signal_group(mach_port_t proc, int32_t group, int32_t signal)
{
	(void)proc;
	if (signal == SIGWINCH)
		signalled = group;
	answering();
	return KERN_SUCCESS;
}

kern_return_t
proc_next(mach_port_t proc, int32_t pid, struct proc_info *info)
{
	(void)proc;
	if (pid > JOB)
		return ESRCH;
	*info = (struct proc_info){ .pid = pid <= LEADER ? LEADER : JOB, .group = pid <= LEADER ? LEADER : JOB, .session = LEADER };
	answering();
	return KERN_SUCCESS;
}

/* --- a terminal that changes hands --- */

static mach_port_t master, slave, next_master, next_slave;
static uint32_t number;

static struct mig_request *
request(mach_port_t port, uint32_t process)
{
	static struct mig_request requests[16], *rq;
	static unsigned next;

	rq = &requests[next++ % 16];
	*rq = (struct mig_request){ .port = port, .sender = { .label = PROC_LABEL_FIRST + process } };
	return rq;
}

static mach_port_t
opened(uint64_t rdev, uint32_t process)
{
	mach_port_t file = MACH_PORT_NULL;
	uint32_t type;

	CHECK_EQ(io_open_s(request(0, process), rdev, IO_O_RDWR, 0, 0, &file, &type), 0);
	return file;
}

static void
make(uint32_t process, mach_port_t *of_master, mach_port_t *of_slave)
{
	*of_master = opened(RDEV_MASTER, process);
	CHECK_EQ(tty_pty_number_s(request(*of_master, process), &number), 0);
	CHECK_EQ(tty_pty_lock_s(request(*of_master, process), 0), 0);
	*of_slave = opened(RDEV_SLAVE + number, process);
}

/* All that has the terminal open is closed; the signal thread has told everybody; another process gets the number, and types. */
static void
changes_hands(void)
{
	uint32_t written, before = number;

	closed[master] = closed[slave] = true;
	mutex_lock(&lock);
	opens_settle(NULL);
	pty_number(number)->pending = 0;
	mutex_unlock(&lock);
	make(OTHER, &next_master, &next_slave);
	CHECK_EQ(number, before);
	CHECK_EQ(io_write_s(request(next_master, OTHER), -1, "typed\n", 6, &written), 0);
	CHECK_EQ(written, 6);
}

static void
begin(void)
{
	meanwhile = NULL;
	signalled = 0;
	make(LEADER, &master, &slave);
	CHECK_EQ(pty_number(number)->session, LEADER);
}

/* OTHER's terminal is as it was made. */
static void
check_untouched(void)
{
	struct tty_settings settings;
	uint32_t available = 0;

	CHECK(meanwhile == NULL);
	CHECK_EQ(lock.state, 0);
	CHECK_EQ(tty_get_settings_s(request(next_slave, OTHER), &settings), 0);
	CHECK((settings.lflag & TTY_ICANON) != 0);
	CHECK_EQ(settings.rows, 0);
	CHECK_EQ(tty_available_s(request(next_slave, OTHER), &available), 0);
	CHECK_EQ(available, 6);
	CHECK(!pty_number(number)->line.stopped);
	CHECK(pty_number(number)->side[SLAVE].waits == NULL);
	CHECK_EQ(pty_number(number)->session, OTHER);
	CHECK_EQ(pty_number(number)->foreground, OTHER);
	closed[next_master] = closed[next_slave] = true;
	mutex_lock(&lock);
	opens_settle(NULL);
	pty_number(number)->pending = 0;
	mutex_unlock(&lock);
	last_port = 0;
}

static void
settings_stay(void)
{
	struct tty_settings settings = { 0 };

	for (uint32_t when = TTY_SET_NOW; when <= TTY_SET_FLUSH; when++) {
		begin();
		meanwhile = changes_hands;
		CHECK_EQ(tty_set_settings_s(request(slave, JOB), when, &settings), EBADF);
		check_untouched();
	}
}

static void
input_stays(void)
{
	begin();
	meanwhile = changes_hands;
	CHECK_EQ(tty_flush_s(request(slave, JOB), TTY_FLUSH_BOTH), EBADF);
	check_untouched();
}

static void
flow_stays(void)
{
	begin();
	meanwhile = changes_hands;
	CHECK_EQ(tty_flow_s(request(slave, JOB), TTY_OUTPUT_OFF), EBADF);
	check_untouched();
}

static void
nobody_waits_for_it(void)
{
	begin();
	meanwhile = changes_hands;
	CHECK_EQ(tty_drain_s(request(slave, JOB)), EBADF);
	check_untouched();
}

static void
foreground_stays(void)
{
	begin();
	meanwhile = changes_hands;
	CHECK(tty_set_foreground_s(request(slave, JOB), JOB) != 0);
	check_untouched();
}

/* A leader without a terminal takes one that is free, and is somebody's when the process server has answered. */
static void
nobody_takes_it(void)
{
	begin();
	CHECK_EQ(tty_give_up_s(request(slave, LEADER)), 0);
	meanwhile = changes_hands;
	CHECK(tty_take_s(request(slave, LEADER)) != 0);
	check_untouched();
}

/* /dev/tty of a session whose terminal was closed, while it was asked which session it is. */
static void
controlling_terminal_is_not_the_next(void)
{
	mach_port_t file;
	uint32_t type;

	begin();
	meanwhile = changes_hands;
	CHECK_EQ(io_open_s(request(0, JOB), RDEV_OWN, IO_O_RDWR, 0, 0, &file, &type), ENXIO);
	check_untouched();
}

/* Closed, but nobody has told the session yet: its terminal is gone all the same. */
static void
controlling_terminal_is_not_one_hung_up(void)
{
	mach_port_t file;
	uint32_t type;

	begin();
	closed[master] = closed[slave] = true;
	CHECK_EQ(io_open_s(request(0, JOB), RDEV_OWN, IO_O_RDWR, 0, 0, &file, &type), ENXIO);
	changes_hands();
	check_untouched();
}

/* A process that has become another program meanwhile has its ids: a request that it sent before has not. */
static void
request_has_the_ids_it_was_sent_with(void)
{
	struct mig_request *rq;
	mach_port_t file;
	uint32_t type;

	begin();
	rq = request(0, OTHER);
	rq->sender.uid = 1001;
	CHECK_EQ(io_open_s(rq, RDEV_SLAVE + number, IO_O_RDWR, 0, 0, &file, &type), EACCES);
	rq = request(0, OTHER);
	/* what a process says of itself does not count */
	CHECK_EQ(io_open_s(rq, RDEV_SLAVE + number, IO_O_RDWR, 0, 1001, &file, &type), 0);
	closed[file] = true;
	changes_hands();
	check_untouched();
}

static void
size_is_told_to_who_was_there(void)
{
	begin();
	meanwhile = changes_hands;
	CHECK_EQ(tty_set_size_s(request(slave, JOB), 7, 8), 0);
	CHECK_EQ(signalled, LEADER);
	check_untouched();
}

/* The same without anybody else: it is done. */
static void
job_in_background_changes_it(void)
{
	struct tty_settings settings;

	begin();
	CHECK_EQ(tty_get_settings_s(request(slave, JOB), &settings), 0);
	settings.lflag &= ~(uint32_t)TTY_ICANON;
	CHECK_EQ(tty_set_settings_s(request(slave, JOB), TTY_SET_NOW, &settings), 0);
	CHECK((pty_number(number)->line.settings.lflag & TTY_ICANON) == 0);
	CHECK_EQ(tty_set_foreground_s(request(slave, LEADER), JOB), 0);
	CHECK_EQ(pty_number(number)->foreground, JOB);
	CHECK_EQ(tty_set_size_s(request(slave, JOB), 7, 8), 0);
	CHECK_EQ(signalled, JOB);
	changes_hands();
	check_untouched();
}

/* _POSIX_VDISABLE: there is no character to ask for silence with. */
static void
flow_without_characters(void)
{
	struct tty_settings settings;

	begin();
	CHECK_EQ(tty_get_settings_s(request(slave, LEADER), &settings), 0);
	settings.cc[TTY_VSTOP] = 0;
	CHECK_EQ(tty_set_settings_s(request(slave, LEADER), TTY_SET_NOW, &settings), 0);
	CHECK_EQ(tty_flow_s(request(slave, LEADER), TTY_INPUT_OFF), 0);
	CHECK_EQ(pty_available(pty_number(number)), 0);
	CHECK_EQ(tty_flow_s(request(slave, LEADER), TTY_INPUT_ON), 0);
	CHECK_EQ(pty_available(pty_number(number)), 1);
	changes_hands();
	check_untouched();
}

static void
interrupted(void)
{
	CHECK_EQ(io_interrupt_s(request(slave, JOB)), 0);
}

/* An interrupt that overtakes its request, which would wait: nothing else would end it. */
static void
drain_is_interrupted_before_it_waits(void)
{
	uint32_t written;

	begin();
	CHECK_EQ(tty_flow_s(request(slave, LEADER), TTY_OUTPUT_OFF), 0);
	CHECK_EQ(io_write_s(request(slave, LEADER), -1, "x", 1, &written), MIG_NO_REPLY);
	meanwhile = interrupted;
	CHECK_EQ(tty_drain_s(request(slave, JOB)), EINTR);
	changes_hands();
	check_untouched();
}

int
main(void)
{
	last_port = 0;
	terminal_init(&console_terminal, RDEV_CONSOLE);
	opens_start(60, 61, &console_terminal);
	TEST(settings_stay);
	TEST(input_stays);
	TEST(flow_stays);
	TEST(nobody_waits_for_it);
	TEST(foreground_stays);
	TEST(nobody_takes_it);
	TEST(controlling_terminal_is_not_the_next);
	TEST(controlling_terminal_is_not_one_hung_up);
	TEST(request_has_the_ids_it_was_sent_with);
	TEST(size_is_told_to_who_was_there);
	TEST(job_in_background_changes_it);
	TEST(flow_without_characters);
	TEST(drain_is_interrupted_before_it_waits);
	return unit_done();
}
