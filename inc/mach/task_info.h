/*
 * What a task or thread tells about itself, special ports, limits, creation flags (MACH.md section 3).
 */
#ifndef MACH_TASK_INFO_H
#define MACH_TASK_INFO_H

#include <mach/message.h>
#include <mach/types.h>

#define TASK_INHERIT_MEMORY	0x1u	/* map ranges are inherited from the parent by their inheritance */
#define TASK_INHERIT_RIGHTS	0x2u	/* what fork needs: send rights under the same names */

/* task_get_special_port, task_set_special_port */
enum {
	TASK_KERNEL_PORT = 1,		/* get only: a send right to the task's own port */
	TASK_HOST_PORT = 2,
	TASK_EXCEPTION_PORT = 3,
	TASK_BOOTSTRAP_PORT = 4,
	TASK_SPECIAL_PORTS = 5,
};

#define TASK_NAME_MAX	32		/* bytes with the terminating 0 */

struct task_info {
	uint32_t id;			/* kernel's own number, for people */
	uint32_t suspend_count;
	uint32_t thread_count;
	uint32_t port_names;		/* names in use */
	security_token_t token;
	uint32_t flags;
	uint64_t virtual_size;		/* bytes mapped */
	uint64_t resident_size;		/* bytes */
	uint64_t user_time;		/* nanoseconds */
	uint64_t system_time;		/* nanoseconds */
	uint64_t messages_sent, messages_received;
	uint64_t faults;
	uint64_t switches;		/* context switches to its threads */
	uint64_t kernel_memory;		/* bytes charged */
	char name[TASK_NAME_MAX];
};

#define TASK_QUANTUM_DEFAULT	10000u	/* us */
#define TASK_QUANTUM_MIN	100u
#define TASK_QUANTUM_MAX	1000000u

/* task_set_limits: a value of 0 keeps the present limit */
struct task_limits {
	uint32_t port_names;
	uint32_t threads;
	uint64_t kernel_memory;		/* bytes: messages queued on its ports, map entries, names */
	uint64_t memory;		/* bytes of anonymous memory */
	uint64_t wired;			/* bytes */
	uint32_t max_priority;		/* best (lowest) priority its threads may take */
	uint32_t tasks;			/* its children that live */
	uint32_t quantum;		/* us: how long each of its threads goes on while others as good wait; children inherit it */
	uint32_t pad;
};

enum {
	THREAD_STATE_RUNNING = 1,
	THREAD_STATE_STOPPED = 2,	/* suspended */
	THREAD_STATE_WAITING = 3,
	THREAD_STATE_HALTED = 5,
};

struct thread_info {
	uint32_t id;
	uint32_t state;			/* THREAD_STATE_* */
	uint32_t suspend_count;
	uint32_t priority;		/* base */
	uint32_t current_priority;
	uint32_t cpu;			/* where it runs or ran last */
	uint64_t user_time;		/* nanoseconds */
	uint64_t system_time;		/* nanoseconds */
	uint64_t switches;
	char wait[TASK_NAME_MAX];	/* what it waits for */
};

/* priorities: 0 best */
#define MACH_PRIORITY_BEST	0
#define MACH_PRIORITY_SYSTEM	6
#define MACH_PRIORITY_USER	12
#define MACH_PRIORITY_WORST	31

/* thread_switch options */
enum { SWITCH_OPTION_NONE = 0, SWITCH_OPTION_DEPRESS = 1, SWITCH_OPTION_WAIT = 2 };

/* gsync flags */
#define GSYNC_SHARED		0x1u	/* key is (object, offset), not (map, address) */
#define GSYNC_TIMEOUT		0x2u	/* gsync_wait: timeout_ms counts */

/* thread_get_state / thread_set_state flavors; layouts in <mach/thread_status.h> */
enum { THREAD_STATE_GENERAL = 1, THREAD_STATE_FLOAT = 2 };

#endif
