/*
 * Between trap.c, irq.c, timer.c and console.c.
 */
#ifndef X86_IRQ_H
#define X86_IRQ_H

#define CONSOLE_LINE	4u		/* COM1 */

/*
 * The timer struck (timer.c): calls trap_timer_interrupt() unless it was only a step towards a far
 * deadline.
 */
void apic_timer_interrupt(void);

/* Lets the console's line through. */
void irq_console_enable(void);

#endif
