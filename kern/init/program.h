/*
 * Programs the kernel itself starts from the boot archive: task 1, and what the monitor's `run` names.
 */
#ifndef INIT_PROGRAM_H
#define INIT_PROGRAM_H

#include <mach/kern_return.h>

struct task;

/*
 * Purpose: make a task from an ELF file of the boot archive and start it. It gets the host, device and console ports and the archive; label is its
 * security token's.
 * Conditions: may block. Returns SUCCESS and the task with a reference, or INVALID_NAME (no such file), INVALID_ARGUMENT (not a program for
 * this machine), RESOURCE_SHORTAGE.
 */
kern_return_t program_start(const char *path, int argc, char **argv, uint32_t label, struct task **task);

/* `run`: starts /boot/test/NAME, /boot/NAME or a full path, waits until it is gone. Returns as program_start; status is what it gave lab_exit. */
kern_return_t program_run(int argc, char **argv, int *status);

#endif
