#include "table.h"

#include <string.h>

/* The next line without its comment; what is longer than the room is lost. */
static bool
read_line(FILE *file, char *text)
{
	size_t used = 0;
	int c;

	while ((c = getc(file)) != EOF && c != '\n')
		if (used + 1 < TABLE_LINE)
			text[used++] = (char)c;
	text[used] = '\0';
	text[strcspn(text, "#")] = '\0';
	return c != EOF || used > 0;
}

bool
__table_next(FILE *file, struct table_line *line)
{
	while (read_line(file, line->text)) {
		char *rest = line->text;

		for (line->count = 0; line->count < TABLE_WORDS; line->count++) {
			rest += strspn(rest, " \t\r\f\v");
			if (*rest == '\0')
				break;
			line->words[line->count] = rest;
			rest += strcspn(rest, " \t\r\f\v");
			if (*rest != '\0')
				*rest++ = '\0';
		}
		line->words[line->count] = NULL;
		if (line->count >= 2)
			return true;
	}
	return false;
}

bool
__table_has(char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}
