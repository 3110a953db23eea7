/*
 * Which units run: the first start in order of dependencies, restarts with back-off, and what the
 * death of a unit means. See init.h.
 *
 * A unit that failed to start, or died, is stopped until start_at; the wait doubles from one
 * death to the next and is forgotten once the unit has lived for a while.
 */
#include "init.h"
#include "mach/fault.h"
#include "mach/print.h"
#include "mach/startup.h"
#include <proto/types.h>
#include <string.h>

#define MS		1000000ull
#define BACKOFF_FIRST	(100 * MS)
#define BACKOFF_MAX	(5000 * MS)
#define LIVED		(2000 * MS)	/* after which an earlier death no longer counts */
#define RESTARTS_SHIFT	6		/* doublings */

static struct unit *
unit_named(const char *name)
{
	for (uint32_t i = 0; i < unit_count; i++)
		if (strcmp(units[i].spec.name, name) == 0)
			return &units[i];
	return NULL;
}

void
halt(const char *why)
{
	print("init: %s: the machine stops\n", why);
	host_reboot(startup_info->host, HOST_POWEROFF, 1);
	task_exit();
}

static bool
may_start(const struct unit *unit, uint64_t now)
{
	if (!unit->can_start || (unit->state != UNIT_STOPPED && unit->state != UNIT_FAILED) ||
		unit->start_at > now)
		return false;
	for (uint32_t i = 0; i < unit->spec.after_count; i++)
		if (!unit_named(unit->spec.after[i])->ready)
			return false;
	return true;
}

/* How long the next start is put off. */
static uint64_t
backoff(struct unit *unit, uint64_t now)
{
	uint64_t wait;

	if (now >= unit->started_at + LIVED)
		unit->restarts = 0;
	wait = BACKOFF_FIRST << (unit->restarts < RESTARTS_SHIFT ? unit->restarts : RESTARTS_SHIFT);
	unit->restarts++;
	return wait < BACKOFF_MAX ? wait : BACKOFF_MAX;
}

static void
start(struct unit *unit, uint64_t now)
{
	unit_start(unit);
	if (unit->state != UNIT_FAILED)
		return;
	if (unit->spec.death == DEATH_HALT)
		halt("a unit that is needed cannot be started");
	unit->start_at = unit->spec.death == DEATH_RESTART ? now + backoff(unit, now) : UINT64_MAX;
}

uint64_t
supervise(void)
{
	uint64_t now = clock_now(), next = UINT64_MAX;

	for (uint32_t i = 0; i < unit_count; i++)
		if (may_start(&units[i], now))
			start(&units[i], now);
	for (uint32_t i = 0; i < unit_count; i++) {
		const struct unit *unit = &units[i];

		if (unit->can_start && unit->task == MACH_PORT_NULL && unit->start_at > now &&
			unit->start_at < next)
			next = unit->start_at;
	}
	return next;
}

/*
 * That a process (the shell) ends is no failure, and proc has said what it died of: it is just
 * started again.
 */
static void
restart(struct unit *unit)
{
	uint64_t now = clock_now(), wait = backoff(unit, now);

	if (unit->spec.terminal[0] != 0 && unit->restarts == 1)
		wait = 0;
	if (unit->spec.terminal[0] == 0)
		print("init: %s died%s%s, starting it again\n", unit->spec.name,
			unit->last_words[0] != 0 ? ": " : "", unit->last_words);
	unit->start_at = now + wait;
}

void
supervise_death(mach_port_t task)
{
	char text[160];

	for (uint32_t i = 0; i < unit_count; i++) {
		struct unit *unit = &units[i];

		if (unit->task != task)
			continue;
		port_drop(task);	/* init's own; the notification's is dropped below */
		unit->task = MACH_PORT_NULL;
		unit->ready = false;
		unit->label = 0;
		unit->state = unit->spec.death == DEATH_LEAVE ? UNIT_FAILED : UNIT_STOPPED;
		unit->start_at = UINT64_MAX;
		if (unit->spec.death == DEATH_HALT) {
			print_to(text, sizeof(text), "%s died%s%s", unit->spec.name,
				unit->last_words[0] != 0 ? ": " : "", unit->last_words);
			halt(text);
		}
		if (unit->spec.death == DEATH_RESTART)
			restart(unit);
		break;
	}
	port_drop(task);
}

bool
supervise_exception(struct mig_request *rq)
{
	struct exception e;

	if (!exception_take(rq, &e))
		return false;
	for (uint32_t i = 0; i < unit_count; i++)
		if (units[i].bootstrap == rq->port)
			exception_describe(&e, units[i].last_words, sizeof(units[i].last_words));
	exception_refuse(rq);
	return true;
}
