/* Calls that a handler ends. See signals.h. */
#include <errno.h>

#include "mach/mach.h"
#include "posix/pthread/cancel.h"
#include "signals.h"

#define NS_PER_MS	1000000ull
#define LONGEST_MS	(24 * 3600 * 1000ull)

void
interrupt_begin(void (*cancel)(mach_port_t port))
{
	uint32_t seen = *(volatile uint32_t *)signal_interrupts();

	cancel_begin();			/* a request that comes after it has looked may only change the word */
	mig_set_interrupt(signal_interrupts(), seen, cancel);
}

void
interrupt_end(void)
{
	mig_set_interrupt(NULL, 0, NULL);
	cancel_end();
}

/* The kernel compares the word and sleeps in one step: a handler that ran before leaves another value there. */
int
signal_sleep(uint32_t seen, uint64_t until)
{
	uint64_t now, ms = 0;

	cancel_begin();
	while (__atomic_load_n(signal_handled(), __ATOMIC_RELAXED) == seen) {
		if (until != 0) {
			now = clock_now();
			if (now >= until) {
				cancel_end();
				return 0;
			}
			ms = (until - now + NS_PER_MS - 1) / NS_PER_MS;
		}
		gsync_wait(signal_handled(), seen, (mach_msg_timeout_t)(ms < LONGEST_MS ? ms : LONGEST_MS),
			until != 0 ? GSYNC_TIMEOUT : 0);
	}
	cancel_end();
	return EINTR;
}
