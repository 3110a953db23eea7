/* X/Open's getcwd, which is not told how much room there is. */
#include <limits.h>
#include <unistd.h>

char *
getwd(char *path)
{
	return getcwd(path, PATH_MAX);
}
