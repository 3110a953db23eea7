/*
 * A stand-in, so that threads can run: GCC's built-in setjmp and longjmp. Where a thread goes on stands
 * in a buffer on its stack: frame pointer, pc, stack pointer, and for a new one what to call.
 */
static void
first_call(void)
{
	uint64_t *buffer = (uint64_t *)current_thread()->arch.sp;

	((void (*)(void *))buffer[3])((void *)buffer[4]);
}

void
arch_thread_init(struct thread *thread, uint64_t stack_top, void (*entry)(void *), void *argument)
{
	uint64_t *buffer;

	thread->arch.frame = (struct trap_frame *)stack_top - 1;
	arch_thread_reset_user(thread);
	buffer = (uint64_t *)arch_thread_frame(thread) - 8;
	buffer[0] = 0;
	buffer[1] = (uint64_t)first_call;
	buffer[2] = (uint64_t)buffer;
	buffer[3] = (uint64_t)entry;
	buffer[4] = (uint64_t)argument;
	thread->arch.sp = (uint64_t)buffer;
}
