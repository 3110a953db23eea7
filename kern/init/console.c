/*
 * The console: output is serialised by a lock (which a panic ignores), input goes through a ring that one reader empties: the monitor, or
 * the terminal server from its first console_read on.
 */
#include "init/console.h"

#include "arch/console.h"
#include "arch/cpu.h"
#include "init/panic.h"
#include "monitor/monitor.h"
#include "sched/cpu.h"
#include "sync/spinlock.h"
#include "sync/waitq.h"

#define RING_SIZE 8192			/* bytes; a pasted page fits while the reader is busy */

static struct spinlock output_lock = SPINLOCK_INIT("console", RANK_CONSOLE);
static char ring[RING_SIZE];
static unsigned ring_head, ring_tail;	/* bytes ever put in and taken out */
static unsigned kept;			/* so many from ring_tail on came in front of a BREAK: not the monitor's */
static volatile bool break_seen;	/* a BREAK not answered yet: what comes behind it is the monitor's */
static unsigned monitors;		/* the monitor reads: others wait */

#if LAYER >= 2
static struct spinlock input_lock = SPINLOCK_INIT("console input", RANK_WAITQ);
static struct waitq readers = WAITQ_INIT(readers);
static struct waitq monitor_readers = WAITQ_INIT(monitor_readers);
#endif

/* Keys that came before the interrupt was on cause none. */
void
console_init(void)
{
	arch_console_enable_input();
	console_input_interrupt();
}

/* --- output --- */

static void
output_begin(void)
{
	if (!panic_active)
		spin_lock(&output_lock);
}

static void
output_end(void)
{
	if (!panic_active)
		spin_unlock(&output_lock);
}

void
console_write_raw(const char *text, size_t length)
{
	output_begin();
	arch_console_write(text, length);
	output_end();
}

void
console_write(const char *text, size_t length)
{
	size_t from = 0;

	output_begin();
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\n') {
			arch_console_write(text + from, i - from);
			arch_console_write("\r\n", 2);
			from = i + 1;
		}
	arch_console_write(text + from, length - from);
	output_end();
}

/* --- input --- */

static bool
monitors_turn(void)
{
	return monitors > 0 || break_seen || panic_active;
}

/* Moves what the UART has into the ring. What does not fit waits in the UART, and a BREAK behind it with it. */
static void
ring_fill(void)
{
	int c;

	while (ring_head - ring_tail < RING_SIZE && (c = arch_console_read()) != -1) {
		if (c == -2) {
			if (!monitors_turn())
				kept = ring_head - ring_tail;
			break_seen = true;
			continue;
		}
		ring[ring_head++ % RING_SIZE] = c;
	}
}

static size_t
ring_take(char *buffer, size_t size)
{
	size_t count = 0;

	while (count < size && ring_tail != ring_head)
		buffer[count++] = ring[ring_tail++ % RING_SIZE];
	return count;
}

/* One byte for the monitor, from behind those that are kept. Returns whether there is one. */
static bool
ring_take_command(char *byte)
{
	unsigned at = ring_tail + kept;

	if (at == ring_head)
		return false;
	*byte = ring[at % RING_SIZE];
	for (; at != ring_tail; at--)
		ring[at % RING_SIZE] = ring[(at - 1) % RING_SIZE];
	ring_tail++;
	return true;
}

static void
monitor_comes_or_goes(bool comes)
{
	monitors += comes ? 1 : -1;
	break_seen = false;		/* one that came meanwhile asked for what was there */
	if (monitors == 0)
		kept = 0;
}

#if LAYER >= 2

/*
 * Ends what began with input_lock: whoever empties the UART sees to it that its reader hears of it, which may be
 * another than the caller. Drops the lock.
 */
static void
input_end(void)
{
	ring_fill();
	if (ring_head != ring_tail)
		waitq_wake_all(monitors_turn() ? &monitor_readers : &readers);
	spin_unlock(&input_lock);
	if (break_seen)
		monitor_request();
}

void
console_input_interrupt(void)
{
	spin_lock(&input_lock);
	input_end();
}

/* What the UART has is fetched by its interrupt; only what found no room in the ring is left to the readers, when they have made some. */
static size_t
read_blocking(char *buffer, size_t size, bool monitor)
{
	size_t count = 0;

	spin_lock(&input_lock);
	for (;;) {
		if (monitor)
			count = ring_take_command(buffer);
		else if (!monitors_turn())
			count = ring_take(buffer, size);
		if (count > 0)
			break;
		if (waitq_wait(monitor ? &monitor_readers : &readers, &input_lock, WAIT_FOREVER, WAIT_INTERRUPTIBLE,
		    "console input", NULL) == WAIT_ABORTED)
			break;
	}
	input_end();
	return count;
}

size_t
console_read_wait(char *buffer, size_t size)
{
	return read_blocking(buffer, size, false);
}

void
console_monitor_takes(bool takes)
{
	spin_lock(&input_lock);
	monitor_comes_or_goes(takes);
	if (monitors == 0)
		waitq_wake_all(&readers);
	spin_unlock(&input_lock);
}

/* On the boot stack and after a panic nobody can block: the UART is polled, on the boot stack waiting for its interrupt in between. */
static bool
may_block(void)
{
	return !panic_active && cpu_self()->thread != NULL && cpu_self()->thread != cpu_self()->idle_thread;
}

#else

void
console_input_interrupt(void)
{
	ring_fill();
}

void
console_monitor_takes(bool takes)
{
	monitor_comes_or_goes(takes);
}

static bool
may_block(void)
{
	return false;
}

static size_t
read_blocking(char *buffer, size_t size, bool monitor)
{
	return monitor ? ring_take_command(buffer) : ring_take(buffer, size);
}

#endif

bool
console_break_seen(void)
{
	return break_seen;
}

int
console_getchar(void)
{
	char c;

	if (may_block())
		return read_blocking(&c, 1, true) == 1 ? (unsigned char)c : -1;
	for (;;) {
		ring_fill();
		if (ring_take_command(&c))
			return (unsigned char)c;
		if (!panic_active)		/* else the interrupt may go to a CPU that was stopped */
			cpu_idle_wait();
	}
}
