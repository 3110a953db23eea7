/* Dynamic linking (POSIX.1-2017 <dlfcn.h>): programs are static, so every dlopen fails with a message in dlerror. */
#ifndef _DLFCN_H
#define _DLFCN_H

#define RTLD_LAZY	1
#define RTLD_NOW	2
#define RTLD_GLOBAL	0x100
#define RTLD_LOCAL	0

void *dlopen(const char *path, int mode);
void *dlsym(void *restrict handle, const char *restrict name);
int dlclose(void *handle);
char *dlerror(void);

#endif
