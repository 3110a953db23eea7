/*
 * The server's side of tty.defs: settings, size, flow, the foreground group, pseudo-terminals. Who has a master may do all that who has its
 * terminal may, whatever group it is in.
 */
#include "tty.h"
#include "tty_server.h"
#include <errno.h>

void
settings_apply(struct terminal *t, const struct tty_settings *settings, uint32_t when)
{
	if (when == TTY_SET_FLUSH)
		ldisc_flush(&t->line);
	ldisc_set(&t->line, settings);
}

/* The terminal a request is for, in *t, and whether its sender may change it. EIO: it is hung up. */
static kern_return_t
change_begin(struct mig_request *rq, struct terminal **t, enum side_number *side)
{
	*t = open_terminal(rq, side);
	if (*t == NULL)
		return EBADF;
	return *side == MASTER ? 0 : pty_hung_up(*t, SLAVE) ? EIO : jobs_may_change(*t, rq);
}

kern_return_t
tty_get_settings_s(struct mig_request *rq, struct tty_settings *settings)
{
	struct end end;
	kern_return_t kr = EBADF;

	mutex_lock(&lock);
	end = open_end(rq->port);
	if (end.terminal != NULL) {
		kr = end.side == SLAVE && pty_hung_up(end.terminal, SLAVE) ? EIO : 0;
		*settings = end.terminal->line.settings;
	}
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
tty_set_settings_s(struct mig_request *rq, uint32_t when, const struct tty_settings *settings)
{
	enum side_number side;
	struct terminal *t;
	kern_return_t kr;

	if (when > TTY_SET_FLUSH)
		return EINVAL;
	kr = change_begin(rq, &t, &side);
	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	if (when != TTY_SET_NOW && side == SLAVE && output_waits(t, SLAVE)) {
		kr = output_after(t, rq, settings, when);
	} else {
		settings_apply(t, settings, when);
		terminal_pump(t);
	}
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
tty_set_foreground_s(struct mig_request *rq, int32_t group)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);

	return t == NULL ? EBADF : side == MASTER ? ENOTTY : jobs_set_foreground(t, rq, group);
}

kern_return_t
tty_get_foreground_s(struct mig_request *rq, int32_t *group)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);
	int32_t session;

	return t == NULL ? EBADF : jobs_get(t, side == MASTER, rq, &session, group);
}

kern_return_t
tty_get_session_s(struct mig_request *rq, int32_t *session)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);
	int32_t group;

	return t == NULL ? EBADF : jobs_get(t, side == MASTER, rq, session, &group);
}

kern_return_t
tty_take_s(struct mig_request *rq)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);

	return t == NULL ? EBADF : side == MASTER ? ENOTTY : pty_hung_up(t, SLAVE) ? EIO : jobs_take(t, rq);
}

kern_return_t
tty_give_up_s(struct mig_request *rq)
{
	struct terminal *t = open_terminal(rq, NULL);

	return t == NULL ? EBADF : jobs_give_up(t, rq);
}

kern_return_t
tty_set_size_s(struct mig_request *rq, uint32_t rows, uint32_t columns)
{
	struct terminal *t = open_terminal(rq, NULL);
	struct tty_settings *s;
	bool changed;

	if (t == NULL)
		return EBADF;
	if (rows > UINT16_MAX || columns > UINT16_MAX)
		return EINVAL;
	mutex_lock(&lock);
	s = &t->line.settings;
	changed = s->rows != rows || s->columns != columns;
	s->rows = (uint16_t)rows;
	s->columns = (uint16_t)columns;
	mutex_unlock(&lock);
	if (changed)
		jobs_signal(t, SIGWINCH);
	return KERN_SUCCESS;
}

/* What is output for the one side is input for the other. */
kern_return_t
tty_flush_s(struct mig_request *rq, uint32_t what)
{
	enum side_number side;
	struct terminal *t;
	kern_return_t kr;

	if (what > TTY_FLUSH_BOTH)
		return EINVAL;
	kr = change_begin(rq, &t, &side);
	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	if (what == TTY_FLUSH_BOTH || (what == TTY_FLUSH_INPUT) == (side == SLAVE))
		ldisc_flush(&t->line);
	if (what == TTY_FLUSH_BOTH || (what == TTY_FLUSH_INPUT) == (side == MASTER)) {
		output_flush(t, SLAVE, 0);
		if (t->pty != NULL)
			pty_flush(t);
	}
	if (side == MASTER && what != TTY_FLUSH_INPUT)
		output_flush(t, MASTER, 0);
	terminal_pump(t);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_drain_s(struct mig_request *rq)
{
	enum side_number side;
	struct terminal *t;
	kern_return_t kr = change_begin(rq, &t, &side);

	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	if (side == SLAVE && output_waits(t, SLAVE))
		kr = output_after(t, rq, NULL, 0);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
tty_flow_s(struct mig_request *rq, uint32_t action)
{
	enum side_number side;
	struct terminal *t;
	kern_return_t kr;

	if (action > TTY_INPUT_ON)
		return EINVAL;
	kr = change_begin(rq, &t, &side);
	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	switch (action) {
	case TTY_OUTPUT_OFF:
		t->line.stopped = true;
		break;
	case TTY_OUTPUT_ON:
		t->line.stopped = false;
		break;
	case TTY_INPUT_OFF:
		terminal_put(t, (const char *)&t->line.settings.cc[TTY_VSTOP], 1);
		break;
	case TTY_INPUT_ON:
		terminal_put(t, (const char *)&t->line.settings.cc[TTY_VSTART], 1);
		break;
	}
	terminal_pump(t);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_available_s(struct mig_request *rq, uint32_t *bytes)
{
	struct end end;

	mutex_lock(&lock);
	end = open_end(rq->port);
	if (end.terminal != NULL)
		*bytes = end.side == MASTER ? pty_available(end.terminal) : ldisc_available(&end.terminal->line);
	mutex_unlock(&lock);
	return end.terminal != NULL ? KERN_SUCCESS : EBADF;
}

kern_return_t
tty_pty_number_s(struct mig_request *rq, uint32_t *number)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);

	if (t == NULL || side != MASTER)
		return t == NULL ? EBADF : ENOTTY;
	*number = (uint32_t)(t->rdev - RDEV_SLAVE);
	return KERN_SUCCESS;
}

kern_return_t
tty_pty_lock_s(struct mig_request *rq, uint32_t locked)
{
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);

	if (t == NULL || side != MASTER)
		return t == NULL ? EBADF : ENOTTY;
	mutex_lock(&lock);
	pty_lock(t, locked != 0);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}
