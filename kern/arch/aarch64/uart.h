/*
 * The serial port for irq.c and power.c.
 */
#ifndef AARCH64_UART_H
#define AARCH64_UART_H

void uart_interrupt(void);
void uart_drain(void);

#endif
