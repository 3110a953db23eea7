/*
 * A default pager for tests: a thread of this task, which keeps what it gets packed. Pages that hold few words that are not
 * zero take next to nothing, so it has room for more than the machine.
 */
#ifndef USER_TEST_DEFAULT_PAGER_H
#define USER_TEST_DEFAULT_PAGER_H

#include "mach/mach.h"

#include <stdbool.h>

#define DEFAULT_PAGER_STORES	64u	/* of 4 MB */
#define DEFAULT_PAGER_COPIES	8u

struct default_pager {
	mach_port_t port;
	volatile unsigned stores, stores_allowed;
	volatile unsigned returns, requests;	/* pages */
	volatile bool deaf;			/* questions are put off until default_pager_hear */
	/* Children of this task, made while it holds what it was sent */
	volatile unsigned copies_wanted, copies_count;
	task_t copies[DEFAULT_PAGER_COPIES];
};

extern struct default_pager default_pager;

void default_pager_start(void);
void default_pager_hear(void);

/* Conditions: it has no stores any more. */
void default_pager_end(void);

/* Gives back the control port that a message brought; none if the object had ended by then. */
void default_pager_drop_control(mach_port_t control);

#endif
