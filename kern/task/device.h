/*
 * Devices: see device_traps.c.
 */
#ifndef TASK_DEVICE_H
#define TASK_DEVICE_H

void device_init(void);
void device_dma_init(void);

/* From the interrupt entry: a line fired. Masks it and tells its owner. */
void device_interrupt(unsigned line);

#endif
