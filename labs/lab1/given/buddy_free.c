	/* A stand-in that believes everything and joins nothing. */
	block_insert(buddy, page, order);
	buddy->free += 1ull << order;
	return NULL;
