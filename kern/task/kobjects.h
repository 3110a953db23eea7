/* Registers the kernel objects of this folder with IPC, and makes the privileged ports. */
#ifndef TASK_KOBJECTS_H
#define TASK_KOBJECTS_H

void kobjects_init(void);

#endif
