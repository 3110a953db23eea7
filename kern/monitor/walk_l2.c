/* See walk_l2.h. */
#include "monitor/walk_l2.h"

#include "init/panic.h"
#include "init/string.h"
#include "line/number.h"
#include "monitor/command.h"
#include "sched/sched.h"
#include "task/task.h"
#include "task/thread.h"
#include "vm/map.h"

#define MAP_TRIES 100			/* yields until a map counts as busy */

/* --- tasks --- */

struct task_wanted {
	const char *name;
	uint64_t id;			/* UINT64_MAX: by name */
	struct task *found;
};

static bool
task_matches(struct task *task, void *context)
{
	struct task_wanted *wanted = context;

	if (wanted->id != UINT64_MAX && task->id != wanted->id)
		return true;
	if (wanted->id == UINT64_MAX && strcmp(task->name, wanted->name) != 0)
		return true;
	if (!panic_active)
		task_take(task);
	wanted->found = task;
	return false;
}

struct task *
walk_task_find(const char *word)
{
	struct task_wanted wanted = { word, UINT64_MAX, NULL };

	number_parse(word, &wanted.id);
	task_for_each(task_matches, &wanted);
	if (wanted.found == NULL)
		complain("%.40s: no such task", word);
	return wanted.found;
}

void
walk_task_done(struct task *task)
{
	if (!panic_active)
		task_drop(task);
}

/* --- threads --- */

struct thread *
walk_thread_next(struct task *task, uint32_t id)
{
	struct thread *thread, *found = NULL;

	spin_lock(&task->lock);
	list_for_each(thread, &task->threads, task_link)
		if (thread->id >= id && (found == NULL || thread->id < found->id))
			found = thread;
	if (found != NULL && !panic_active)
		thread_take(found);
	spin_unlock(&task->lock);
	return found;
}

struct thread_wanted {
	uint32_t id;
	struct thread *found;
};

static bool
thread_matches(struct task *task, void *context)
{
	struct thread_wanted *wanted = context;
	struct thread *thread = walk_thread_next(task, wanted->id);

	if (thread == NULL)
		return true;
	if (thread->id == wanted->id) {
		wanted->found = thread;
		return false;
	}
	walk_thread_done(thread);
	return true;
}

struct thread *
walk_thread_find(const char *word)
{
	struct thread_wanted wanted = { 0, NULL };
	uint64_t id;

	if (!argument_number(word, "thread", UINT32_MAX, &id))
		return NULL;
	wanted.id = id;
	task_for_each(thread_matches, &wanted);
	if (wanted.found == NULL)
		complain("%.40s: no such thread", word);
	return wanted.found;
}

void
walk_thread_done(struct thread *thread)
{
	if (!panic_active)
		thread_drop(thread);
}

/* --- maps --- */

bool
walk_map_begin(struct task *task, struct vm_map **map)
{
	*map = task->map;
	if (*map == NULL) {
		complain("%s has no address map", task->name);
		return false;
	}
	if (panic_active)
		return true;
	for (unsigned i = 0; i < MAP_TRIES; i++) {
		if (mutex_trylock(&(*map)->lock))
			return true;
		sched_yield();
	}
	complain("the map of %s is busy", task->name);
	return false;
}

void
walk_map_end(struct vm_map *map)
{
	if (!panic_active)
		mutex_unlock(&map->lock);
}
