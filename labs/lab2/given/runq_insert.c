	/* A stand-in: one list for all, first come, first served. To others it looks as if all had the users' priority. */
	thread->queue_priority = MACH_PRIORITY_USER;
	if (front)
		list_prepend(&q->queue[MACH_PRIORITY_USER], &thread->run_link);
	else
		list_append(&q->queue[MACH_PRIORITY_USER], &thread->run_link);
	thread->queued = true;
	q->ready = 1u << MACH_PRIORITY_USER;
	q->count++;
