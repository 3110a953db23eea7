#include <libgen.h>
#include <string.h>

char *
__xpg_basename(char *path)
{
	size_t end;

	if (path == NULL || *path == 0)
		return (char *)".";
	for (end = strlen(path); end > 1 && path[end - 1] == '/'; end--)
		path[end - 1] = 0;
	while (end > 0 && path[end - 1] != '/')
		end--;
	return path[end] != 0 ? path + end : path;
}
