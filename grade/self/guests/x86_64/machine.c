/* A tiny guest's view of `microvm`: COM1, the ACPI power register, isa-debug-exit. */
#include "guest.h"

#define COM1		0x3f8
#define LSR_READY	0x01
#define LSR_EMPTY	0x20
#define POWER		((volatile unsigned char *)0xfea00200)
#define DEBUG_EXIT	0x501		/* QEMU ends with value * 2 + 1 */

extern unsigned *start_info;
_Noreturn void triple_fault(void);

static void
out(unsigned short port, unsigned char value)
{
	asm volatile("outb %0, %1" :: "a"(value), "Nd"(port));
}

static unsigned char
in(unsigned short port)
{
	unsigned char value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void
machine_put(char c)
{
	while (!(in(COM1 + 5) & LSR_EMPTY))
		;
	out(COM1, (unsigned char)c);
}

char
machine_get(void)
{
	while (!(in(COM1 + 5) & LSR_READY))
		;
	return (char)in(COM1);
}

void
machine_poweroff(int status)
{
	if (status)
		out(DEBUG_EXIT, (unsigned char)status);
	*POWER = 0x34;
	for (;;)
		;
}

void
machine_reset(void)
{
	triple_fault();
}

const char *
machine_bootargs(unsigned *length)
{
	const char *args = (const char *)start_info[6];
	unsigned n = 0;

	while (args && args[n])
		n++;
	*length = n;
	return args;
}
