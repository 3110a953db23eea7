/*
 * MACH.md section 4: who waits for a pager, and what comes of it: senders of its pages, calls that take snapshots, faults that are aborted,
 * words of gsync, messages that are on such a page themselves, children.
 */
#include "instruction.h"
#include "ipc_check.h"
#include "object.h"
#include "threads.h"

/* --- a client that sends a page in a message --- */

static void *
sender_main(void *argument)
{
	static struct message sent;
	struct client *client = argument;

	message_init(&sent, (mach_port_t)client->value, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_memory(&sent, 0, (void *)client->address, PAGE, false);
	client->result = message_send(&sent, 40, WAIT_MS);
	return NULL;
}

static void
sender_start(struct client *client, vm_address_t address, mach_port_t to)
{
	*client = (struct client){ .address = address, .value = to };
	client->thread = start(sender_main, client);
}

/* Its pager is waited for during the send, and not any more by who receives the page. */
static void
a_sender_waits_for_the_pager_of_what_it_sends(void)
{
	vm_address_t at = new_object(2, false);
	mach_port_t box = new_send();
	struct client a;

	sender_start(&a, at, box);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	settle();
	EQUAL(status_of(box).mps_msgcount, 0);
	OK(supply(0, 1, 60, VM_PROT_NONE));
	OK(client_end(&a));
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE,
	    MACH_PORT_NULL));
	OK(message_receive(&m.any, box, 0));
	EQUAL(*(volatile uint64_t *)m.any.descriptors[0].out_of_line.address, 60);
	forget_message();
	NOTHING(object);
	sender_start(&a, at + PAGE, box);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(memory_object_data_error(control, PAGE, PAGE, KERN_FAILURE));
	EQUAL(client_end(&a), MACH_SEND_INVALID_MEMORY);
	CHECK(queue_empty(box));
	drop_port(box);
	end_object(at, 2);
}

/* --- a client whose message itself is on a page of a pager --- */

#define OLD_LABEL	4243u
#define NEW_LABEL	4244u

static void
label_child(task_t child, uint32_t label)
{
	OK(task_set_security_token(startup_info->host, child, &(security_token_t){.label = label}));
}

static void
send_from_page(void *message)
{
	mach_msg(message, MACH_SEND_MSG, sizeof(m.head), 0, 0, 0, 0);
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

static void
call_from_page(void *message)
{
	mach_msg(message, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(m.head), PAGE, MACH_PORT_MAKE(41, 7), 0, 0);
	for (;;)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1000);
}

static void *
receive_label(void *box)
{
	static struct message received;

	OK(mach_msg(&received.head, MACH_RCV_MSG, 0, sizeof(received), (mach_port_t)(uintptr_t)box, 0, 0));
	EQUAL(received.head.msgh_id, 5);
	return (void *)(uintptr_t)trailer_of(&received)->msgh_sender.label;
}

/* The page that a message of `bits` is on. */
static void
supply_message(mach_msg_bits_t bits)
{
	vm_address_t data = 0;

	OK(vm_allocate(SELF, &data, PAGE, VM_FLAGS_ANYWHERE));
	*(mach_msg_header_t *)data = (mach_msg_header_t){.msgh_bits = bits, .msgh_remote_port = MACH_PORT_MAKE(40, 7), .msgh_id = 5,
	    .msgh_local_port = MACH_MSGH_BITS_LOCAL(bits) != 0 ? MACH_PORT_MAKE(41, 7) : MACH_PORT_NULL};
	OK(memory_object_data_supply(control, 0, data, PAGE, VM_PROT_NONE));
}

/* Its task gets another token while the kernel waits for the message: the one it sends with is the old one. */
static void
label_of_a_message(void (*client)(void *message), mach_msg_bits_t bits)
{
	vm_address_t at = new_object(1, false);
	mach_port_t box = new_send();
	task_t child = child_create(false);
	cthread_t receiver = start(receive_label, (void *)(uintptr_t)box);
	thread_t thread;

	CHECK(waits_for(cthread_port(receiver), "receive"));
	OK(mach_port_insert_right(child, MACH_PORT_MAKE(40, 7), box, MACH_MSG_TYPE_COPY_SEND));
	OK(mach_port_allocate_name(child, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_MAKE(41, 7)));
	label_child(child, OLD_LABEL);
	thread = thread_in(child, 0, client, (void *)at);
	OK(thread_resume(thread));
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	CHECK(waits_for(thread, "pager"));
	label_child(child, NEW_LABEL);
	supply_message(bits);
	EQUAL((uintptr_t)cthread_join(receiver), OLD_LABEL);
	child_end(child);
	drop_port(thread), drop_port(box);
	end_object(at, 1);
}

static void
the_token_is_read_before_the_message(void)
{
	label_of_a_message(send_from_page, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0));
	label_of_a_message(call_from_page, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE));
}

/* --- what else waits for a pager --- */

static struct {
	volatile uint64_t *word;
	volatile uint64_t seen;
} look;

/* In user mode. */
static void
look_at_word(void *unused)
{
	(void)unused;
	look.seen = *look.word;
	thread_terminate(mach_thread_self());
}

static thread_t
looking_thread(vm_address_t at)
{
	thread_t thread;

	look.word = (volatile uint64_t *)at;
	look.seen = 0;
	thread = thread_run(0, look_at_word, NULL);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	CHECK(waits_for(thread, "pager"));
	return thread;
}

/* The thread touches the page again, and has it when the pager answers; or does something else, if it has other registers now. */
static void
aborted_faults_start_again(void)
{
	vm_address_t at = new_object(2, false);
	thread_t thread = looking_thread(at);
	uint64_t faults;
	struct task_info info;

	OK(task_info(SELF, &info));
	faults = info.faults;
	OK(thread_abort(thread));
	for (unsigned tries = 0; info.faults == faults && tries < WAIT_MS; tries++, clock_sleep(1))
		OK(task_info(SELF, &info));
	CHECK(info.faults > faults);
	CHECK(waits_for(thread, "pager"));
	EQUAL(look.seen, 0);
	OK(supply(0, 1, 90, VM_PROT_NONE));
	CHECK(is_gone(thread));
	EQUAL(look.seen, 90);

	thread = looking_thread(at + PAGE);
	OK(thread_suspend(thread));
	OK(thread_abort(thread));
	reached = 0;
	set_entry(thread, 1, arrive, (void *)5);
	OK(thread_resume(thread));
	CHECK(is_gone(thread));
	EQUAL(reached, 5);
	EQUAL(look.seen, 0);
	end_object(at, 2);
}

static void
run_code(void *code)
{
	((void (*)(void))code)();
	arrive((void *)6);
}

/* A private mapping, too: nothing is copied that is only run. */
static void
who_runs_a_locked_page_asks_for_it(void)
{
	vm_address_t at = new_object(1, false), code, data = 0;
	thread_t thread;

	OK(map_port(object, 0, 1, true, VM_PROT_READ | VM_PROT_EXECUTE, &code));
	OK(vm_allocate(SELF, &data, PAGE, VM_FLAGS_ANYWHERE));
	*(volatile uint32_t *)data = RETURN_INSTRUCTION;
	OK(memory_object_data_supply(control, 0, data, PAGE, VM_PROT_EXECUTE));
	EQUAL(*(volatile uint32_t *)code, RETURN_INSTRUCTION);
	reached = 0;
	thread = thread_run(0, run_code, (void *)code);
	EXPECT(object, MEMORY_OBJECT_DATA_UNLOCK_ID);
	EQUAL(m.range.offset, 0);
	CHECK((m.range.access & VM_PROT_EXECUTE) != 0);
	CHECK(waits_for(thread, "pager"));
	NOTHING(object);
	EQUAL(reached, 0);
	OK(memory_object_lock_request(control, 0, PAGE, 0, VM_PROT_NONE, MACH_PORT_NULL));
	CHECK(is_gone(thread));
	EQUAL(reached, 6);
	OK(vm_deallocate(SELF, code, PAGE));
	end_object(at, 1);
}

static void *
wire_it(void *page)
{
	return (void *)(uintptr_t)vm_wire(startup_info->host, SELF, (vm_address_t)page, PAGE, VM_PROT_READ);
}

/* Wired memory is ready for all that its mapping allows, so that is what is asked for. */
static void
who_wires_a_locked_page_asks_for_it(void)
{
	vm_address_t at = new_object(1, false);
	cthread_t thread;

	OK(supply(0, 1, 40, VM_PROT_WRITE));
	thread = start(wire_it, (void *)at);
	EXPECT(object, MEMORY_OBJECT_DATA_UNLOCK_ID);
	CHECK((m.range.access & VM_PROT_WRITE) != 0);
	OK(memory_object_lock_request(control, 0, PAGE, 0, VM_PROT_NONE, MACH_PORT_NULL));
	OK((kern_return_t)(uintptr_t)cthread_join(thread));
	OK(vm_wire(startup_info->host, SELF, at, PAGE, VM_PROT_NONE));
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));	/* it is dirty */
	end_object(at, 1);
}

static void *
wait_for_another_value(void *word)
{
	return (void *)(uintptr_t)gsync_wait(word, 0, WAIT_MS, GSYNC_TIMEOUT);
}

/* It is not what gsync_wait expects: once the page has come there is nothing to wait for. */
static void
words_are_looked_at_when_they_have_come(void)
{
	vm_address_t at = new_object(1, false);
	cthread_t thread = start(wait_for_another_value, (void *)at);

	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(supply(0, 1, 1, VM_PROT_NONE));
	EQUAL((uintptr_t)cthread_join(thread), KERN_SUCCESS);
	end_object(at, 1);
}

/* --- snapshots: two pages of a task by each call that takes them --- */

enum { READ, REMAP, COPY, CALLS };

struct snapshot {
	unsigned call;
	task_t source;
	vm_address_t from, at;		/* in this task; for COPY, in the source, and given */
	kern_return_t result;
};

static void *
snapshot_main(void *argument)
{
	struct snapshot *taken = argument;
	struct vm_remap_args args = {.target = SELF,
	    .flags = VM_FLAGS_ANYWHERE,
	    .size = 2 * PAGE,
	    .source = taken->source,
	    .copy = 1,
	    .source_address = taken->from,
	    .inheritance = VM_INHERIT_COPY};

	if (taken->call == READ)
		taken->result = vm_read(taken->source, taken->from, 2 * PAGE, &taken->at);
	else if (taken->call == COPY)
		taken->result = vm_copy(taken->source, taken->from, 2 * PAGE, taken->at);
	else
		taken->result = vm_remap(&args), taken->at = args.address;
	return NULL;
}

/* The pager is waited for by who takes the snapshot, and not any more by who looks at it, whatever the pages become. */
static void
take_snapshot(unsigned call, task_t source, vm_address_t from, vm_address_t room)
{
	struct snapshot taken = { .call = call, .source = source, .from = from, .at = room };
	task_t holder = call == COPY ? source : SELF;
	cthread_t thread;

	OK(memory_object_lock_request(control, 0, 4 * PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	OK(supply(0, 1, 90, VM_PROT_NONE));
	thread = start(snapshot_main, &taken);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	EQUAL(m.range.offset, PAGE);
	OK(supply(1, 1, 90, VM_PROT_NONE));
	cthread_join(thread);
	OK(taken.result);
	*(volatile uint64_t *)from = *(volatile uint64_t *)(from + PAGE) = 1;
	EQUAL(peek(source, from + PAGE), 1);
	EQUAL(peek(holder, taken.at), 90);
	OK(memory_object_lock_request(control, 0, 4 * PAGE, MEMORY_OBJECT_FLUSH, VM_PROT_NONE, MACH_PORT_NULL));
	EQUAL(peek(holder, taken.at), 90);
	EQUAL(peek(holder, taken.at + PAGE), 91);
	NOTHING(object);
	if (call != COPY)
		OK(vm_deallocate(SELF, taken.at, 2 * PAGE));
}

static void
snapshots_of_objects_are_taken_in_the_sender(void)
{
	vm_address_t at = new_object(4, false), room = 0;
	task_t child = MACH_PORT_NULL;

	OK(vm_allocate(SELF, &room, 2 * PAGE, VM_FLAGS_ANYWHERE));
	OK(vm_inherit(SELF, at, 4 * PAGE, VM_INHERIT_SHARE));
	OK(task_create(SELF, TASK_INHERIT_MEMORY, &child));
	for (unsigned call = 0; call < CALLS; call++) {
		take_snapshot(call, SELF, at, room);
		take_snapshot(call, child, at, room);
	}
	child_end(child);
	OK(vm_deallocate(SELF, room, 2 * PAGE));
	settle();
	end_object(at, 4);
}

static void *
write_main(void *argument)
{
	struct snapshot *taken = argument;

	taken->result = vm_write(taken->source, taken->at, taken->from, 2 * PAGE);
	return NULL;
}

/* The task dies while the pager of what is to be written into it is asked. */
static void
dead_tasks_take_no_memory(void)
{
	vm_address_t at = new_object(2, false), room = 0;
	struct snapshot write = { .from = at };
	task_t child = MACH_PORT_NULL;
	cthread_t thread;

	OK(vm_allocate(SELF, &room, 2 * PAGE, VM_FLAGS_ANYWHERE));
	OK(task_create(SELF, TASK_INHERIT_MEMORY, &child));
	write.source = child, write.at = room;
	thread = start(write_main, &write);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	child_end(child);
	OK(supply(0, 2, 80, VM_PROT_NONE));
	cthread_join(thread);
	EQUAL(write.result, KERN_TERMINATED);
	OK(vm_deallocate(SELF, room, 2 * PAGE));
	end_object(at, 2);
}

static void
children_get_private_copies(void)
{
	vm_address_t at = new_object(2, false);
	struct client a;
	task_t child = MACH_PORT_NULL;
	uint64_t value = 5;

	OK(supply(0, 1, 70, VM_PROT_NONE));
	OK(task_create(SELF, TASK_INHERIT_MEMORY, &child));
	OK(vm_write(child, at, (vm_address_t)&value, 8));
	EQUAL(*(volatile uint64_t *)at, 70);
	end_child(child);
	client_start(&a, at, true, 71);
	OK(client_end(&a));
	OK(memory_object_lock_request(control, 0, PAGE, MEMORY_OBJECT_CLEAN, VM_PROT_NONE,
	    MACH_PORT_NULL));
	EXPECT(object, MEMORY_OBJECT_DATA_RETURN_ID);
	EQUAL(*(volatile uint64_t *)m.returned.data.address, 71);
	forget_message();
	settle();
	end_object(at, 2);
}

int
main(void)
{
	check_begin();
	RULE(a_sender_waits_for_the_pager_of_what_it_sends);
	RULE(the_token_is_read_before_the_message);
	RULE(aborted_faults_start_again);
	RULE(who_runs_a_locked_page_asks_for_it);
	RULE(who_wires_a_locked_page_asks_for_it);
	RULE(words_are_looked_at_when_they_have_come);
	RULE(snapshots_of_objects_are_taken_in_the_sender);
	RULE(dead_tasks_take_no_memory);
	RULE(children_get_private_copies);
	check_end();
}
