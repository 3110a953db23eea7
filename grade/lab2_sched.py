"""Exercises 2.5 and 2.6: run queues and hand-off."""

from lab2_base import compare, lab2, program, slow
from lib import observed
from lib.observed import Sequence, some, together


# 2.5 run queues

THREADS, TURNS = 12, 3


def turns_of(queues):
    """Each thread runs TURNS times and yields after each."""
    return [n for p in sorted(queues) for n in queues[p] * TURNS]


def told(order, priorities):
    return " ".join("%d(%d)" % (n, priorities[n]) for n in order)


def check_turns(s, line, queues, priorities, what):
    want = turns_of(queues)
    s.check(want == line.numbers, what, told(want, priorities), told([n for n in line if n < THREADS], priorities))


@lab2("lab2-runq-order", exercise="2.5", look="runq_insert, runq_best: the best priority is the lowest number; within one, the longest waiting")
def runq_order(s):
    """Twelve threads, five priorities, three turns each."""
    seed, found = observed.run(s, "lab2-priorities")
    draw, lines = Sequence(seed), some(found, "order")
    s.equal("rounds", 3, len(lines))
    for line in lines:
        priorities, queues = [8 + draw.below(5) * 5 for _ in range(THREADS)], {}
        for n, p in enumerate(priorities):
            queues.setdefault(p, []).append(n)
        check_turns(s, line, queues, priorities, "the order of turns: thread(priority)")


@lab2("lab2-runq-change", exercise="2.5", look="runq_remove: from the list it stands on (queue_priority), and the bit of a list that became empty")
def runq_change(s):
    """The same when priorities change while the threads wait."""
    seed, found = observed.run(s, "lab2-changes")
    draw, lines = Sequence(seed), some(found, "order")
    s.equal("rounds", 3, len(lines))
    for line in lines:
        priorities, queues = [20] * THREADS, {20: list(range(THREADS))}
        for _ in range(THREADS):
            who, p = draw.below(THREADS), 8 + draw.below(5) * 5
            if p == priorities[who]:
                continue                        # it keeps its place
            queues[priorities[who]].remove(who)
            queues.setdefault(p, []).append(who)
            priorities[who] = p
        check_turns(s, line, queues, priorities, "the order of turns after the changes: thread(priority)")


def run_steal(s):
    seed, found = observed.run(s, "lab2-steal")
    draw = Sequence(seed)
    priorities = [8 + draw.below(20) for _ in range(THREADS)]
    compare(s, "threads made", ("number", "priority"), list(enumerate(priorities)), some(found, "thread"))
    (busy, ran), = some(found, "busy")
    s.check(ran == THREADS, "threads that ran while the CPU they were queued on was busy", THREADS, ran)
    where, = some(found, "where")
    s.check(busy not in where.numbers, "CPUs they ran on (%d was busy)" % busy, "the others", where.numbers)
    return priorities, some(found, "order")[0].numbers, where.numbers


@lab2("lab2-runq-steal", exercise="2.5", cpus=(2,), look="steal_from: the best thread of the victim's queue that may be taken")
def runq_steal(s):
    """One CPU is busy, the other takes its threads, the best first."""
    priorities, order, _ = run_steal(s)
    want = sorted(range(THREADS), key=lambda n: (priorities[n], n))
    s.check(order == want, "the order in which they were taken: thread(priority)", told(want, priorities), told(order, priorities))
    _, found = observed.run(s, "lab2-stay")
    s.equal("threads that ran elsewhere in 30 ms, one having to stay with its waker", 6, some(found, "stayed")[0][0])
    s.check(some(found, "order")[0].numbers[-1] == 99, "the one that had to stay", "runs last", some(found, "order")[0].numbers)
    s.equal("the CPU it ran on, its waker's", found[-1][0], some(found, "where")[0].numbers[-1])


# 2.6 hand-off

SERVER, CLIENT = 100, 200


def ran(found):
    lines = some(found, "ran")
    return lines[0].numbers if lines else []


def named_list(order):
    return " ".join({SERVER: "server", CLIENT: "client"}.get(n, "thread-%d" % n) for n in order)


def check_ran(s, what, want, found):
    s.check(want == ran(found), what, named_list(want), named_list(ran(found)))


@slow("lab2-handoff-rpc", exercise="2.6", look="wake (mqueue.c) keeps the receiver, wait_on gives it the CPU through sched_handoff_block")
def handoff_rpc(s):
    """Calls are answered at once although other threads of the same priority are ready."""
    seed, found = program(s, "handoff", "rpc")
    draw = Sequence(seed)
    count, rounds = 2 + draw.below(3), 2 + draw.below(4)
    compare(s, "this seed", ("threads", "calls"), [(count, rounds)], some(found, "rounds"))
    check_ran(s, "who ran in which order (%d calls, %d other threads ready)" % (rounds, count),
              [SERVER, CLIENT] * rounds + list(range(count)), found)


@slow("lab2-handoff-named", exercise="2.6", look="sched_yield_to: the caller goes to the end of the queue, the named thread leaves it")
def handoff_named(s):
    """thread_switch(thread): it runs first, then the others in their order."""
    seed, found = program(s, "handoff", "named")
    draw = Sequence(seed)
    count = 3 + draw.below(2)
    chosen = 1 + draw.below(count - 1)
    compare(s, "this seed", ("threads", "chosen"), [(count, chosen)], some(found, "chosen"))
    check_ran(s, "who ran in which order after thread_switch to thread-%d" % chosen,
              [chosen] + [n for n in range(count) if n != chosen] + [CLIENT], found)


@slow("lab2-handoff-refused", exercise="2.6", look="sched_handoff_block: sched_may_hand_over says no when somebody better waits")
def handoff_refused(s):
    """A server that is worse than threads that are ready does not get the CPU before them."""
    _, found = program(s, "handoff", "rpc")
    s.equal("when nobody better waits, who runs after the call", named_list([SERVER, CLIENT]), named_list(ran(found)[:2]))
    _, found = program(s, "handoff", "refused")
    ours, others, worst = some(found, "priorities")[0]
    check_ran(s, "who ran in which order (client %d, two threads %d, server %d)" % (ours, others, worst), [0, 1, SERVER, CLIENT], found)


@slow("lab2-handoff-slice", exercise="2.6", look="switch_to(next, donate): the rest of the time slice, not a new one")
def handoff_slice(s):
    """Two that call each other all the time use up one time slice together; then others have their turn."""
    _, found = program(s, "handoff", "slice")
    ran_too, rounds, us = some(found, "slice")[0]
    s.check(ran_too, "a third thread, ready while two hand the CPU to each other for 300 ms", "has its turn", "never runs")
    s.check(rounds > 20 and us > 2000, "before that, they hand the CPU to each other", "for most of a time slice (10 ms)",
            "%d calls in %d us" % (rounds, us))
    s.check(us < 40000, "the third thread's turn comes", "after one time slice (10 ms)", "%d us" % us)


@slow("lab2-handoff-together", exercise="2.6", look="the tests above pass alone: does a place for a hand-off stay taken?",
      needs=("lab2-handoff-rpc", "lab2-handoff-named", "lab2-handoff-refused", "lab2-handoff-slice"))
def handoff_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, handoff_rpc, handoff_named, handoff_refused, handoff_slice)
