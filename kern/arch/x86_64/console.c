/*
 * COM1, a 16550 with FIFO.
 */
#include "arch/console.h"

#include "arch/cpu.h"
#include "init/panic.h"
#include "irq.h"

#define COM1		0x3f8
#define COM_DATA	(COM1 + 0)	/* divisor low while DLAB is set */
#define COM_IER		(COM1 + 1)	/* divisor high while DLAB is set */
#define COM_FCR		(COM1 + 2)
#define COM_LCR		(COM1 + 3)
#define COM_MCR		(COM1 + 4)
#define COM_LSR		(COM1 + 5)

#define IER_RECEIVE	0x01		/* data or time-out */
#define IER_LINE	0x04		/* BREAK and errors */
#define FCR_ENABLE	0x87		/* FIFO on, cleared; interrupt at 8 bytes or a pause */
#define LCR_8N1		0x03
#define LCR_DLAB	0x80
#define MCR_ON		0x0b		/* DTR, RTS, OUT2 (lets the interrupt out) */
#define LSR_DATA	0x01
#define LSR_BREAK	0x10
#define LSR_EMPTY	0x20		/* the transmit FIFO is empty */

#define FIFO_SIZE	16

/* Keys from before the FIFO was on: turning it on would lose them. */
static char early[64];
static unsigned early_count, early_taken;

static bool break_told;		/* by the line status, and its 0 byte is still to be read */

static unsigned looking;	/* CPUs that have read the line status and may not have said yet what they saw */

/* Reading it clears what it tells of a BREAK, whoever reads: who writes, or who takes a byte. */
static uint8_t
line_status(void)
{
	uint8_t status;

	__atomic_fetch_add(&looking, 1, __ATOMIC_SEQ_CST);
	status = inb(COM_LSR);
	if (status & LSR_BREAK)
		__atomic_store_n(&break_told, true, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&looking, 1, __ATOMIC_SEQ_CST);
	return status;
}

/* A 0 byte is a key, or a BREAK that another CPU has seen and is about to tell of. In a panic that one may have been stopped. */
static bool
is_break(void)
{
	while (__atomic_load_n(&looking, __ATOMIC_SEQ_CST) > 0 && !panic_active)
		cpu_spin_poll();
	return __atomic_exchange_n(&break_told, false, __ATOMIC_SEQ_CST);
}

/* Each read lets QEMU send the next key. One that comes between the last look and turning the FIFO on is lost. */
static void
read_early(void)
{
	while (early_count < sizeof(early) && (inb(COM_LSR) & LSR_DATA))
		early[early_count++] = inb(COM_DATA);
}

void
arch_console_init(void)
{
	outb(COM_IER, 0);
	outb(COM_LCR, LCR_DLAB);
	outb(COM_DATA, 1);		/* 115200 baud */
	outb(COM_IER, 0);
	outb(COM_LCR, LCR_8N1);
	read_early();
	outb(COM_FCR, FCR_ENABLE);
	if (!(inb(COM_LSR) & LSR_DATA))
		inb(COM_DATA);		/* a key lost just now: QEMU would wait for a read */
	outb(COM_MCR, MCR_ON);
}

void
arch_console_write(const char *text, size_t length)
{
	while (length > 0) {
		size_t burst = length < FIFO_SIZE ? length : FIFO_SIZE;

		while (!(line_status() & LSR_EMPTY))
			asm volatile("pause");
		for (size_t i = 0; i < burst; i++)
			outb(COM_DATA, (uint8_t)*text++);
		length -= burst;
	}
}

/*
 * A 16550 tells of a BREAK together with the 0 byte that stands for it. QEMU tells at once, when bytes in front of it are still in the FIFO;
 * the 0 is dropped when that is full. So what was told before the FIFO is found empty is a BREAK now; what is told later has its 0 yet to come.
 */
int
arch_console_read(void)
{
	uint8_t byte;
	bool told;

	if (early_taken < early_count)
		return (unsigned char)early[early_taken++];
	told = __atomic_load_n(&break_told, __ATOMIC_SEQ_CST);
	if (!(line_status() & LSR_DATA))
		return told && __atomic_exchange_n(&break_told, false, __ATOMIC_SEQ_CST) ? -2 : -1;
	byte = inb(COM_DATA);
	return byte == 0 && is_break() ? -2 : byte;
}

void
arch_console_enable_input(void)
{
	outb(COM_IER, IER_RECEIVE | IER_LINE);
	irq_console_enable();
}
