/*
 * Shared by the trap handlers of tasks, threads, host and devices.
 */
#ifndef TASK_TASK_TRAPS_H
#define TASK_TASK_TRAPS_H

#include <mach/mach_types.h>
#include <stdbool.h>

struct task;
struct thread;

/* Whether the running task's name is a send right to the privileged host port. */
bool host_privileged(mach_port_t name);

void task_info_get(struct task *task, struct task_info *info);
void thread_info_get(struct thread *thread, struct thread_info *info);

#endif
