/*
 * The commands of the monitor, group by group.
 */
#include "monitor/command.h"

#include "init/string.h"

extern const struct command commands_control[], commands_memory[], commands_machine[],
    commands_selftest[];
#if LAYER >= 2
extern const struct command commands_tasks[], commands_ports[], commands_totals[], commands_run[],
    commands_trace[];
#endif

const struct command *const command_groups[] = {
	commands_control,
#if LAYER >= 2
	commands_totals, commands_tasks, commands_ports, commands_run,
	commands_trace,
#endif
	commands_memory, commands_machine, commands_selftest, NULL,
};

const struct command *
command_find(const char *name)
{
	for (unsigned group = 0; command_groups[group] != NULL; group++)
		for (const struct command *c = command_groups[group]; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}
