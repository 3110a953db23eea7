/*
 * What the IPC tests share. Each rule of MACH.md sections 1 and 2 is one function, named by RULE; a
 * failed check prints the rule's name and what was seen. The last line is `N passed, N failed`,
 * counting rules. `rule=NAME` on the kernel's command line: only that one.
 */
#ifndef USER_TEST_IPC_CHECK_H
#define USER_TEST_IPC_CHECK_H

#include "mach/cthread.h"
#include "mach/mach.h"
#include "mach/print.h"
#include "mach/startup.h"

/* --- checking --- */

void check_begin(void); /* first thing in main */
void check_rule(const char *rule, void (*test)(void));
_Noreturn void check_end(void); /* prints the sum and ends the task with 0 or 1 */

void check_true(bool holds, const char *what, int line);
void check_equal(uint64_t got, uint64_t want, const char *what, int line);

#define RULE(test)  check_rule(#test, test)
#define CHECK(cond) check_true((cond), #cond, __LINE__)
#define EQUAL(got, want)                                                                           \
	check_equal((uint64_t)(int64_t)(got), (uint64_t)(int64_t)(want), #got, __LINE__)
#define OK(call) EQUAL(call, KERN_SUCCESS)

/* --- names --- */

mach_port_t new_port(void); /* receive right */
mach_port_t new_send(void); /* receive and send right under one name */
mach_port_t new_set(void);
mach_port_t new_send_once(mach_port_t receive); /* a send-once right under its own name */
mach_port_t new_dead(void);                     /* a dead name */
void drop_port(mach_port_t name);               /* destroys whatever the name denotes */
unsigned refs_of(mach_port_t name, mach_port_right_t right); /* 0: does not denote it */
mach_port_type_t type_of(mach_port_t name); /* without DNREQUEST; 0: no such name */
struct mach_port_status status_of(mach_port_t name);
unsigned name_count(void); /* names in this task's space */

/* --- messages --- */

#define BODY_WORDS 16

/* A message with room for everything the tests send and receive. */
struct message {
	mach_msg_header_t head;
	union {
		struct {
			mach_msg_descriptor_t descriptors[MACH_MSG_DESCRIPTORS_MAX];
			uint32_t after[BODY_WORDS];
		};
		uint32_t words[(MACH_MSG_SIZE_MAX + MACH_MSG_TRAILER_SIZE) / 4];
	};
};

/* An empty message to a port: dispositions, reply, id. Size is the header's. */
void message_init(struct message *m, mach_port_t remote, unsigned disposition, mach_port_t local,
	unsigned local_disposition, int id);

/* Sends `size` bytes with a time-out (ms), so that a test cannot hang. */
mach_msg_return_t message_send(struct message *m, mach_msg_size_t size, mach_msg_timeout_t ms);
mach_msg_return_t message_receive(struct message *m, mach_port_t from, mach_msg_timeout_t ms);
mach_msg_return_t message_receive_room(
	struct message *m, mach_port_t from, mach_msg_size_t room, mach_msg_option_t option);

/* A message of the id with one word, by COPY_SEND, or MOVE_SEND_ONCE. */
mach_msg_return_t send_word(mach_port_t to, int id, uint32_t word);
mach_msg_return_t send_once_word(mach_port_t to, int id, uint32_t word);

/* The id of the next message (received and dropped), or the error code. */
int next_id(mach_port_t from);
bool queue_empty(mach_port_t port);

/* A port with a send right whose queue has as many messages as any limit allows; the kernel sends no more at a user's wish. */
mach_port_t new_flooded(void);

/* Receives and drops so many messages. */
void drop_messages(mach_port_t from, unsigned count);

/* The trailer behind a received message. */
const mach_msg_trailer_t *trailer_of(const struct message *m);

void put_port(struct message *m, unsigned index, mach_port_t name, unsigned disposition);
void put_memory(
	struct message *m, unsigned index, const void *address, uint32_t size, bool deallocate);
void put_ports(struct message *m, unsigned index, const mach_port_t *names, uint32_t count,
	unsigned disposition, bool deallocate);

/* Gives back all rights and memory in a received message. */
void message_release(struct message *m);

/* --- time and threads --- */

/* Lets other threads run until they wait; a little time passes. */
void settle(void);

/* Starts function(argument) and returns its thread. */
cthread_t start(void *(*function)(void *), void *argument);

/* --- another task --- */

/*
 * A child task with this task's memory (copied on write) and, if `rights`, its send rights. No
 * thread yet.
 */
task_t child_create(bool rights);

/*
 * Runs function(argument) in it, on a stack of its own; the function ends the task or waits for
 * ever. It may use no thread-local data.
 */
void child_run(task_t child, void (*function)(void *), void *argument);

/* Ends it and waits until its port is dead; releases the name. */
void child_end(task_t child);

/* Waits until the child has died of itself; releases the name. */
void child_wait(task_t child);

#endif
