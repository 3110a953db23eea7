/* Names of the system (POSIX.1-2017 <sys/utsname.h>). */
#ifndef _SYS_UTSNAME_H
#define _SYS_UTSNAME_H

struct utsname {
	char sysname[65];		/* "MACH_R" */
	char nodename[65];		/* /etc/hostname */
	char release[65];
	char version[65];
	char machine[65];		/* "aarch64" or "x86_64" */
};

int uname(struct utsname *name);

#endif
