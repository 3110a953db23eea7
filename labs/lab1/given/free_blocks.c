	/* A stand-in that wastes memory: only aligned 4 MB blocks that nothing reserved touches. */
	const uint64_t size = PAGE_SIZE << PAGE_ORDER_MAX;

	for (unsigned i = 0; i < map->memory_count; i++) {
		uint64_t end = map->memory[i].base + map->memory[i].size;

		for (uint64_t at = (map->memory[i].base + size - 1) & ~(size - 1); at + size <= end; at += size) {
			bool taken = false;

			for (unsigned r = 0; r < map->reserved_count; r++)
				taken |= map->reserved[r].base < at + size &&
				    at < map->reserved[r].base + map->reserved[r].size;
			if (!taken)
				give(at >> PAGE_SHIFT, PAGE_ORDER_MAX);
		}
	}
