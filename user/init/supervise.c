/*
 * Which units run: the first start in order of dependencies, restarts with back-off, and what the
 * death of a unit means. See init.h.
 *
 * A unit that failed to start, or died, is stopped until start_at; the wait doubles from one
 * death to the next and is forgotten once the unit has lived for a while.
 *
 * One that ends FAILURES_MAX times in a row before it is ready is given up, and with it all that do not run yet and come after it:
 * what is wrong, such as a damaged disk, does not go away by itself. A unit that stands in for one of those (instead-of: the rescue
 * shell) is started then. Those that run go on without; their requests fail.
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
#define FAILURES_MAX	5

struct unit *
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

/* Whether a unit comes after one that was given up. */
static bool
lacks(const struct unit *unit)
{
	for (uint32_t i = 0; i < unit->spec.after_count; i++)
		if (!unit_named(unit->spec.after[i])->can_start)
			return true;
	return false;
}

/* Conditions: it has no task. */
static void
give_up(struct unit *unit)
{
	unit->can_start = false;
	unit->state = UNIT_FAILED;
	names_give_up(unit);
	for (uint32_t i = 0; i < unit_count; i++)
		if (units[i].can_start && units[i].task == MACH_PORT_NULL && lacks(&units[i]))
			give_up(&units[i]);
}

/* Of the units that this one stands in for, one that was given up; NULL: they run, or will. */
static const struct unit *
missing(const struct unit *unit)
{
	for (uint32_t i = 0; i < unit->spec.instead_count; i++)
		if (!unit_named(unit->spec.instead_of[i])->can_start)
			return unit_named(unit->spec.instead_of[i]);
	return NULL;
}

/* Ends the units that this one stands in for. Returns whether all of them are gone. */
static bool
take_place(const struct unit *unit)
{
	bool gone = true;

	for (uint32_t i = 0; i < unit->spec.instead_count; i++) {
		struct unit *other = unit_named(unit->spec.instead_of[i]);

		if (other->task == MACH_PORT_NULL) {
			give_up(other);
		} else {
			other->can_start = false;
			task_terminate(other->task);
			gone = false;
		}
	}
	return gone;
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
	return unit->spec.instead_count == 0 || missing(unit) != NULL;
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
	if (!take_place(unit))
		return;				/* until they are gone */
	if (unit->spec.instead_count != 0 && unit->restarts == 0)
		print("init: %s cannot run, %s is started instead: `help` says what it knows, `units` what runs\n",
			missing(unit)->spec.name, unit->spec.name);
	unit_start(unit);
	if (unit->state != UNIT_FAILED)
		return;
	if (unit->spec.death == DEATH_HALT)
		halt("a unit that is needed cannot be started");
	unit->start_at = now + backoff(unit, now);
	if (!unit->can_start || unit->spec.death == DEATH_LEAVE)
		give_up(unit);
}

uint64_t
supervise(void)
{
	uint64_t now = clock_now(), next = UINT64_MAX;

	/* Twice: what stands in for a unit whose start has just failed may come before it. */
	for (uint32_t i = 0; i < 2 * unit_count; i++)
		if (may_start(&units[i % unit_count], now))
			start(&units[i % unit_count], now);
	for (uint32_t i = 0; i < unit_count; i++) {
		const struct unit *unit = &units[i];

		if (unit->can_start && unit->task == MACH_PORT_NULL && unit->start_at > now &&
			unit->start_at < next)
			next = unit->start_at;
	}
	return next;
}

/*
 * That a shell, which serves nobody, ends is no failure: it is just started again. If it is a process, proc has said what it died of.
 */
static void
restart(struct unit *unit)
{
	uint64_t now = clock_now(), wait = backoff(unit, now);
	bool serves = unit->spec.service_count != 0, hopeless = unit->failures >= FAILURES_MAX;

	if (!serves && unit->restarts == 1)
		wait = 0;
	if (serves || unit->last_words[0] != 0)
		print("init: %s died%s%s, %s\n", unit->spec.name, unit->last_words[0] != 0 ? ": " : "", unit->last_words,
			hopeless ? "and is not started again: it does not get ready" : "starting it again");
	unit->start_at = now + wait;
	if (hopeless || lacks(unit))
		give_up(unit);
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
		unit->failures = unit->ready ? 0 : unit->failures + 1;
		unit->ready = false;
		unit->label = 0;
		unit->state = UNIT_STOPPED;
		if (unit->spec.death == DEATH_HALT) {
			print_to(text, sizeof(text), "%s died%s%s", unit->spec.name,
				unit->last_words[0] != 0 ? ": " : "", unit->last_words);
			halt(text);
		}
		if (unit->can_start && unit->spec.death == DEATH_RESTART)
			restart(unit);
		else
			give_up(unit);
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
	exception_done(&e);
	exception_refuse(rq);
	return true;
}
