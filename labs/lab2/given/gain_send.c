	/* A stand-in that counts references and never gives a right back. */
	(void)port, (void)chores;
	entry->type |= ENTRY_SEND;
	entry->urefs++;
