	struct thread *thread;

	if (q->count == 0)
		return NULL;
	thread = list_entry(list_first(&q->queue[MACH_PRIORITY_USER]), struct thread, run_link);
	runq_remove(q, thread);
	return thread;
