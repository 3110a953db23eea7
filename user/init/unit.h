/*
 * Unit files: what init starts, and how. Pure; a damaged file is reported with its line.
 *
 *	# comment
 *	program: /boot/fs arg arg	from the boot archive
 *	service: fs			names this unit checks in (several lines)
 *	grant: device console		privileged ports it may ask for: host device console dma
 *	after: blk			units that must be ready before it is started
 *	on-death: restart | halt | leave
 *	terminal: tty			a process: descriptors 0, 1, 2 are this service's port ...
 *	root: fs			... and this service's port its root and working directory
 *	instead-of: msh tty		started only when one of these units cannot run any more; the others are ended then
 */
#ifndef INIT_UNIT_H
#define INIT_UNIT_H

#include <mach/types.h>

#define UNIT_NAME_MAX		32	/* bytes with the 0 */
#define UNIT_SERVICES_MAX	4
#define UNIT_AFTER_MAX		8
#define UNIT_INSTEAD_MAX	4
#define UNIT_COMMAND_MAX	256

enum { GRANT_HOST = 1, GRANT_DEVICE = 2, GRANT_CONSOLE = 4, GRANT_DMA = 8 };
enum unit_death { DEATH_RESTART, DEATH_HALT, DEATH_LEAVE };

struct unit_spec {
	char name[UNIT_NAME_MAX];
	char command[UNIT_COMMAND_MAX];		/* program and arguments, each ended by a 0 */
	uint32_t command_size;				/* bytes */
	char services[UNIT_SERVICES_MAX][UNIT_NAME_MAX];
	uint32_t service_count;
	char after[UNIT_AFTER_MAX][UNIT_NAME_MAX];
	uint32_t after_count;
	char instead_of[UNIT_INSTEAD_MAX][UNIT_NAME_MAX];
	uint32_t instead_count;
	uint32_t grants;				/* GRANT_* bits */
	enum unit_death death;
	char terminal[UNIT_NAME_MAX], root[UNIT_NAME_MAX];	/* "": not a process */
};

/*
 * Purpose: reads a unit file.
 * Returns: 0, or the line that is wrong, *error then says why.
 */
uint32_t unit_parse(struct unit_spec *spec, const char *name, const char *text, uint64_t size,
	const char **error);

/* The bit of a grant's name, 0: there is none. */
uint32_t
unit_grant(const char *name);

/*
 * Purpose: the order in which units can start: order[i] is the index of the i-th.
 * Returns: how many can start; the rest (behind them in order[]) wait for each other or for units
 * that do not exist.
 */
uint32_t
unit_order(const struct unit_spec *const *specs, uint32_t count, uint32_t *order);

#endif
