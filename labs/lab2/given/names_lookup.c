	/* A stand-in that knows no generations: a stale name denotes whatever came after it. */
	if (MACH_PORT_INDEX(name) >= table->size || table->entries[MACH_PORT_INDEX(name)].type == 0)
		return NULL;
	return &table->entries[MACH_PORT_INDEX(name)];
