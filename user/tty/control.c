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

/*
 * Purpose: finds what a request is for, if its sender may change it.
 * Conditions: takes the lock, and keeps it when it returns 0. The process server is asked without it, so the file may be closed meanwhile, and
 * its terminal be somebody else's: what counts is what the port is afterwards.
 * Returns: 0; EBADF; EIO: it is hung up; EINTR; errors of jobs_may_change.
 */
static kern_return_t
change_begin(struct mig_request *rq, struct end *end)
{
	uint32_t seen = interrupts_seen();
	enum side_number side;
	struct terminal *t = open_terminal(rq, &side);
	kern_return_t kr = t == NULL ? EBADF : side == MASTER || pty_hung_up(t, SLAVE) ? 0 : jobs_may_change(t, rq);

	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	*end = open_end(rq->port);
	if (end->terminal == NULL)
		kr = EBADF;
	else if (end->side == SLAVE && pty_hung_up(end->terminal, SLAVE))
		kr = EIO;
	else if (interrupts_seen() != seen)
		kr = EINTR;
	if (kr != 0)
		mutex_unlock(&lock);
	return kr;
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
	struct end end;
	kern_return_t kr;

	if (when > TTY_SET_FLUSH)
		return EINVAL;
	kr = change_begin(rq, &end);
	if (kr != 0)
		return kr;
	if (when != TTY_SET_NOW && end.side == SLAVE && output_waits(end.terminal, SLAVE)) {
		kr = output_after(end.terminal, rq, settings, when);
	} else {
		settings_apply(end.terminal, settings, when);
		terminal_pump(end.terminal);
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
	struct tty_settings *s;
	struct terminal *t;
	int32_t group = 0;

	if (rows > UINT16_MAX || columns > UINT16_MAX)
		return EINVAL;
	mutex_lock(&lock);
	t = open_end(rq->port).terminal;
	if (t != NULL) {
		s = &t->line.settings;
		if (s->rows != rows || s->columns != columns)
			group = jobs_foreground(t);
		s->rows = (uint16_t)rows;
		s->columns = (uint16_t)columns;
	}
	mutex_unlock(&lock);
	jobs_signal_group(group, SIGWINCH);
	return t == NULL ? EBADF : KERN_SUCCESS;
}

/* What is output for the one side is input for the other. */
kern_return_t
tty_flush_s(struct mig_request *rq, uint32_t what)
{
	struct terminal *t;
	struct end end;
	kern_return_t kr;

	if (what > TTY_FLUSH_BOTH)
		return EINVAL;
	kr = change_begin(rq, &end);
	if (kr != 0)
		return kr;
	t = end.terminal;
	if (what == TTY_FLUSH_BOTH || (what == TTY_FLUSH_INPUT) == (end.side == SLAVE))
		ldisc_flush(&t->line);
	if (what == TTY_FLUSH_BOTH || (what == TTY_FLUSH_INPUT) == (end.side == MASTER)) {
		output_flush(t, SLAVE, 0);
		if (t->pty != NULL)
			pty_flush(t);
	}
	if (end.side == MASTER && what != TTY_FLUSH_INPUT)
		output_flush(t, MASTER, 0);
	terminal_pump(t);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_drain_s(struct mig_request *rq)
{
	struct end end;
	kern_return_t kr = change_begin(rq, &end);

	if (kr != 0)
		return kr;
	if (end.side == SLAVE && output_waits(end.terminal, SLAVE))
		kr = output_after(end.terminal, rq, NULL, 0);
	mutex_unlock(&lock);
	return kr;
}

/* A control character for whoever types; 0 is none (_POSIX_VDISABLE). */
static void
send_control(struct terminal *t, uint8_t byte)
{
	if (byte != 0)
		terminal_put(t, (const char *)&byte, 1);
}

kern_return_t
tty_flow_s(struct mig_request *rq, uint32_t action)
{
	struct terminal *t;
	struct end end;
	kern_return_t kr;

	if (action > TTY_INPUT_ON)
		return EINVAL;
	kr = change_begin(rq, &end);
	if (kr != 0)
		return kr;
	t = end.terminal;
	switch (action) {
	case TTY_OUTPUT_OFF:
		t->line.stopped = true;
		break;
	case TTY_OUTPUT_ON:
		t->line.stopped = false;
		break;
	case TTY_INPUT_OFF:
		send_control(t, t->line.settings.cc[TTY_VSTOP]);
		break;
	case TTY_INPUT_ON:
		send_control(t, t->line.settings.cc[TTY_VSTART]);
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
	struct end end;

	mutex_lock(&lock);
	end = open_end(rq->port);
	if (end.terminal != NULL && end.side == MASTER)
		pty_lock(end.terminal, locked != 0);
	mutex_unlock(&lock);
	return end.terminal == NULL ? EBADF : end.side == MASTER ? KERN_SUCCESS : ENOTTY;
}

kern_return_t
tty_ptys_s(struct mig_request *rq, uint64_t *numbers)
{
	(void)rq;
	*numbers = 0;
	mutex_lock(&lock);
	opens_settle(NULL);
	for (uint32_t n = 0; n < PTYS_MAX; n++)
		if (pty_find(RDEV_SLAVE + n) != NULL)
			*numbers |= 1ull << n;
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}
