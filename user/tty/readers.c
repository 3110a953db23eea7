/*
 * Reads that wait for input. See tty.h. Only the first can be answered; the others stand in line.
 *
 * A waiting read is only its reply right. Should its client die, the dead name of that right
 * tells; should the reply fail all the same, the input is put back, so no byte is lost.
 */
#include "io_server.h"
#include "mach/heap.h"
#include "tty.h"
#include <errno.h>
#include <string.h>

#define READERS_MAX	64

struct reader {
	struct reader *next;
	mach_port_t reply_port;
	uint32_t size;			/* bytes wanted */
	uint32_t label;			/* of the client's token */
	bool ool;
};

static struct reader *first, **last = &first;
static uint32_t count;
static uint64_t deadline;		/* nanoseconds: the first read ends then; 0: never */
static struct condition timer;		/* with `lock`: the deadline changed */

kern_return_t
reader_add(struct mig_request *rq, uint32_t size, bool ool)
{
	struct reader *r;

	if (count == READERS_MAX)
		return EAGAIN;
	r = heap_alloc(sizeof(*r));
	if (r == NULL)
		return ENOMEM;
	*r = (struct reader){ NULL, rq->reply_port, size, rq->sender.label, ool };
	*last = r;
	last = &r->next;
	count++;
	port_notify(r->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
	return MIG_NO_REPLY;
}

/* Takes *at out of the list. */
static struct reader *
unlink(struct reader **at)
{
	struct reader *r = *at;

	*at = r->next;
	if (last == &r->next)
		last = at;
	count--;
	return r;
}

static kern_return_t
reply_ool(mach_port_t reply_port, const void *data, uint32_t size)
{
	vm_address_t memory = 0;

	if (size != 0 &&
		vm_allocate(mach_task_self(), &memory, size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return io_read_ool_reply(reply_port, ENOMEM, NULL, 0);
	if (size != 0)
		memcpy((void *)memory, data, size);
	return io_read_ool_reply(reply_port, KERN_SUCCESS, (void *)memory, size);
}

static void
answer(struct reader *r)
{
	static uint8_t data[IO_INLINE_MAX];
	uint32_t before = line.read,
		 n = ldisc_read(&line, data, r->size < sizeof(data) ? r->size : sizeof(data));
	kern_return_t kr;

	port_notify_cancel(r->reply_port, MACH_NOTIFY_DEAD_NAME);
	kr = r->ool ? reply_ool(r->reply_port, data, n)
		    : io_read_reply(r->reply_port, KERN_SUCCESS, data, n);
	if (kr != KERN_SUCCESS)
		line.read = before;
	heap_free(r);
}

bool
readers_waiting(void)
{
	return first != NULL;
}

static void
set_deadline(void)
{
	uint32_t ms = first != NULL ? ldisc_timer(&line) : 0;

	deadline = ms != 0 ? clock_now() + ms * 1000000ull : 0;
	if (ms != 0)
		condition_signal(&timer);
}

void
readers_serve(void)
{
	uint8_t start;

	while (first != NULL && ldisc_readable(&line))
		answer(unlink(&first));
	set_deadline();
	start = ldisc_unthrottle(&line);
	if (start != 0)
		console_put((const char *)&start, 1);
	if (first == NULL && ldisc_readable(&line))
		poll_list_wake(&polls, IO_POLL_IN);
	console_resume();
}

static void *
timer_thread(void *unused)
{
	uint64_t now;

	mutex_lock(&lock);
	for (;;) {
		now = clock_now();
		if (deadline == 0) {
			condition_wait(&timer, &lock);
		} else if (now < deadline) {
			condition_wait_for(&timer, &lock,
				(mach_msg_timeout_t)((deadline - now) / 1000000 + 1));
		} else {
			if (first != NULL)
				answer(unlink(&first));
			readers_serve();
		}
	}
	return unused;
}

void
readers_start(void)
{
	cthread_spawn(timer_thread, NULL);
}

void
reader_dead(mach_port_t reply_port)
{
	for (struct reader **at = &first; *at != NULL; at = &(*at)->next)
		if ((*at)->reply_port == reply_port) {
			heap_free(unlink(at));
			port_drop(reply_port);
			return;
		}
}

void
readers_interrupt(uint32_t label)
{
	struct reader **at = &first, *r;

	while (*at != NULL) {
		if ((*at)->label != label) {
			at = &(*at)->next;
			continue;
		}
		r = unlink(at);
		port_notify_cancel(r->reply_port, MACH_NOTIFY_DEAD_NAME);
		if (r->ool)
			io_read_ool_reply(r->reply_port, EINTR, NULL, 0);
		else
			io_read_reply(r->reply_port, EINTR, NULL, 0);
		heap_free(r);
	}
}
