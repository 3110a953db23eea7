/*
 * TLB shootdown: telling other CPUs to forget translations.
 *
 * The asking CPU fills in its own struct tlb_request, sets its bit in tlb_asked of each target and
 * interrupts them; each target does what the request says and clears its bit in `waiting`. A target
 * in user mode or idle takes the interrupt; one in the kernel has interrupts masked and answers
 * when it polls (cpu_spin_poll: every spin loop does) or leaves the kernel. The asking CPU answers
 * others while it waits, so two CPUs that ask each other both get on. There is no lock: a CPU has
 * at most one request out.
 *
 * An idle CPU is not woken for it: the asking CPU marks it stale, and it forgets everything as the
 * first thing after it wakes up (tlb_idle: active -> idle by itself, idle -> stale by others, any
 * -> active by itself). Until then it touches nothing but its own stack and data that stay mapped.
 * Only when tables go away, which a walk might still read, every target has to answer.
 */
#include "arch/cpu.h"
#include "arch/pmap.h"
#include "sched/cpu.h"

static void
flush_all(void)
{
	uint64_t cr4 = read_cr4();

	write_cr4(cr4 & ~(uint64_t)CR4_PGE);	/* a reload of CR3 would keep global translations */
	write_cr4(cr4);
}

void
tlb_flush_local(uint64_t start, uint32_t pages)
{
	if (pages > TLB_SINGLE_MAX && start >= DIRECT_MAP_BASE)
		flush_all();
	else if (pages > TLB_SINGLE_MAX)
		write_cr3(read_cr3());
	else
		for (uint32_t i = 0; i < pages; i++)
			invlpg(start + i * PAGE_SIZE);
}

static void
answer_one(struct tlb_request *request, uint32_t self_bit)
{
	tlb_flush_local(request->start, request->pages);
	if (request->leave != NULL)
		pmap_leave(request->leave);
	__atomic_fetch_and(&request->waiting, ~self_bit, __ATOMIC_RELEASE);
}

void
tlb_answer(void)
{
	struct cpu *self = cpu_self();
	uint32_t asked = __atomic_exchange_n(&self->arch.tlb_asked, 0, __ATOMIC_ACQUIRE);

	for (; asked != 0; asked &= asked - 1)
		answer_one(&cpus[__builtin_ctz(asked)].arch.request, 1u << self->number);
}

void
tlb_idle_enter(void)
{
	struct arch_cpu *cpu = &cpu_self()->arch;

	__atomic_store_n(&cpu->tlb_idle, TLB_IDLE, __ATOMIC_SEQ_CST);
	if (cpu->tlb_asked != 0)	/* asked before its interrupt controller was on */
		tlb_answer();
}

void
tlb_idle_leave(void)
{
	struct arch_cpu *cpu = &cpu_self()->arch;

	if (cpu->tlb_idle == TLB_ACTIVE)
		return;
	if (__atomic_exchange_n(&cpu->tlb_idle, TLB_ACTIVE, __ATOMIC_SEQ_CST) == TLB_STALE)
		flush_all();
}

/* Whether the CPU is idle and will forget everything before it does anything else. */
static bool
mark_stale(struct cpu *target)
{
	uint32_t state = TLB_IDLE;

	if (__atomic_compare_exchange_n(&target->arch.tlb_idle, &state, TLB_STALE, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return true;
	return state == TLB_STALE;
}

static uint32_t
without_idle(uint32_t targets)
{
	for (uint32_t rest = targets; rest != 0; rest &= rest - 1)
		if (mark_stale(&cpus[__builtin_ctz(rest)]))
			targets &= ~(rest & -rest);
	return targets;
}

void
tlb_shootdown(uint32_t targets, uint64_t start, uint32_t pages, struct pmap *leave, bool tables_go)
{
	struct cpu *self = cpu_self();
	struct tlb_request *request = &self->arch.request;

	targets &= ~(1u << self->number);
	if (targets != 0 && leave == NULL && !tables_go)
		targets = without_idle(targets);
	if (targets == 0 || smp_stopper >= 0)	/* CPUs that stopped never run again */
		return;
	request->start = start;
	request->pages = pages;
	request->leave = leave;
	__atomic_store_n(&request->waiting, targets, __ATOMIC_RELEASE);
	for (uint32_t rest = targets; rest != 0; rest &= rest - 1) {
		struct cpu *target = &cpus[__builtin_ctz(rest)];

		__atomic_fetch_or(&target->arch.tlb_asked, 1u << self->number, __ATOMIC_RELEASE);
		apic_send((uint32_t)target->hardware_id, IPI_FIXED | VECTOR_IPI);
	}
	while (__atomic_load_n(&request->waiting, __ATOMIC_ACQUIRE) != 0)
		cpu_spin_poll();
}
