	/* A stand-in: the same name may come back at once. */
	*entry = (struct ipc_entry){.generation = entry->generation};
	table->used--;
