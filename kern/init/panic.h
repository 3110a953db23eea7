/*
 * Panic: stops the other CPUs, takes the console, prints "panic: ..." and a symbolised backtrace, and enters the monitor, or powers off
 * with a failing status when the command line says panic=off.
 */
#ifndef INIT_PANIC_H
#define INIT_PANIC_H

#include <stdbool.h>
#include <stdint.h>

#define PANIC_STATUS	101		/* exit status of the machine with panic=off */
#define DEADLINE_STATUS	124		/* exit status when deadline=S struck */

_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Like panic, with the backtrace taken from the given place (a fault). */
_Noreturn void panic_at(uint64_t pc, uint64_t frame_pointer, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The deadline of the command line has passed: tells where every CPU and thread stands and powers off with DEADLINE_STATUS. */
_Noreturn void panic_report_deadline(void);

/* Set while a panic is going on: other CPUs stop themselves when they see it. */
extern volatile bool panic_active;

#define assert(condition) \
	((condition) ? (void)0 : panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition))

#ifdef DEBUG
#define debug_assert(condition) assert(condition)
#else
#define debug_assert(condition) ((void)sizeof(condition))
#endif

/* Prints "symbol+0xoffset" of a kernel text address into buffer. */
void symbol_format(uint64_t pc, char *buffer, unsigned size);
void backtrace_print(uint64_t pc, uint64_t frame_pointer);

#endif
