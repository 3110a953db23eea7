/*
 * Commands about the monitor and the machine's end.
 */
#include "arch/console.h"
#include "arch/cpu.h"
#include "init/panic.h"
#include "init/printk.h"
#include "init/string.h"
#include "monitor/command.h"
#include "monitor/monitor.h"

#define STATUS_MAX	127		/* what reaches QEMU's exit status on both machines */

/* Whether an earlier group has a command of this name, which then counts. */
static bool
shadowed(const struct command *command)
{
	return command_find(command->name) != command;
}

static int
help_about(const char *name)
{
	const struct command *c = command_find(name);

	if (c == NULL)
		return complain("%.60s: unknown command", name);
	printk("%s %s\n    %s\n", c->name, c->usage, c->help);
	return 0;
}

static int
help(int argc, char **argv)
{
	if (argc > 1)
		return help_about(argv[1]);
	for (unsigned group = 0; command_groups[group] != NULL; group++)
		for (const struct command *c = command_groups[group]; c->name != NULL; c++) {
			char synopsis[60];

			if (shadowed(c))
				continue;
			ksnprintf(synopsis, sizeof(synopsis), "%s %s", c->name, c->usage);
			printk("  %-26s %s\n", synopsis, c->help);
		}
	printk("Numbers are decimal or 0x hexadecimal; `;` `&&` `||` join commands.\n");
	return 0;
}

static int
go_on(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (panic_active)
		return complain("after a panic there is nothing to continue");
	monitor_leave();
	return 0;
}

static int
power_off(int argc, char **argv)
{
	uint64_t status = 0;

	if (argc > 1 && !argument_number(argv[1], "status, 0 to 127", STATUS_MAX, &status))
		return STATUS_FAILED;
	arch_poweroff(status);
}

static int
reboot(int argc, char **argv)
{
	(void)argc, (void)argv;
	arch_reboot();
}

static int
cause_panic(int argc, char **argv)
{
	panic("%s", argc > 1 ? argv[1] : "asked for");
}

/*
 * Two ways to be stuck: with interrupts, where the deadline strikes, and without, where only the
 * host can tell.
 */
static int
hang(int argc, char **argv)
{
	bool deaf = argc > 1 && strcmp(argv[1], "-m") == 0;

	if (argc > 1 && !deaf)
		return complain("%.40s: the only option is -m", argv[1]);
	for (;;)
		if (!deaf && !panic_active)
			cpu_interrupt_window();
}

const struct command commands_control[] = {
	{ "help", "[COMMAND]", "what the commands do", 0, 1, help },
	{ "continue", "", "leaves the monitor", 0, 0, go_on },
	{ "poweroff", "[STATUS]", "ends the machine", 0, 1, power_off },
	{ "reboot", "", "resets the machine", 0, 0, reboot },
	{ "panic", "[TEXT]", "panics, on purpose", 0, 1, cause_panic },
	{ "hang", "[-m]", "loops for ever, on purpose; -m: with interrupts masked", 0, 1, hang },
	{ NULL, NULL, NULL, 0, 0, NULL },
};
