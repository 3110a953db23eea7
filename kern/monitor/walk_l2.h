/*
 * Inside kern/monitor, layer 2: finding tasks and threads by what was typed. In a panic nothing is
 * locked for long and no reference is taken or dropped: everybody else is stopped, and dropping
 * could free.
 */
#ifndef MONITOR_WALK_L2_H
#define MONITOR_WALK_L2_H

#include <stdbool.h>
#include <stdint.h>

struct task;
struct thread;
struct vm_map;

/*
 * The task with that number or name, with a reference for walk_task_done; NULL: none, which is
 * told.
 */
struct task *walk_task_find(const char *word);
void walk_task_done(struct task *task);

/*
 * The first thread of a task with a number of at least `id`, with a reference for walk_thread_done;
 * NULL: no more.
 */
struct thread *walk_thread_next(struct task *task, uint32_t id);
struct thread *walk_thread_find(const char *word);
void walk_thread_done(struct thread *thread);

/* Locks a task's map for looking; false: it has none, or it stays busy, which is told. */
bool walk_map_begin(struct task *task, struct vm_map **map);
void walk_map_end(struct vm_map *map);

#endif
