/* Unit files and the order of units. See unit.h. */
#include "unit.h"
#include <string.h>

/* One word of a line: *at moves behind it. Returns its length, 0 at the end. */
static size_t
next_word(const char **at, const char *end, const char **word)
{
	while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r'))
		(*at)++;
	*word = *at;
	while (*at < end && **at != ' ' && **at != '\t' && **at != '\r')
		(*at)++;
	return (size_t)(*at - *word);
}

static const char *
add_name(
	char (*list)[UNIT_NAME_MAX], uint32_t *count, uint32_t max, const char *word, size_t length)
{
	if (length >= UNIT_NAME_MAX)
		return "a name is too long";
	if (*count == max)
		return "too many names";
	memcpy(list[*count], word, length);
	list[(*count)++][length] = 0;
	return NULL;
}

static const char *
add_command(struct unit_spec *spec, const char *word, size_t length)
{
	if (length + 1 > UNIT_COMMAND_MAX - spec->command_size)
		return "the command is too long";
	memcpy(spec->command + spec->command_size, word, length);
	spec->command_size += (uint32_t)length;
	spec->command[spec->command_size++] = 0;
	return NULL;
}

uint32_t
unit_grant(const char *name)
{
	static const char *const names[] = { "host", "device", "console", "dma" };

	for (uint32_t i = 0; i < 4; i++)
		if (strcmp(name, names[i]) == 0)
			return 1u << i;
	return 0;
}

static const char *
set_death(struct unit_spec *spec, const char *word)
{
	static const char *const names[] = { "restart", "halt", "leave" };

	for (int i = 0; i < 3; i++)
		if (strcmp(word, names[i]) == 0) {
			spec->death = (enum unit_death)i;
			return NULL;
		}
	return "on-death is restart, halt or leave";
}

/* One value of a key; a key's line may hold several. */
static const char *
set_value(struct unit_spec *spec, const char *key, const char *word, size_t length)
{
	char value[UNIT_NAME_MAX];

	if (strcmp(key, "program") == 0)
		return add_command(spec, word, length);
	if (strcmp(key, "service") == 0)
		return add_name(
			spec->services, &spec->service_count, UNIT_SERVICES_MAX, word, length);
	if (strcmp(key, "after") == 0)
		return add_name(spec->after, &spec->after_count, UNIT_AFTER_MAX, word, length);
	if (strcmp(key, "instead-of") == 0)
		return add_name(spec->instead_of, &spec->instead_count, UNIT_INSTEAD_MAX, word, length);
	if (length >= sizeof(value))
		return "a word is too long";
	memcpy(value, word, length);
	value[length] = 0;
	if (strcmp(key, "on-death") == 0)
		return set_death(spec, value);
	if (strcmp(key, "terminal") == 0 || strcmp(key, "root") == 0) {
		memcpy(key[0] == 't' ? spec->terminal : spec->root, value, sizeof(value));
		return NULL;
	}
	if (strcmp(key, "grant") != 0)
		return "unknown key";
	spec->grants |= unit_grant(value);
	return unit_grant(value) != 0 ? NULL : "a grant is host, device, console or dma";
}

static const char *
parse_line(struct unit_spec *spec, const char *at, const char *end)
{
	char key[UNIT_NAME_MAX];
	const char *word, *error = NULL;
	size_t length = next_word(&at, end, &word);

	if (length == 0 || word[0] == '#')
		return NULL;
	if (length > sizeof(key) || word[length - 1] != ':')
		return "a line is KEY: VALUE";
	memcpy(key, word, length - 1);
	key[length - 1] = 0;
	length = next_word(&at, end, &word);
	if (length == 0)
		return "the value is missing";
	for (; length != 0 && error == NULL; length = next_word(&at, end, &word))
		error = set_value(spec, key, word, length);
	return error;
}

uint32_t
unit_parse(struct unit_spec *spec, const char *name, const char *text, uint64_t size,
	const char **error)
{
	const char *end = text + size, *line_end;
	uint32_t line = 1;

	memset(spec, 0, sizeof(*spec));
	*error = "the unit's name is too long";
	if (strlen(name) >= UNIT_NAME_MAX)
		return line;
	memcpy(spec->name, name, strlen(name) + 1);
	for (; text < end; text = line_end + 1, line++) {
		line_end = memchr(text, '\n', (size_t)(end - text));
		if (line_end == NULL)
			line_end = end;
		*error = parse_line(spec, text, line_end);
		if (*error != NULL)
			return line;
	}
	*error = "no program";
	return spec->command_size == 0 ? line : 0;
}

static bool
in_order(const struct unit_spec *const *specs, const uint32_t *order, uint32_t placed,
	const char *name)
{
	for (uint32_t i = 0; i < placed; i++)
		if (strcmp(specs[order[i]]->name, name) == 0)
			return true;
	return false;
}

static bool
can_follow(const struct unit_spec *const *specs, const uint32_t *order, uint32_t placed,
	const struct unit_spec *spec)
{
	for (uint32_t i = 0; i < spec->after_count; i++)
		if (!in_order(specs, order, placed, spec->after[i]))
			return false;
	return true;
}

uint32_t
unit_order(const struct unit_spec *const *specs, uint32_t count, uint32_t *order)
{
	uint32_t placed = 0, i;

	for (i = 0; i < count; i++)
		order[i] = i;
	for (i = placed; i < count; i++) {
		uint32_t next = order[i];

		if (!can_follow(specs, order, placed, specs[next]))
			continue;
		memmove(&order[placed + 1], &order[placed], (i - placed) * sizeof(order[0]));
		order[placed++] = next;
		i = placed - 1;			/* it may be what an earlier one waits for */
	}
	return placed;
}
