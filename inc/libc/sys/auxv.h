/* What the program was started with besides arguments and environment (GNU). */
#ifndef _SYS_AUXV_H
#define _SYS_AUXV_H

#include <elf.h>

/*
 * AT_PAGESZ, AT_PHDR, AT_PHENT, AT_PHNUM, AT_ENTRY, AT_RANDOM; AT_UID, AT_EUID, AT_GID, AT_EGID, AT_SECURE as they are now; AT_CLKTCK. 0 and ENOENT
 * for others.
 */
unsigned long getauxval(unsigned long type);

#endif
