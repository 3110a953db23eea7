#include "database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool
__database_split(char *line, char **fields, int count)
{
	for (int i = 0; i < count; i++) {
		fields[i] = line;
		line = strchr(line, ':');
		if ((line == NULL) != (i == count - 1))
			return false;
		if (line != NULL)
			*line++ = '\0';
	}
	return true;
}

bool
__database_number(const char *text, uint32_t *number)
{
	unsigned long value = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned long)(*text - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*number = (uint32_t)value;
	return true;
}

bool
__database_field(const char *text)
{
	return text == NULL || text[strcspn(text, ":\n")] == '\0';
}

int
__database_line(FILE *file, char *buffer, size_t size)
{
	size_t used = 0;
	bool fits = true;
	int c;

	while ((c = getc(file)) != EOF && c != '\n') {
		fits = used + 1 < size;
		if (fits)
			buffer[used++] = (char)c;
	}
	if (c == EOF && used == 0)
		return 0;
	if (!fits || used >= size)
		return -1;
	buffer[used] = '\0';
	return 1;
}
