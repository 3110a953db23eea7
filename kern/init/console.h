/*
 * The console above the raw UART: output for printk and console_write, the input ring, and who owns the input (the monitor, or tty
 * once it called console_read).
 */
#ifndef INIT_CONSOLE_H
#define INIT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void console_init(void);

/* From the UART's receive interrupt: moves what arrived into the ring, wakes the reader; BREAK asks for the monitor. */
void console_input_interrupt(void);

/* Writes text, newline as \r\n. Atomic across CPUs per call. */
void console_write(const char *text, size_t length);

/* As it is, without newline translation (what tty sends is already cooked). */
void console_write_raw(const char *text, size_t length);

/*
 * Blocks until at least one byte is there; returns how many were taken. 0: the wait was aborted. Conditions: on a thread. While the monitor has
 * the console it waits for its end.
 */
size_t console_read_wait(char *buffer, size_t size);

/*
 * The monitor takes the input (true), which answers a BREAK, and gives it back. Bytes in front of the BREAK stay for console_read_wait, those
 * behind it are the monitor's from the moment they come; what it did not take is left for console_read_wait too.
 */
void console_monitor_takes(bool takes);

/* One byte for the monitor: on a thread it blocks, on the boot stack and in a panic it waits for the UART. Returns -1: aborted. */
int console_getchar(void);

/* Whether a BREAK came in that the monitor has not answered. */
bool console_break_seen(void);

#endif
