/*
 * Reads that wait for input. See tty.h. Only the first of a side can be answered; the others stand in line.
 *
 * A waiting read is only its reply right. Should its client die, the dead name of that right tells; should the reply fail all the same, the
 * input is put back, so no byte is lost.
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

static struct condition timer;		/* with `lock`: a deadline changed */

kern_return_t
reader_add(struct terminal *t, enum side_number side, struct mig_request *rq, uint32_t size, bool ool)
{
	struct side *s = &t->side[side];
	struct reader *r;

	if (s->reader_count == READERS_MAX)
		return EAGAIN;
	r = heap_alloc(sizeof(*r));
	if (r == NULL)
		return ENOMEM;
	*r = (struct reader){ NULL, rq->reply_port, size, rq->sender.label, ool };
	*s->readers_last = r;
	s->readers_last = &r->next;
	s->reader_count++;
	port_notify(r->reply_port, MACH_NOTIFY_DEAD_NAME, notify_port);
	return MIG_NO_REPLY;
}

/* Takes *at out of the list. */
static struct reader *
unlink(struct side *s, struct reader **at)
{
	struct reader *r = *at;

	*at = r->next;
	if (s->readers_last == &r->next)
		s->readers_last = at;
	s->reader_count--;
	return r;
}

static kern_return_t
reply(const struct reader *r, kern_return_t error, const void *data, uint32_t size)
{
	vm_address_t memory = 0;

	port_notify_cancel(r->reply_port, MACH_NOTIFY_DEAD_NAME);
	if (!r->ool)
		return io_read_reply(r->reply_port, error, data, size);
	if (size != 0 && vm_allocate(mach_task_self(), &memory, size, VM_FLAGS_ANYWHERE) != KERN_SUCCESS)
		return io_read_ool_reply(r->reply_port, ENOMEM, NULL, 0);
	if (size != 0)
		memcpy((void *)memory, data, size);
	return io_read_ool_reply(r->reply_port, error, (void *)memory, size);
}

uint32_t
reader_take(struct terminal *t, enum side_number side, void *data, uint32_t size)
{
	if (side == MASTER)
		return pty_take(t, data, size);
	return pty_hung_up(t, SLAVE) ? 0 : ldisc_read(&t->line, data, size);
}

static void
answer(struct terminal *t, enum side_number side, struct reader *r)
{
	static uint8_t data[IO_INLINE_MAX];
	uint32_t before = t->line.read, n = reader_take(t, side, data, r->size < sizeof(data) ? r->size : sizeof(data));

	if (reply(r, side == MASTER && n == 0 ? EIO : 0, data, n) != KERN_SUCCESS) {
		if (side == MASTER)
			pty_untake(t, n);
		else
			t->line.read = before;
	}
	heap_free(r);
}

bool
readers_ready(const struct terminal *t, enum side_number side)
{
	if (side == MASTER)
		return t->pty != NULL && (pty_available(t) != 0 || pty_hung_up(t, MASTER));
	return ldisc_readable(&t->line) || pty_hung_up(t, SLAVE);
}

bool
readers_serve(struct terminal *t, enum side_number side)
{
	struct side *s = &t->side[side];
	bool served = false;

	for (; s->readers != NULL && readers_ready(t, side) && !(side == SLAVE && t->stopping); served = true)
		answer(t, side, unlink(s, &s->readers));
	return served;
}

void
readers_set_deadline(struct terminal *t)
{
	struct side *s = &t->side[SLAVE];
	uint32_t ms = s->readers != NULL ? ldisc_timer(&t->line) : 0;

	s->deadline = ms != 0 ? clock_now() + ms * 1000000ull : 0;
	if (ms != 0)
		condition_signal(&timer);
}

/* The terminal whose first reader's time is over first, or NULL. */
static struct terminal *
next_deadline(void)
{
	struct terminal *next = NULL, *t;

	for (uint32_t n = 0; n < TERMINALS_MAX; n++) {
		t = terminal_number(n);
		if (t != NULL && t->side[SLAVE].deadline != 0 &&
		    (next == NULL || t->side[SLAVE].deadline < next->side[SLAVE].deadline))
			next = t;
	}
	return next;
}

static void *
timer_thread(void *unused)
{
	struct terminal *t;
	struct side *s;
	uint64_t now;

	mutex_lock(&lock);
	for (;;) {
		now = clock_now();
		t = next_deadline();
		if (t == NULL) {
			condition_wait(&timer, &lock);
			continue;
		}
		s = &t->side[SLAVE];
		if (now < s->deadline) {
			condition_wait_for(&timer, &lock, (mach_msg_timeout_t)((s->deadline - now) / 1000000 + 1));
			continue;
		}
		s->deadline = 0;
		if (s->readers != NULL)
			answer(t, SLAVE, unlink(s, &s->readers));
		terminal_pump(t);
	}
	return unused;
}

void
readers_start(void)
{
	cthread_spawn(timer_thread, NULL);
}

void
reader_dead(struct terminal *t, mach_port_t reply_port)
{
	for (int s = 0; s < SIDES; s++)
		for (struct reader **at = &t->side[s].readers; *at != NULL; at = &(*at)->next)
			if ((*at)->reply_port == reply_port) {
				heap_free(unlink(&t->side[s], at));
				port_drop(reply_port);
				return;
			}
}

void
readers_end(struct terminal *t, enum side_number side, kern_return_t error)
{
	struct side *s = &t->side[side];
	struct reader *r;

	while (s->readers != NULL) {
		r = unlink(s, &s->readers);
		reply(r, error, NULL, 0);
		heap_free(r);
	}
}

void
readers_interrupt(struct terminal *t, uint32_t label)
{
	struct reader **at, *r;

	for (int s = 0; s < SIDES; s++)
		for (at = &t->side[s].readers; *at != NULL;) {
			if ((*at)->label != label) {
				at = &(*at)->next;
				continue;
			}
			r = unlink(&t->side[s], at);
			reply(r, EINTR, NULL, 0);
			heap_free(r);
		}
}
