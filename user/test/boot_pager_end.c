/*
 * MACH.md section 4: answers and questions without end, and the end of objects in the middle of them.
 */
#include "ipc_check.h"
#include "object.h"
#include "threads.h"

/* --- answers --- */

#define MUCH	4096u		/* pages: takes so long that the object ends meanwhile */
#define ROUNDS	12u

static struct {
	kern_return_t result;
	volatile bool done;
} answer;

/* Of memory that nobody has touched yet; by vm_map, which gives more of it than there is. */
static kern_return_t
supply_zeros(uint64_t pages)
{
	vm_address_t data = 0;
	kern_return_t kr = map_port(MACH_PORT_NULL, 0, pages, false, VM_PROT_DEFAULT, &data);

	return kr == KERN_SUCCESS ? memory_object_data_supply(control, 0, data, pages * PAGE, VM_PROT_NONE) : kr;
}

/* Worse than the main thread, which therefore gets on in the middle of it on one CPU, too. */
static void *
answer_main(void *argument)
{
	OK(thread_set_priority(MACH_PORT_NULL, cthread_port(cthread_self()), MACH_PRIORITY_USER + 1));
	answer.result = supply_zeros(MUCH);
	answer.done = true;
	return argument;
}

static bool
first_page_has_come(void)
{
	vm_size_t done = 0;
	uint64_t word;

	OK(memory_object_copy(control, 0, (vm_address_t)&word, sizeof(word), MEMORY_OBJECT_COPY_OUT, &done));
	return done != 0;
}

/* The pages that come too late are nobody's. */
static void
objects_end_in_the_middle_of_an_answer(void)
{
	unsigned middle = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		vm_address_t at = new_object(MUCH, false);
		cthread_t thread;

		answer.done = false;
		thread = start(answer_main, NULL);
		while (!first_page_has_come())
			clock_sleep(1);
		OK(vm_deallocate(SELF, at, MUCH * PAGE));
		middle += !answer.done;
		cthread_join(thread);
		OK(answer.result);
		EXPECT(object, MEMORY_OBJECT_TERMINATE_ID);
		forget_message();
		EQUAL(type_of(control), MACH_PORT_TYPE_DEAD_NAME);
		drop_port(control), drop_port(object);
	}
	CHECK(middle > 0);
}

/* A question that is open when the object is destroyed is answered, too: it was once looked at for ever. */
static void
answers_to_what_is_destroyed_end(void)
{
	vm_address_t at = new_object(1, false);
	struct client a;

	client_start(&a, at, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(memory_object_destroy(control, KERN_FAILURE));
	EQUAL(client_end(&a), KERN_MEMORY_ERROR);
	OK(memory_object_data_unavailable(control, 0, PAGE));
	end_object(at, 1);
}

#define HUGE	(1ull << 28)	/* pages: a TB */

static void
answer_without_end(void *unused)
{
	(void)unused;
	supply_zeros(HUGE);
	for (;;)
		task_terminate(SELF);
}

/* To an object that takes none of the pages, so that they do not end when memory does. */
static void
who_answers_without_end_can_be_killed(void)
{
	vm_address_t at = new_object(1, false);
	task_t child = child_create(true);

	OK(memory_object_destroy(control, KERN_SUCCESS));
	child_run(child, answer_without_end, NULL);
	clock_sleep(50);
	EQUAL(type_of(child), MACH_PORT_TYPE_SEND);
	child_end(child);
	end_object(at, 1);
}

/* --- questions --- */

#define QUESTIONS_MAX	4096u		/* kern/vm/pager_fault.c */
#define MORE		16u

static struct {
	vm_address_t at;
	unsigned page;			/* that was refused */
	kern_return_t result;
} asker;

/* Asks for a page and then for the next, because it is aborted each time. */
static void *
ask_on_and_on(void *argument)
{
	vm_address_t copy;

	do
		asker.result = vm_read(SELF, asker.at + asker.page * PAGE, 8, &copy);
	while (asker.result == KERN_ABORTED && ++asker.page < QUESTIONS_MAX + MORE);
	return argument;
}

/* Who wants one more page gets an error, and a question when one of the others is answered. */
static void
answers_make_room_for_questions(void)
{
	struct client a;

	client_start(&a, asker.at + (QUESTIONS_MAX + 1) * PAGE, false, 0);
	EQUAL(client_end(&a), KERN_MEMORY_ERROR);
	NOTHING(object);
	OK(memory_object_data_unavailable(control, PAGE, PAGE));
	client_start(&a, asker.at + (QUESTIONS_MAX + 1) * PAGE, false, 0);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	OK(supply(QUESTIONS_MAX + 1, 1, 3, VM_PROT_NONE));
	OK(client_end(&a));
	EQUAL(a.value, QUESTIONS_MAX + 4);
}

/* They stay when nobody waits any more. */
static void
open_questions_are_limited(void)
{
	cthread_t thread;
	unsigned questions = 0;

	asker.at = new_object(QUESTIONS_MAX + MORE, false);
	asker.page = 0;
	thread = start(ask_on_and_on, NULL);
	while (next_message(object, 500) == MEMORY_OBJECT_DATA_REQUEST_ID) {
		EQUAL(m.range.offset, questions * PAGE);
		forget_message();
		questions++;
		OK(thread_abort(cthread_port(thread)));
	}
	cthread_join(thread);
	EQUAL(questions, QUESTIONS_MAX);
	EQUAL(asker.page, QUESTIONS_MAX);
	EQUAL(asker.result, KERN_MEMORY_ERROR);
	if (asker.result == KERN_MEMORY_ERROR)
		answers_make_room_for_questions();
	end_object(asker.at, QUESTIONS_MAX + MORE);
}

/* --- senders that wait for a pager --- */

#define SENT_BYTES	8000u

static mach_port_t inbox;

static void *
send_a_page(void *page)
{
	static struct message sent;

	message_init(&sent, inbox, MACH_MSG_TYPE_COPY_SEND, 0, 0, 1);
	put_memory(&sent, 0, page, PAGE, false);
	OK(message_send(&sent, SENT_BYTES, MACH_MSG_TIMEOUT_NONE));
	return page;
}

static uint64_t
kernel_memory(task_t task)
{
	struct task_info info;

	OK(task_info(task, &info));
	return info.kernel_memory;
}

/* It pays from when the message is queued: else a few senders whose pager does not answer would use up what it may have. */
static void
who_is_long_in_sending_costs_the_receiver_nothing(void)
{
	vm_address_t at = new_object(1, false);
	task_t receiver = child_create(false);
	mach_port_type_t type;
	mach_port_t port = 0;
	cthread_t thread;
	uint64_t before;

	OK(mach_port_allocate(receiver, MACH_PORT_RIGHT_RECEIVE, &port));
	OK(mach_port_extract_right(receiver, port, MACH_MSG_TYPE_MAKE_SEND, &inbox, &type));
	before = kernel_memory(receiver);
	thread = start(send_a_page, (void *)at);
	EXPECT(object, MEMORY_OBJECT_DATA_REQUEST_ID);
	EQUAL(kernel_memory(receiver), before);
	OK(supply(0, 1, 1, VM_PROT_NONE));
	cthread_join(thread);
	CHECK(kernel_memory(receiver) >= before + SENT_BYTES);
	child_end(receiver);
	drop_port(inbox);
	end_object(at, 1);
}

int
main(void)
{
	check_begin();
	RULE(objects_end_in_the_middle_of_an_answer);
	RULE(answers_to_what_is_destroyed_end);
	RULE(who_answers_without_end_can_be_killed);
	RULE(open_questions_are_limited);
	RULE(who_is_long_in_sending_costs_the_receiver_nothing);
	check_end();
}
