/*
 * kmsh, the kernel monitor: a command table of read-only walkers over the kernel's structures, on
 * the serial console.
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

/*
 * Runs the monitor until `continue`. Called at boot (APPEND=kmsh), by a BREAK, by host_monitor, by
 * panic (then continue is refused).
 * Conditions: a thread or the boot stack, no locks; in a panic anything.
 */
void monitor_enter(const char *reason);

#if LAYER >= 2
/*
 * Makes the thread that enters the monitor when it is asked for while the system runs. Once, on a
 * thread.
 */
void monitor_start(void);

/* A BREAK came in: asks that thread. From an interrupt; no locks held. */
void monitor_request(void);
#endif

/* In a panic: never returns. */
_Noreturn void monitor_panic(void);

/*
 * As in a panic, without its words: the monitor with this status at its first prompt, on what is left of the stack. Called again from one of
 * its commands, it goes on where it first began. For lab_todo().
 */
_Noreturn void monitor_stand_still(int status);

/* One line per CPU: what it runs. For deadline reports. */
void monitor_print_cpus(void);

/* Every thread, what it waits for and where; then the memory. For deadline reports: why nothing goes on. */
void monitor_print_threads(void);

#endif
