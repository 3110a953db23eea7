/*
 * The serial port (PL011; 16550) and the ways to end the machine. Output is polled and raw; input comes by interrupt into a ring that the
 * machine-independent console (init/console.h) owns.
 */
#ifndef ARCH_CONSOLE_H
#define ARCH_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* Usable from the first C instruction on. */
void arch_console_init(void);

/* Sends bytes as they are; waits while the transmitter is full. No locks: the caller serialises. */
void arch_console_write(const char *text, size_t length);

/* The next received byte, or -1: none, or -2: a BREAK. Drains the FIFO without waiting. */
int arch_console_read(void);

/* Turns the receive interrupt on: console_input_interrupt() (init/console.h) is then called from the interrupt. */
void arch_console_enable_input(void);

/*
 * Ends the machine. Status 0 is a clean power-off; others reach QEMU's exit status as conf/qemu.py decodes it. Never returns.
 */
_Noreturn void arch_poweroff(int status);
_Noreturn void arch_reboot(void);

#endif
