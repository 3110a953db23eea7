#define _GNU_SOURCE
#include <stdbool.h>
#include <unistd.h>

#include "proc.h"

/* The effective group counts too. */
int
group_member(gid_t group)
{
	gid_t groups[PROC_GROUPS_MAX];
	int count = getgroups((int)PROC_GROUPS_MAX, groups);
	bool found = group == getegid();

	for (int i = 0; i < count && !found; i++)
		found = groups[i] == group;
	return found;
}
