/* The stand-in's other half. The compiler saves all registers around setjmp, needed or not. */
static _Noreturn __attribute__((noinline)) void
go_on(struct thread *next)
{
	__builtin_longjmp((void **)next->arch.sp, 1);
}

struct thread *
arch_thread_switch(struct thread *prev, struct thread *next)
{
	void *buffer[8] = { NULL };

	arch_user_switch(&prev->arch, &next->arch);
	prev->arch.sp = (uint64_t)buffer;
	if (__builtin_setjmp(buffer) == 0)
		go_on(next);
	return cpu_self()->switched_from;
}
