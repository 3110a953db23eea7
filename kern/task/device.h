/*
 * Devices: see device_traps.c, dma_traps.c.
 */
#ifndef TASK_DEVICE_H
#define TASK_DEVICE_H

#include <mach/types.h>
#include <stdbool.h>

void device_init(void);
void device_dma_init(void);

/* Whether the name is the device-master port, in the running task. */
bool device_privileged(mach_port_t name);

/* From the interrupt entry: a line fired. Masks it and tells its owner. */
void device_interrupt(unsigned line);

#endif
