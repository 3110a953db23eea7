#ifndef LIBC_MISC_PROGRAM_NAME_H
#define LIBC_MISC_PROGRAM_NAME_H

/* Set once at start-up from argv[0]. */
void __program_name_set(char *path);
/* argv[0] */
extern char *__program_path;
/* The last part of argv[0]. */
const char *__program_name(void);

#endif
