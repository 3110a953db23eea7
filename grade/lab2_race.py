"""Exercises 2.3, 2.5, 2.6 once more: many threads on four CPUs, in an order of events that the seed disturbs (kern/sync/jitter.h).

Whatever the order is, the same must come out. One run sees a few thousand chances to go wrong; another SEED sees others.
"""

import functools

from lab2_base import code, compare, lab2, program
from lib.observed import Sequence, some

race = functools.partial(lab2, cpus=(4,), debug=True, append="kmsh slowipc jitter={seed}", budget=120, icount="on")

QUEUES, SENDERS, MESSAGES = 8, 6, 64
ROUNDS, RING, TOKENS, HOPS = 3, 8, 4, 300


# 2.3 the queue

def members(mask):
    return " ".join(str(n) for n in range(MESSAGES) if mask >> n & 1) or "none"


def check_sender(s, where, choices, number, sent, got, backwards, failed):
    what = "%s, messages of sender %d" % (where, number)
    patient = sum(1 << n for n in range(MESSAGES) if choices.below(3) != 0)
    s.check(failed == 0 and patient & ~sent == 0, what + " without a time-out that were not sent", "none", members(patient & ~sent) + ", " + code(failed))
    s.check(got & ~sent == 0, what + " that arrived although the sender was told TIMED_OUT", "none", members(got & ~sent))
    s.check(sent & ~got == 0, what + " that were sent and did not arrive", "none", members(sent & ~got))
    s.equal(what + ": how often one arrived after a later one", 0, backwards)


def check_round(s, where, line, senders, choices):
    count, limit, most, done, queued = line
    s.check(done == count, "%s: senders that got through, of %d" % (where, count), count,
            "%d; the others wait for a slot, and %d of %d are taken" % (done, queued, limit))
    s.check(most <= limit, "%s: messages seen in a queue of limit %d" % (where, limit), "%d or fewer" % limit, most)
    for each in choices:
        check_sender(s, where, each, *next(senders))


@race("lab2-queue-race", exercise="2.3", needs="lab2-queue-together",
      look="wait_for_slot: is the port locked from the look at the slots until it waits? who says how the wait ended, the result or the clock?")
def queue_race(s):
    """One sender or several at a narrow queue, some with a time-out of 1 ms: none waits while there is room, nothing is lost or doubled."""
    seed, found = program(s, "race", "queue")
    draw, rounds, senders = Sequence(seed), some(found, "queue"), iter(some(found, "sender"))
    for i in range(QUEUES):
        count, limit = (1, 1) if i % 2 == 0 else (2 + draw.below(SENDERS - 1), 1 + draw.below(3))
        draw.below(1 << 30)
        s.check(i < len(rounds) and [count, limit] == rounds[i].numbers[:2], "round %d: senders, and the queue's limit" % (i + 1),
                (count, limit), rounds[i].numbers[:2] if i < len(rounds) else "no such round")
        check_round(s, "round %d" % (i + 1), rounds[i], senders, [Sequence(1 + draw.below(1 << 30)) for _ in range(count)])


# 2.5 and 2.6 tokens go round

def value_at_the_end(start, station, hops):
    value = start
    for n in range(hops):
        value = (value * 31 + (station + n) % RING) & 0xffffffff
    return value


def check_ring(s, part):
    seed, found = program(s, "race", part)
    draw, tokens, rings = Sequence(seed), some(found, "token"), some(found, "ring")
    for i in range(ROUNDS):
        for _ in range(RING):
            draw.below(1 << 30)
        starts = [draw.below(1 << 16) for _ in range(TOKENS)]
        s.check(i < len(rings) and rings[i][0] == TOKENS, "round %d: tokens that came home, of %d passed on by %d threads" % (i + 1, TOKENS, RING),
                TOKENS, rings[i][0] if i < len(rings) else "none")
        mine = sorted(tuple(t) for t in tokens[i * TOKENS:(i + 1) * TOKENS])
        compare(s, "round %d, tokens" % (i + 1), ("number", "hops left", "value"),
                [(n, 0, value_at_the_end(start, 2 * n, HOPS + n)) for n, start in enumerate(starts)], mine)


@race("lab2-runq-race", exercise="2.5", needs=("lab2-runq-order", "lab2-runq-change", "lab2-runq-steal"),
      look="steal_from: a thread that is queued may still be on its CPU, on its stack (on_cpu)")
def runq_race(s):
    """Eight threads pass four tokens round and yield, on four CPUs that take threads from each other."""
    check_ring(s, "yields")


@race("lab2-handoff-race", exercise="2.6", needs="lab2-handoff-together",
      look="sched_yield_to: what is only known under the queue's lock? (queued, cpu, on_cpu)")
def handoff_race(s):
    """The same, and each gives way to one it names."""
    check_ring(s, "named")
