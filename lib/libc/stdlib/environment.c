/* See environment.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"

static char **array;			/* what environ points to once it is ours */
static size_t room;			/* pointers in array */
static char **owned_strings;
static size_t owned_count, owned_room;

long
__environment_find(const char *name, size_t length)
{
	for (long i = 0; environ != NULL && environ[i] != NULL; i++)
		if (strncmp(environ[i], name, length) == 0 && environ[i][length] == '=')
			return i;
	return -1;
}

static void
release(char *string)
{
	for (size_t i = 0; i < owned_count; i++)
		if (owned_strings[i] == string) {
			owned_strings[i] = owned_strings[--owned_count];
			free(string);
			return;
		}
}

static int
remember(char *string)
{
	if (owned_count == owned_room) {
		char **more = realloc(owned_strings, (owned_room * 2 + 16) * sizeof(*more));

		if (more == NULL)
			return -1;
		owned_strings = more;
		owned_room = owned_room * 2 + 16;
	}
	owned_strings[owned_count++] = string;
	return 0;
}

/* Makes environ ours, with room for one more string. */
static int
make_room(size_t count)
{
	char **more = environ == array ? array : NULL;

	if (more != NULL && count + 2 <= room)
		return 0;
	more = realloc(more, (count * 2 + 16) * sizeof(*more));
	if (more == NULL)
		return -1;
	if (environ != array && count > 0)
		memcpy(more, environ, count * sizeof(*more));
	if (environ != array)
		free(array);
	room = count * 2 + 16;
	more[count] = NULL;
	environ = array = more;
	return 0;
}

int
__environment_put(char *string, size_t length, bool owned)
{
	long old = __environment_find(string, length);
	size_t count = 0;

	while (old < 0 && environ != NULL && environ[count] != NULL)
		count++;
	if (old < 0 && make_room(count) < 0)
		return -1;
	if (owned && remember(string) < 0)
		return -1;
	if (old >= 0) {
		release(environ[old]);
		environ[old] = string;
	} else {
		environ[count] = string;
		environ[count + 1] = NULL;
	}
	return 0;
}

void
__environment_remove(long index)
{
	char *string = environ[index];

	for (; environ[index] != NULL; index++)
		environ[index] = environ[index + 1];
	release(string);
}
