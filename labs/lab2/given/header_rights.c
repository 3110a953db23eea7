	/* A stand-in that takes the one before it looks at the other: an error leaves half a change. */
	mach_msg_return_t result;

	if (!destination_possible(space, destination))
		return MACH_SEND_INVALID_DEST;
	result = check_destination(
		destination->entry != NULL ? destination->entry->port : destination->port, message);
	if (result != MACH_MSG_SUCCESS)
		return result;
	take_right(space, destination, chores);
	if (!reply_possible(space, destination, reply))
		return MACH_SEND_INVALID_REPLY;
	take_right(space, reply, chores);
