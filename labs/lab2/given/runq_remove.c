	list_remove(&thread->run_link);
	thread->queued = false;
	if (--q->count == 0)
		q->ready = 0;
