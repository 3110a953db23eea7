/* What the IPC tests share. See ipc_check.h. */
#include "ipc_check.h"

#include <mach/host_info.h>
#include <mach/mach_traps.h>
#include <mach/task_info.h>
#include <mach/thread_status.h>
#include <string.h>

#include "mach/tls.h"

#define CHILD_MAY_TAKE_MS 30000u	/* for a task that is killed only once memory has run out */
#define CHILD_STACK 65536u

static unsigned passed, failed, bad;
static const char *current_rule;
static char only[64];			/* the one rule that is to be tried; empty: all */

void
check_begin(void)
{
	struct host_info info;
	const char *at;

	print_console(startup_info->console);
	if (host_info(&info) != KERN_SUCCESS)
		return;
	at = strstr(info.command_line, "rule=");
	while (at != NULL && at != info.command_line && at[-1] != ' ')
		at = strstr(at + 1, "rule=");
	if (at == NULL)
		return;
	at += strlen("rule=");
	for (unsigned i = 0; i < sizeof(only) - 1 && at[i] != 0 && at[i] != ' '; i++)
		only[i] = at[i];
	print("rule %s\n", only);
}

void
check_rule(const char *rule, void (*test)(void))
{
	if (only[0] != 0 && strcmp(only, rule) != 0)
		return;
	current_rule = rule;
	bad = 0;
	test();
	if (bad == 0)
		passed++;
	else
		failed++;
}

void
check_end(void)
{
	print("%u passed, %u failed\n", passed, failed);
	for (;;)
		lab_exit(failed != 0);
}

void
check_true(bool holds, const char *what, int line)
{
	if (holds)
		return;
	bad++;
	print("FAIL %s: line %d: not true: %s\n", current_rule, line, what);
}

void
check_equal(uint64_t got, uint64_t want, const char *what, int line)
{
	if (got == want)
		return;
	bad++;
	print("FAIL %s: line %d: %s is %#lx, should be %#lx\n", current_rule, line, what,
		(unsigned long)got, (unsigned long)want);
}

/* --- names --- */

mach_port_t
new_port(void)
{
	mach_port_t name = MACH_PORT_NULL;

	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &name));
	return name;
}

mach_port_t
new_send(void)
{
	mach_port_t name = new_port();

	OK(mach_port_insert_right(mach_task_self(), name, name, MACH_MSG_TYPE_MAKE_SEND));
	return name;
}

mach_port_t
new_set(void)
{
	mach_port_t name = MACH_PORT_NULL;

	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET, &name));
	return name;
}

mach_port_t
new_send_once(mach_port_t receive)
{
	mach_port_t name = MACH_PORT_NULL;
	uint32_t type = 0;

	OK(mach_port_extract_right(
		mach_task_self(), receive, MACH_MSG_TYPE_MAKE_SEND_ONCE, &name, &type));
	EQUAL(type, MACH_MSG_TYPE_PORT_SEND_ONCE);
	return name;
}

mach_port_t
new_dead(void)
{
	mach_port_t name = MACH_PORT_NULL;

	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_DEAD_NAME, &name));
	return name;
}

void
drop_port(mach_port_t name)
{
	mach_port_destroy(mach_task_self(), name);
}

unsigned
refs_of(mach_port_t name, mach_port_right_t right)
{
	mach_port_urefs_t refs = 0;

	return mach_port_get_refs(mach_task_self(), name, right, &refs) == KERN_SUCCESS ? refs : 0;
}

mach_port_type_t
type_of(mach_port_t name)
{
	mach_port_type_t type = 0;

	return mach_port_type(mach_task_self(), name, &type) == KERN_SUCCESS
		       ? type & ~MACH_PORT_TYPE_DNREQUEST
		       : 0;
}

struct mach_port_status
status_of(mach_port_t name)
{
	struct mach_port_status status = {0};

	OK(mach_port_get_receive_status(mach_task_self(), name, &status));
	return status;
}

unsigned
name_count(void)
{
	struct task_info info;

	OK(task_info(mach_task_self(), &info));
	return info.port_names;
}

/* --- messages --- */

void
message_init(struct message *m, mach_port_t remote, unsigned disposition, mach_port_t local,
	unsigned local_disposition, int id)
{
	m->head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(disposition, local_disposition),
		.msgh_remote_port = remote,
		.msgh_local_port = local,
		.msgh_id = id,
	};
}

mach_msg_return_t
message_send(struct message *m, mach_msg_size_t size, mach_msg_timeout_t ms)
{
	return mach_msg(&m->head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0, MACH_PORT_NULL, ms,
		MACH_PORT_NULL);
}

mach_msg_return_t
message_receive(struct message *m, mach_port_t from, mach_msg_timeout_t ms)
{
	return mach_msg(
		&m->head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(*m), from, ms, MACH_PORT_NULL);
}

mach_msg_return_t
message_receive_room(
	struct message *m, mach_port_t from, mach_msg_size_t room, mach_msg_option_t option)
{
	return mach_msg(&m->head, MACH_RCV_MSG | MACH_RCV_TIMEOUT | option, 0, room, from, 0,
		MACH_PORT_NULL);
}

static mach_msg_return_t
send_one(mach_port_t to, unsigned disposition, int id, uint32_t word)
{
	struct {
		mach_msg_header_t head;
		uint32_t word, pad;
	} m = {.head = {.msgh_bits = MACH_MSGH_BITS(disposition, 0),
		       .msgh_remote_port = to,
		       .msgh_id = id},
		.word = word};

	return mach_msg(&m.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof(m), 0, MACH_PORT_NULL, 0,
		MACH_PORT_NULL);
}

mach_msg_return_t
send_word(mach_port_t to, int id, uint32_t word)
{
	return send_one(to, MACH_MSG_TYPE_COPY_SEND, id, word);
}

mach_msg_return_t
send_once_word(mach_port_t to, int id, uint32_t word)
{
	return send_one(to, MACH_MSG_TYPE_MOVE_SEND_ONCE, id, word);
}

int
next_id(mach_port_t from)
{
	struct message m;
	mach_msg_return_t mr = message_receive(&m, from, 0);

	if (mr != MACH_MSG_SUCCESS)
		return mr;
	message_release(&m);
	return m.head.msgh_id;
}

bool
queue_empty(mach_port_t port)
{
	return next_id(port) == MACH_RCV_TIMED_OUT;
}

mach_port_t
new_flooded(void)
{
	mach_port_t port = new_send();

	OK(mach_port_set_qlimit(mach_task_self(), port, MACH_PORT_QLIMIT_MAX));
	for (unsigned i = 0; i < MACH_PORT_QLIMIT_MAX; i++)
		OK(send_word(port, 1, i));
	return port;
}

void
drop_messages(mach_port_t from, unsigned count)
{
	while (count > 0 && next_id(from) != MACH_RCV_TIMED_OUT)
		count--;
	EQUAL(count, 0);
}

const mach_msg_trailer_t *
trailer_of(const struct message *m)
{
	return (const mach_msg_trailer_t *)((const char *)m + ((m->head.msgh_size + 7) & ~7u));
}

static void
grow(struct message *m, unsigned index)
{
	m->head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	if (m->head.msgh_descriptor_count <= index)
		m->head.msgh_descriptor_count = index + 1;
}

void
put_port(struct message *m, unsigned index, mach_port_t name, unsigned disposition)
{
	grow(m, index);
	m->descriptors[index].port = (mach_msg_port_descriptor_t){
		.name = name, .disposition = disposition, .type = MACH_MSG_PORT_DESCRIPTOR};
}

void
put_memory(struct message *m, unsigned index, const void *address, uint32_t size, bool deallocate)
{
	grow(m, index);
	m->descriptors[index].out_of_line =
		(mach_msg_ool_descriptor_t){.address = (uint64_t)address,
			.size = size,
			.deallocate = deallocate,
			.copy = MACH_MSG_VIRTUAL_COPY,
			.type = MACH_MSG_OOL_DESCRIPTOR};
}

void
put_ports(struct message *m, unsigned index, const mach_port_t *names, uint32_t count,
	unsigned disposition, bool deallocate)
{
	grow(m, index);
	m->descriptors[index].ool_ports =
		(mach_msg_ool_ports_descriptor_t){.address = (uint64_t)names,
			.count = count,
			.deallocate = deallocate,
			.disposition = disposition,
			.type = MACH_MSG_OOL_PORTS_DESCRIPTOR};
}

static void
release_right(mach_port_t name, unsigned disposition)
{
	if (!MACH_PORT_VALID(name))
		return;
	if (disposition == MACH_MSG_TYPE_PORT_RECEIVE)
		mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1);
	else
		mach_port_deallocate(mach_task_self(), name);
}

static void
release_array(const mach_msg_ool_ports_descriptor_t *array)
{
	const mach_port_t *names = (const mach_port_t *)array->address;

	for (uint32_t i = 0; i < array->count; i++)
		release_right(names[i], array->disposition);
	if (array->count != 0)
		vm_deallocate(mach_task_self(), array->address, array->count * sizeof(*names));
}

void
message_release(struct message *m)
{
	release_right(m->head.msgh_remote_port, MACH_MSGH_BITS_REMOTE(m->head.msgh_bits));
	for (unsigned i = 0; i < m->head.msgh_descriptor_count; i++) {
		const mach_msg_descriptor_t *d = &m->descriptors[i];

		if (d->port.type == MACH_MSG_PORT_DESCRIPTOR)
			release_right(d->port.name, d->port.disposition);
		else if (d->port.type == MACH_MSG_OOL_PORTS_DESCRIPTOR)
			release_array(&d->ool_ports);
		else if (d->out_of_line.size != 0)
			vm_deallocate(
				mach_task_self(), d->out_of_line.address, d->out_of_line.size);
	}
}

/* --- time and threads --- */

void
settle(void)
{
	clock_sleep(5);
}

cthread_t
start(void *(*function)(void *), void *argument)
{
	cthread_t thread = cthread_create(function, argument, 0);

	CHECK(thread != NULL);
	return thread;
}

/* --- another task --- */

static char child_stack[CHILD_STACK] __attribute__((aligned(16)));

task_t
child_create(bool rights)
{
	task_t child = MACH_PORT_NULL;

	OK(task_create(mach_task_self(), TASK_INHERIT_MEMORY | (rights ? TASK_INHERIT_RIGHTS : 0),
		&child));
	return child;
}

void
child_run(task_t child, void (*function)(void *), void *argument)
{
	struct thread_state state;
	thread_t thread = MACH_PORT_NULL;

	OK(thread_create(child, &thread));
	thread_state_call(&state, function, argument, (uint64_t)child_stack + CHILD_STACK, 0);
	OK(thread_set_state(thread, THREAD_STATE_GENERAL, &state, sizeof(state)));
	OK(thread_resume(thread));
	OK(mach_port_deallocate(mach_task_self(), thread));
}

void
child_wait(task_t child)
{
	mach_port_t box = new_port(), previous;
	struct message m;

	OK(mach_port_request_notification(mach_task_self(), child, MACH_NOTIFY_DEAD_NAME, 1, box,
		MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	OK(message_receive(&m, box, CHILD_MAY_TAKE_MS));
	EQUAL(m.head.msgh_id, MACH_NOTIFY_DEAD_NAME);
	EQUAL(type_of(child), MACH_PORT_TYPE_DEAD_NAME);
	drop_port(child);
	drop_port(box);
}

void
child_end(task_t child)
{
	OK(task_terminate(child));
	child_wait(child);
}
