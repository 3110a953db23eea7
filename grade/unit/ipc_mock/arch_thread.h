/* Host stand-in for the machine's arch_thread.h. */
#ifndef IPC_MOCK_ARCH_THREAD_H
#define IPC_MOCK_ARCH_THREAD_H

struct trap_frame {
	int unused;
};

struct arch_float {
	int unused;
};

struct arch_thread {
	int unused;
};

#endif
