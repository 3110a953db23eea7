/*
 * The server's side of tty.defs: settings, size, flow, the foreground group.
 */
#include "tty.h"
#include "tty_server.h"
#include <errno.h>

enum { SIGWINCH = 28 };

void
settings_apply(const struct tty_settings *settings, uint32_t when)
{
	if (when == TTY_SET_FLUSH)
		ldisc_flush(&line);
	ldisc_set(&line, settings);
	output_run();
	readers_serve();
}

kern_return_t
tty_get_settings_s(struct mig_request *rq, struct tty_settings *settings)
{
	(void)rq;
	mutex_lock(&lock);
	*settings = line.settings;
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_set_settings_s(struct mig_request *rq, uint32_t when, const struct tty_settings *settings)
{
	kern_return_t kr;

	if (when > TTY_SET_FLUSH)
		return EINVAL;
	kr = jobs_may_change(rq);
	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	if (when != TTY_SET_NOW && output_waits())
		kr = output_after(rq, settings, when);
	else
		settings_apply(settings, when);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
tty_set_foreground_s(struct mig_request *rq, int32_t group)
{
	return jobs_set_foreground(rq, group);
}

kern_return_t
tty_get_foreground_s(struct mig_request *rq, int32_t *group)
{
	int32_t session;

	return jobs_get(rq, &session, group);
}

kern_return_t
tty_get_session_s(struct mig_request *rq, int32_t *session)
{
	int32_t group;

	return jobs_get(rq, session, &group);
}

kern_return_t
tty_take_s(struct mig_request *rq)
{
	return jobs_take(rq);
}

kern_return_t
tty_give_up_s(struct mig_request *rq)
{
	return jobs_give_up(rq);
}

kern_return_t
tty_set_size_s(struct mig_request *rq, uint32_t rows, uint32_t columns)
{
	bool changed;

	(void)rq;
	if (rows > UINT16_MAX || columns > UINT16_MAX)
		return EINVAL;
	mutex_lock(&lock);
	changed = line.settings.rows != rows || line.settings.columns != columns;
	line.settings.rows = (uint16_t)rows;
	line.settings.columns = (uint16_t)columns;
	mutex_unlock(&lock);
	if (changed)
		jobs_signal(SIGWINCH);
	return KERN_SUCCESS;
}

kern_return_t
tty_flush_s(struct mig_request *rq, uint32_t what)
{
	kern_return_t kr;

	if (what > TTY_FLUSH_BOTH)
		return EINVAL;
	kr = jobs_may_change(rq);
	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	if (what != TTY_FLUSH_OUTPUT) {
		ldisc_flush(&line);
		readers_serve();
	}
	if (what != TTY_FLUSH_INPUT)
		output_flush();
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_drain_s(struct mig_request *rq)
{
	kern_return_t kr = jobs_may_change(rq);

	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	if (output_waits())
		kr = output_after(rq, NULL, 0);
	mutex_unlock(&lock);
	return kr;
}

kern_return_t
tty_flow_s(struct mig_request *rq, uint32_t action)
{
	kern_return_t kr;

	if (action > TTY_INPUT_ON)
		return EINVAL;
	kr = jobs_may_change(rq);
	if (kr != 0)
		return kr;
	mutex_lock(&lock);
	switch (action) {
	case TTY_OUTPUT_OFF:
		line.stopped = true;
		break;
	case TTY_OUTPUT_ON:
		line.stopped = false;
		output_run();
		break;
	case TTY_INPUT_OFF:
		console_put((const char *)&line.settings.cc[TTY_VSTOP], 1);
		break;
	case TTY_INPUT_ON:
		console_put((const char *)&line.settings.cc[TTY_VSTART], 1);
		break;
	}
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}

kern_return_t
tty_available_s(struct mig_request *rq, uint32_t *bytes)
{
	(void)rq;
	mutex_lock(&lock);
	*bytes = ldisc_available(&line);
	mutex_unlock(&lock);
	return KERN_SUCCESS;
}
