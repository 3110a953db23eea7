	if (value >= base)
		put_number(out, spec, value / base, base, upper, prefix);
	else
		while (*prefix != 0)
			put(out, *prefix++);
	put(out, set[value % base]);
