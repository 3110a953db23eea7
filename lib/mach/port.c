/* Helpers around port rights and the clock. See mach.h. */
#include "mach/mach.h"

kern_return_t
port_create(bool send, mach_port_t *name)
{
	kern_return_t kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, name);

	if (kr != KERN_SUCCESS || !send)
		return kr;
	kr = mach_port_insert_right(mach_task_self(), *name, *name, MACH_MSG_TYPE_MAKE_SEND);
	if (kr != KERN_SUCCESS)
		port_drop_receive(*name);
	return kr;
}

void
port_drop_receive(mach_port_t name)
{
	if (MACH_PORT_VALID(name))
		mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1);
}

void
port_drop(mach_port_t name)
{
	if (MACH_PORT_VALID(name))
		mach_port_deallocate(mach_task_self(), name);
}

kern_return_t
port_hold(mach_port_t name)
{
	return mach_port_mod_refs(mach_task_self(), name, MACH_PORT_RIGHT_SEND, 1);
}

kern_return_t
port_notify(mach_port_t name, mach_msg_id_t id, mach_port_t to)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr = mach_port_request_notification(mach_task_self(), name, id,
		id == MACH_NOTIFY_PORT_DESTROYED ? 0 : 1, to, MACH_MSG_TYPE_MAKE_SEND_ONCE,
		&previous);

	if (kr == KERN_SUCCESS)
		port_drop(previous);
	return kr;
}

void
port_notify_cancel(mach_port_t name, mach_msg_id_t id)
{
	mach_port_t previous = MACH_PORT_NULL;

	if (mach_port_request_notification(
		    mach_task_self(), name, id, 0, MACH_PORT_NULL, 0, &previous) == KERN_SUCCESS)
		port_drop(previous);
}

uint64_t
clock_now(void)
{
	uint64_t ns = 0;

	clock_get_time(CLOCK_MONOTONIC_NS, &ns);
	return ns;
}

void
clock_sleep(mach_msg_timeout_t ms)
{
	uint64_t end = clock_now() + ms * 1000000ull, now;

	while ((now = clock_now()) < end)
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT,
			(mach_msg_timeout_t)((end - now + 999999) / 1000000));
}
