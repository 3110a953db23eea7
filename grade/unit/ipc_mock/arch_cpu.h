/* Host stand-in for the machine's arch_cpu.h: one CPU at a time. */
#ifndef IPC_MOCK_ARCH_CPU_H
#define IPC_MOCK_ARCH_CPU_H

#include <string.h>

#define MACHINE_NAME "host"

struct arch_cpu {
	int unused;
};

extern struct cpu *mock_cpu;

static inline struct cpu *
cpu_self(void)
{
	return mock_cpu;
}

static inline void
cpu_clear_pages(void *start, size_t bytes)
{
	memset(start, 0, bytes);
}

#endif
