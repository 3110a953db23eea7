/* The parts of a device's number (as Linux and BSD have it): major << 8 | minor. */
#ifndef _SYS_SYSMACROS_H
#define _SYS_SYSMACROS_H

#define major(device)		((unsigned)((device) >> 8))
#define minor(device)		((unsigned)((device) & 0xff))
#define makedev(major, minor)	((unsigned long)(major) << 8 | ((minor) & 0xff))

#endif
