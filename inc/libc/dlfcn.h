/* Dynamic linking (POSIX.1-2017 <dlfcn.h>): programs are static, so every dlopen fails with a message in dlerror. */
#ifndef _DLFCN_H
#define _DLFCN_H

#include <bits/features.h>

#define RTLD_LAZY	1
#define RTLD_NOW	2
#define RTLD_GLOBAL	0x100
#define RTLD_LOCAL	0

#ifdef _MACHR_MISC
#define RTLD_NOLOAD	4
#define RTLD_NODELETE	0x1000
#define RTLD_DEFAULT	((void *)0)	/* as handles of dlsym: any object, and the next one */
#define RTLD_NEXT	((void *)-1L)
#endif

void *dlopen(const char *path, int mode);
void *dlsym(void *__restrict handle, const char *__restrict name);
int dlclose(void *handle);
char *dlerror(void);

#endif
