/*
 * The console device: a thread that feeds what is typed into the console's line discipline, and output. See tty.h.
 *
 * The thread takes no more bytes from the kernel than the line has room for; the rest waits in the kernel and, beyond that, at the sender, so a
 * pasted text arrives whole.
 */
#include "tty.h"

#define CHUNK		256u		/* bytes read at a time */

static mach_port_t console;
static struct terminal *terminal;
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

/* How many bytes to ask for: as many as the line takes; if nobody can make room, input beyond the longest line is dropped. */
static uint32_t
wait_for_room(void)
{
	uint32_t n;

	mutex_lock(&lock);
	while ((n = ldisc_room(&terminal->line)) == 0 && terminal->line.ready != terminal->line.read)
		condition_wait(&room, &lock);
	mutex_unlock(&lock);
	return n == 0 || n > CHUNK ? CHUNK : n;
}

static void *
console_thread(void *unused)
{
	uint8_t bytes[CHUNK];
	vm_size_t count;

	for (;;) {
		count = 0;
		if (console_read(console, (char *)bytes, wait_for_room(), &count) != KERN_SUCCESS) {
			clock_sleep(100);
			continue;
		}
		mutex_lock(&lock);
		terminal_input(terminal, bytes, (uint32_t)count);
		terminal_pump(terminal);
		mutex_unlock(&lock);
	}
	return unused;
}

void
console_start(mach_port_t port, struct terminal *of)
{
	console = port;
	terminal = of;
	cthread_spawn(console_thread, NULL);
}
