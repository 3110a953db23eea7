#include <stdio.h>

ssize_t
getline(char **restrict line, size_t *restrict room, FILE *restrict stream)
{
	return getdelim(line, room, '\n', stream);
}
