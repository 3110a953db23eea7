/*
 * The mach_msg trap: send, receive, or both, each half with its own time-out (MACH.md section 1). What the
 * fast path carries out (fastpath.c, called by trap.S before) does not get here.
 *
 * A thread that is woken by the send is not put on a run queue at once but kept in `handoff`: if
 * the receive half blocks, it gets the CPU directly. So an RPC costs no pass through the scheduler
 * even off the fast path.
 */
#include "init/cmdline.h"
#include "ipc/fastpath.h"
#include "ipc/message.h"
#include "ipc/pset.h"
#include "sched/sched.h"
#include "sync/jitter.h"
#include "task/thread.h"
#include "trace/trace.h"
#include "trap/handlers.h"

#define OPTIONS                                                                                    \
	(MACH_SEND_MSG | MACH_RCV_MSG | MACH_SEND_TIMEOUT | MACH_SEND_INTERRUPT |                  \
		MACH_RCV_TIMEOUT | MACH_RCV_INTERRUPT | MACH_RCV_LARGE)

static mach_msg_return_t
slow_path(const struct message_call *call)
{
	mach_msg_return_t result = MACH_MSG_SUCCESS;
	struct thread *handoff = NULL;

	if (jitter_chance())
		sched_yield();
	if (call->option & MACH_SEND_MSG) {
		if (!fastpath_suits(call->option))
			fastpath_miss(ipc_fastpath_enabled ? FASTPATH_ONE_WAY : FASTPATH_OFF);
		result = message_send(call, call->option & MACH_RCV_MSG ? &handoff : NULL);
	}
	if (handoff == NULL && jitter_chance())
		sched_yield();
	if (result == MACH_MSG_SUCCESS && (call->option & MACH_RCV_MSG) != 0)
		result = message_receive(call, handoff);
	return result;
}

mach_msg_return_t
trap_mach_msg_trap(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
	mach_msg_size_t rcv_size, mach_port_t rcv_name, mach_msg_timeout_t timeout_ms,
	mach_port_t notify)
{
	struct message_call call = {
		(uint64_t)(uintptr_t)msg, option, send_size, rcv_size, rcv_name, timeout_ms};

	if ((option & ~OPTIONS) != 0 || notify != MACH_PORT_NULL)
		return KERN_INVALID_ARGUMENT;
	return slow_path(&call);
}

/* The IPC tests also run with `slowipc` on the command line: the results must not differ. */
static bool
fastpath_wanted(void)
{
	/* LAB 2.4 begin [until then: return false]: the fast path parks threads in the form that
	 * context_switch loads, so it is off until there is one. Then: return !cmdline_flag("slowipc");
	 */
	return !cmdline_flag("slowipc");
	/* LAB 2.4 end */
}

void
ipc_init(void)
{
	ipc_trace(false);
}

void
ipc_trace(bool on)
{
	ipc_fastpath_enabled = !on && fastpath_wanted();
	ipc_fastpath_options = ipc_fastpath_enabled ? ~FASTPATH_INDIFFERENT : 0;
}

void
ipc_statistics_get(struct ipc_statistics *statistics)
{
	statistics->ports = port_total();
	statistics->sets = set_total();
	statistics->messages = mqueue_total();
	statistics->fast_sends = fastpath_taken();
	for (unsigned i = 0; i < FASTPATH_REASONS; i++)
		statistics->slow_sends[i] = fastpath_missed(i);
}
