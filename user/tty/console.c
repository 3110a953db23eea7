/*
 * The console device: a thread that feeds what is typed into the line discipline, and output. See
 * tty.h.
 *
 * The thread takes no more bytes from the kernel than the line has room for; the rest waits in
 * the kernel and, beyond that, at the sender, so a pasted text arrives whole.
 */
#include "tty.h"

#define CHUNK		256u		/* bytes read at a time */
#define ECHO_SIZE	(CHUNK * LDISC_ECHO_MAX)

enum { SIGINT = 2, SIGQUIT = 3, SIGTSTP = 20 };

static mach_port_t console;
static struct mutex output_lock;
static struct condition room;		/* with `lock` */

void
console_put(const char *bytes, uint32_t size)
{
	mutex_lock(&output_lock);
	console_write(console, bytes, size);
	mutex_unlock(&output_lock);
}

void
console_resume(void)
{
	condition_signal(&room);
}

static void
send_signals(uint32_t typed)
{
	if ((typed & LDISC_INTR) != 0)
		jobs_signal(SIGINT);
	if ((typed & LDISC_QUIT) != 0)
		jobs_signal(SIGQUIT);
	if ((typed & LDISC_SUSP) != 0)
		jobs_signal(SIGTSTP);
}

/*
 * How many bytes to ask for: as many as the line takes; if nobody can make room, input beyond the
 * longest line is dropped.
 */
static uint32_t
wait_for_room(void)
{
	uint32_t n;

	mutex_lock(&lock);
	while ((n = ldisc_room(&line)) == 0 && line.ready != line.read)
		condition_wait(&room, &lock);
	mutex_unlock(&lock);
	return n == 0 || n > CHUNK ? CHUNK : n;
}

static void
feed(const uint8_t *bytes, vm_size_t count)
{
	static char buffer[ECHO_SIZE];
	struct ldisc_echo echo = { buffer, sizeof(buffer), 0 };
	uint32_t typed = 0;

	mutex_lock(&lock);
	for (vm_size_t i = 0; i < count; i++) {
		typed |= ldisc_input(&line, bytes[i], &echo);
		if (echo.used > ECHO_SIZE / 2) {
			console_put(buffer, echo.used);
			echo.used = 0;
		}
	}
	if (echo.used != 0)
		console_put(buffer, echo.used);
	if ((typed & LDISC_STARTED) != 0)
		output_run();
	readers_serve();
	mutex_unlock(&lock);
	send_signals(typed);
}

static void *
console_thread(void *unused)
{
	uint8_t bytes[CHUNK];
	vm_size_t count;

	for (;;) {
		count = 0;
		if (console_read(console, (char *)bytes, wait_for_room(), &count) == KERN_SUCCESS)
			feed(bytes, count);
		else
			clock_sleep(100);
	}
	return unused;
}

void
console_start(mach_port_t port)
{
	console = port;
	cthread_spawn(console_thread, NULL);
}
