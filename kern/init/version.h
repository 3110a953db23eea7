/* What the kernel calls itself. */
#ifndef INIT_VERSION_H
#define INIT_VERSION_H

#define KERNEL_VERSION "MACH_R 0.1"

#endif
