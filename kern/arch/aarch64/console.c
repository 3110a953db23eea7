/*
 * The serial port: an Arm PL011 (PrimeCell UART, DDI 0183), FIFOs on. Line speed is left as the
 * firmware set it.
 */
#include "arch/console.h"

#include "arch/cpu.h"
#include "arch/irq.h"
#include "init/console.h"
#include "machine.h"
#include "uart.h"

enum { DR = 0x00, FR = 0x18, LCRH = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38, ICR = 0x44 };

#define DR_BREAK	0x400u
#define FR_RX_EMPTY	0x10u
#define FR_TX_EMPTY	0x80u
#define FIFO_DEPTH	16u		/* of the smallest PL011 */
#define DRAIN_TRIES	1000000u
#define LCRH_8N1_FIFO	0x70u
#define CR_ON		0x301u		/* UART, transmitter, receiver */
#define IFLS_RX_EIGHTH	0x00u		/* receive interrupt as early as possible */
#define INT_RX		0x10u
#define INT_RX_TIMEOUT	0x40u		/* bytes below the trigger level have waited */
#define INT_BREAK	0x200u
#define INT_ALL		0x7ffu
#define INT_WANTED	(INT_RX | INT_RX_TIMEOUT | INT_BREAK)

static volatile bool held;		/* receive interrupt off until the FIFO has been emptied */

/* Keys from before the FIFO was on: turning it on would lose them. */
static char early[64];
static unsigned early_count, early_taken;

static volatile uint32_t *
uart(unsigned offset)
{
	return device_register(machine.uart, offset);
}

/* Each read lets QEMU send the next key. One that comes between the last look and turning the FIFO on is lost. */
static void
read_early(void)
{
	while (early_count < sizeof(early) && !(*uart(FR) & FR_RX_EMPTY))
		early[early_count++] = *uart(DR);
}

void
arch_console_init(void)
{
	*uart(IMSC) = 0;
	if ((*uart(LCRH) & LCRH_8N1_FIFO) != LCRH_8N1_FIFO) {
		read_early();
		*uart(LCRH) = LCRH_8N1_FIFO;
		if (*uart(FR) & FR_RX_EMPTY)
			(void)*uart(DR);	/* a key lost just now: QEMU would wait for a read */
	}
	*uart(IFLS) = IFLS_RX_EIGHTH;
	*uart(CR) = CR_ON;
}

void
arch_console_write(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (i % FIFO_DEPTH == 0)
			while (!(*uart(FR) & FR_TX_EMPTY))
				continue;
		*uart(DR) = (unsigned char)text[i];
	}
}

/* For the end of the machine: what was written is out, or the line is stuck. */
void
uart_drain(void)
{
	for (unsigned tries = 0; tries < DRAIN_TRIES && !(*uart(FR) & FR_TX_EMPTY); tries++)
		continue;
}

static void
input_release(void)
{
	held = false;
	*uart(IMSC) = INT_WANTED;
}

int
arch_console_read(void)
{
	uint32_t data;

	if (early_taken < early_count)
		return (unsigned char)early[early_taken++];
	if (*uart(FR) & FR_RX_EMPTY) {
		if (held)
			input_release();
		return -1;
	}
	data = *uart(DR);
	return data & DR_BREAK ? -2 : (int)(data & 0xff);
}

void
arch_console_enable_input(void)
{
	*uart(ICR) = INT_ALL;
	*uart(IMSC) = INT_WANTED;
	irq_unmask(machine.uart_irq);
}

/*
 * The console takes no more than it has room for. What it leaves in the FIFO keeps the line raised,
 * so the interrupt is held until somebody has emptied the FIFO; meanwhile the sender waits. The FIFO
 * may also hold what came in the last moment, with every reader asleep already: hence the second
 * call, after which either the ring is full and a reader will come, or the interrupt is on again.
 */
void
uart_interrupt(void)
{
	console_input_interrupt();
	if (*uart(FR) & FR_RX_EMPTY)
		return;
	*uart(IMSC) = 0;
	dsb(sy);
	held = true;			/* from here on arch_console_read may let it go */
	console_input_interrupt();
}
