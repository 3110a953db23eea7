/* A tiny guest's view of `virt`: PL011, PSCI, semihosting exit. */
#include "guest.h"

#define UART		((volatile unsigned *)0x09000000)
#define UART_DR		(0x00 / 4)
#define UART_FR		(0x18 / 4)
#define UART_LCRH	(0x2c / 4)
#define FR_TXFF		0x20
#define FR_RXFE		0x10
#define SYSTEM_RESET	0x84000009u
#define SYSTEM_OFF	0x84000008u

extern unsigned char *device_tree;
_Noreturn void psci(unsigned function);
_Noreturn void semihost_exit(unsigned long *block);

void
machine_put(char c)
{
	UART[UART_LCRH] = 0x70;
	while (UART[UART_FR] & FR_TXFF)
		;
	UART[UART_DR] = (unsigned char)c;
}

char
machine_get(void)
{
	while (UART[UART_FR] & FR_RXFE)
		;
	return (char)UART[UART_DR];
}

void
machine_poweroff(int status)
{
	unsigned long block[2] = { 0x20026, status };

	if (status)
		semihost_exit(block);
	psci(SYSTEM_OFF);
}

void
machine_reset(void)
{
	psci(SYSTEM_RESET);
}

const char *
machine_bootargs(unsigned *length)
{
	unsigned char *t = device_tree;

	*length = t[5] << 16 | t[6] << 8 | t[7];
	return (const char *)t;
}
