#include <dlfcn.h>
#include <stddef.h>

static const char *pending;

void *
dlopen(const char *path, int mode)
{
	(void)mode;
	pending = path == NULL ? "a static program has no symbol table of its own" : "programs are static: nothing can be loaded";
	return NULL;
}

void *
dlsym(void *restrict handle, const char *restrict name)
{
	(void)handle, (void)name;
	pending = "no such object";
	return NULL;
}

int
dlclose(void *handle)
{
	(void)handle;
	pending = "no such object";
	return -1;
}

char *
dlerror(void)
{
	const char *text = pending;

	pending = NULL;
	return (char *)text;
}
