"""Lab 2: ports and scheduling (labs/lab2/README.md).

Each test runs a check of the kernel (`selftest lab2-NAME SEED`, kern/monitor/selftest_lab2*) or a program of the boot archive (`run
lab2_NAME PART SEED`, user/test/boot_lab2_*.c). They print what happened; what must be true for the seed is computed here.
"""

import functools
from collections import deque

from lib import observed
from lib.api import WrongOutput, test
from lib.observed import Sequence, some

lab2 = functools.partial(test, lab=2, layers=(2,), append="kmsh", budget=30)
slow = functools.partial(lab2, append="kmsh slowipc")

SUCCESS, INVALID_ARGUMENT, INVALID_NAME, INVALID_RIGHT = 0, 4, 15, 17
SEND_INVALID_DEST, SEND_TIMED_OUT, SEND_INVALID_REPLY, SEND_INVALID_RIGHT = 0x10000003, 0x10000004, 0x10000009, 0x1000000a
RCV_TIMED_OUT = 0x10004003

CODES = {SUCCESS: "SUCCESS", INVALID_ARGUMENT: "INVALID_ARGUMENT", INVALID_NAME: "INVALID_NAME", INVALID_RIGHT: "INVALID_RIGHT",
         SEND_INVALID_DEST: "SEND_INVALID_DEST", SEND_TIMED_OUT: "SEND_TIMED_OUT", SEND_INVALID_REPLY: "SEND_INVALID_REPLY",
         SEND_INVALID_RIGHT: "SEND_INVALID_RIGHT", RCV_TIMED_OUT: "RCV_TIMED_OUT"}


def code(value):
    return CODES.get(value, hex(value))


def program(s, name, part):
    """Runs a part of a test program. Returns (seed, its Lines)."""
    seed = s.random.getrandbits(48) | 1
    reply = s.run("run lab2_%s %s %d" % (name, part, seed))
    if reply.rc == 125:
        raise WrongOutput("the exercise is not solved yet", reply.command, "", reply.text)
    found = observed.lines(reply.text)
    if not found or found[-1].word != "end":
        raise WrongOutput("the program broke off before its end", reply.command, "a last line `end 0x0`", "\n".join(reply.lines[-6:]))
    return seed, found


def compare(s, what, names, expected, got, show=None):
    """One observation after the other; the first that differs is told, by the name of the number that does."""
    for i, (want, line) in enumerate(zip(expected, got)):
        for name, a, b in zip(names, want, line):
            if a is None:
                continue
            told = code if name in ("result", "newcomer") else str
            s.check(a == b, "%s, %s: %s" % (what, show(i) if show else "observation %d" % (i + 1), name), told(a), told(b))
    s.equal(what + ": how many observations", len(expected), len(got))


# 2.1 name table

class NameTable:
    """What names.h promises: oldest free entry first, the next generation."""

    def __init__(self, size=32):
        self.size, self.live = size, set()
        self.free = deque(range(1, size))
        self.generation = {}

    def alloc(self):
        index = self.free.popleft()
        name = index << 8 | self.generation.get(index, 0)
        self.live.add(name)
        return name

    def give(self, name):
        self.live.discard(name)
        self.generation[name >> 8] = (name & 255) + 1 & 255
        self.free.append(name >> 8)

    def grow(self):
        self.free.extend(range(self.size, 2 * self.size))
        self.size *= 2


def names_expected(seed):
    """[(word, numbers)] of selftest lab2-names."""
    draw, table, live, dead, out = Sequence(seed), NameTable(), [], [], []
    for name in (0, 1, 0xffffffff, 0xffffff00, 0x10000, 0x7fffff05):
        out.append(("odd", (name, 0)))
    for _ in range(400):
        kind = draw.below(10)
        if kind < 5 and len(live) < 200:
            if not table.free:
                table.grow()
                out.append(("grow", (1, table.size)))
            live.append(table.alloc())
            out.append(("alloc", (live[-1], len(table.live))))
        elif 5 <= kind < 8 and live:
            victim = draw.below(len(live))
            name, live[victim] = live[victim], live[-1]
            live.pop()
            dead.append(name)
            out.append(("free", (name, 1)))
            table.give(name)
        elif kind >= 8:
            ring = [dead[-1 - (len(dead) - 1 - i) % 64] if len(dead) > 64 else dead[i] for i in range(min(len(dead), 64))]
            if len(dead) > 64:              # a ring of 64: place i holds the last name whose number is i modulo 64
                ring = [dead[max(n for n in range(i, len(dead), 64))] for i in range(64)]
            name = ring[draw.below(len(ring))] if ring else 7 << 8 | 3
            out.append(("stale", (name, int(name in table.live))))
            if live:
                out.append(("live", (live[draw.below(len(live))], 1)))
    return out


@lab2("lab2-names-lookup", exercise="2.1", look="names_lookup: index, type, generation; names_free chooses the next generation")
def names_lookup(s):
    """Names in use are found, stale and odd ones are not."""
    seed, found = observed.run(s, "lab2-names")
    for line in some(found, "odd"):
        s.check(not line[1], "names_lookup(0x%x) in an empty table" % line[0], "NULL", "an entry")
    taken = set()
    for line in some(found, "alloc", "free", "stale", "live"):
        if line.word == "alloc":
            s.check(line[0] not in taken, "names in use are different", "a new one", "0x%x again" % line[0])
            taken.add(line[0])
        elif line.word == "free":
            s.check(line[1], "names_lookup(0x%x), a name in use" % line[0], "its entry", "NULL or another")
            taken.discard(line[0])
        elif line.word == "live":
            s.check(line[1], "names_lookup(0x%x), a name in use" % line[0], "its entry", "NULL or another")
        else:
            s.check(bool(line[1]) == (line[0] in taken), "names_lookup(0x%x), which was freed; its index is %s" %
                    (line[0], "in use again" if any(n >> 8 == line[0] >> 8 for n in taken) else "free"), "NULL", "an entry")
    again = some(observed.run(s, "lab2-generations")[1], "again")
    s.check(again and again[-1][0] == 519, "one entry used 520 times: lookups of its names", "all find it", "one did not")
    for a, b in zip(again, again[1:]):
        s.equal("generation of one entry after %d uses" % (b[0] + 2), (a[1] + b[0] - a[0]) & 255, b[1] & 255)


@lab2("lab2-names-order", exercise="2.1", look="names_alloc takes from the front, names_free puts at the back; generations of a slot count up")
def names_order(s):
    """Which names come, in order, and when the table grows."""
    seed, found = observed.run(s, "lab2-names")
    want = [w for w in names_expected(seed) if w[0] in ("alloc", "grow")]
    got = some(found, "alloc", "grow")
    for i, ((word, numbers), line) in enumerate(zip(want, got)):
        s.check(word == line.word, "step %d" % (i + 1), word, line.word)
        if word == "alloc":
            s.check(numbers[0] == line[0], "allocation %d: the name (index << 8 | generation)" % (i + 1), hex(numbers[0]), hex(line[0]))
            s.check(numbers[1] == line[1], "allocation %d: names in use" % (i + 1), numbers[1], line[1])
        else:
            s.equal("the grown table: done, entries", list(numbers), line.numbers)
    s.equal("allocations of this seed", len(want), len(got))


@lab2("lab2-names-chosen", exercise="2.1", look="free_list_remove: the first, the last, one in the middle, the only one")
def names_chosen(s):
    """Particular names, then all others, then the particular ones again."""
    seed, found = observed.run(s, "lab2-chosen")
    draw, table, taken = Sequence(seed), NameTable(), []
    for place in (1, 31, 2, 0, 0, 0):
        index = place or 3 + draw.below(28)
        generation = draw.below(256)
        if index in table.free:
            taken.append(index << 8 | generation)
            table.free.remove(index)
            table.live.add(taken[-1])
    compare(s, "particular names", ("name", "found", "names in use"), [(n, 1, i + 1) for i, n in enumerate(taken)], some(found, "chosen"))
    want = [(table.alloc(), len(table.live))]
    table.give(want[0][0])
    for _ in range(2):
        while table.free:
            want.append((table.alloc(), len(table.live)))
        for name in taken if len(want) <= 32 - len(taken) else ():
            table.give(name)
    compare(s, "the other names, then the particular ones again", ("name", "names in use"), want, some(found, "alloc"))


# 2.2 rights

STEPS = ("send MAKE_SEND", "send COPY_SEND", "send COPY_SEND", "send MOVE_SEND", "send MOVE_SEND", "receive", "receive", "deallocate")


@lab2("lab2-rights-count", exercise="2.2", look="move_send, entry_gain_send: an entry counts as one right of the port, whatever its references")
def rights_count(s):
    """A send right that is copied, moved, received and dropped: its references, and whether the port has senders."""
    seed, found = program(s, "rights", "count")
    draw, refs, queued, made, want = Sequence(seed), 0, 0, 0, []
    for _ in range(300):
        kind, result = draw.below(8), SUCCESS
        if kind == 0:
            made, queued = made + 1, queued + 1
        elif kind < 5:
            if refs == 0:
                result = SEND_INVALID_RIGHT
            else:
                queued += 1
                refs -= kind > 2
        elif kind < 7:
            if queued == 0:
                result = RCV_TIMED_OUT
            else:
                queued, refs = queued - 1, refs + 1
        elif refs == 0:
            result = INVALID_RIGHT
        else:
            refs -= 1
        want.append((kind, result, refs, int(refs + queued > 0), made))
    compare(s, "one right", ("kind of step", "result", "references of the send right", "has the port senders", "make-send count"), want,
            some(found, "step"), lambda i: "step %d (%s)" % (i + 1, STEPS[want[i][0]]))
    compare(s, "after all was received and given up", ("references of the send right", "has the port senders"), [(0, 0)], some(found, "drained"))


HEADERS = ("MOVE_SEND p, reply a stale name", "to a stale name, reply MOVE_SEND q", "MOVE_SEND p, reply MOVE_SEND p", "COPY_SEND p, reply MOVE_SEND p",
           "MOVE_SEND p, reply COPY_SEND p", "MOVE_SEND p, reply COPY_SEND of a port set", "MOVE_SEND p, reply MOVE_SEND q",
           "COPY_SEND p, reply COPY_SEND q")


@lab2("lab2-rights-header", exercise="2.2", look="take_header_rights: look at both before either is taken")
def rights_header(s):
    """The two rights of a header are taken together or not at all."""
    seed, found = program(s, "rights", "header")
    draw, want = Sequence(seed), []
    for i in range(24):
        kind, refs = i % 8, 1 + draw.below(3)
        result = {0: SEND_INVALID_REPLY, 1: SEND_INVALID_DEST, 5: SEND_INVALID_REPLY}.get(kind, SUCCESS)
        if kind == 2 and refs == 1:
            result = SEND_INVALID_REPLY
        p = refs - {2: 2, 3: 1, 4: 1, 6: 1}.get(kind, 0) if result == SUCCESS else refs
        q = refs - (kind == 6)
        want.append((kind, refs, result, p, q, int(result == SUCCESS)))
    names = ("kind", "references before", "result", "references of p", "references of q", "messages queued at p")
    show = lambda i: "%s, %d reference%s each" % (HEADERS[want[i][0]], want[i][1], "s" if want[i][1] > 1 else "")      # noqa: E731
    compare(s, "header", names, want, some(found, "header"), show)
    compare(s, "after all references were dropped", ("senders of p", "senders of q"), [(0, 0)] * 24, some(found, "left"), show)


@lab2("lab2-rights-undo", exercise="2.2", look="copyin_array: what was taken before the wrong right is released")
def rights_undo(s):
    """A body with a wrong right in the middle: what came before it is gone for good, what comes after it untouched."""
    seed, found = program(s, "rights", "undo")
    draw, rights = Sequence(seed), iter(some(found, "right"))
    lines = some(found, "undo")
    s.equal("messages tried", 6, len(lines))
    for i, line in enumerate(lines):
        wrong = draw.below(8)
        total = wrong + 1 + draw.below(3)
        what = "%d rights, MOVE_SEND, %s, number %d is none" % (total, "in an array" if i % 2 == 0 else "one by one", wrong)
        s.equal(what + ": the message", [int(i % 2 == 0), wrong, total], line.numbers[:3])
        s.check(line[3] == SEND_INVALID_RIGHT, what + ": result", code(SEND_INVALID_RIGHT), code(line[3]))
        s.equal(what + ": messages queued", 0, line[4])
        s.equal(what + ": id of what arrives at the reply port (71: its right was released)", 71, line[5])
        for n in range(total):
            number, refs, senders = next(rights)
            left = int(n > wrong)
            s.equal("%s: references of number %d" % (what, n), left, refs)
            s.equal("%s: has port %d senders" % (what, n), left, senders)


# 2.3 queue

@lab2("lab2-queue-limit", exercise="2.3", look="mqueue_send: which messages wait when all slots are taken; mqueue_set_limit")
def queue_limit(s):
    """How many messages a queue takes; send-once messages are exempt; more room by a higher limit."""
    seed, found = program(s, "queue", "limit")
    draw, lines = Sequence(seed), iter(found)
    for _ in range(6):
        limit = 2 + draw.below(8)
        taken = 1 + draw.below(limit - 1)
        for word, room, sent in (("filled", limit, limit), ("again", taken, taken), ("exempt", None, None), ("raised", limit + 2, None)):
            line = next(lines)
            s.equal("what the program did", word, line.word)
            if word == "exempt":
                s.check(line[0] == SUCCESS, "a message to a send-once right, the queue being full", "SUCCESS", code(line[0]))
                s.equal("messages queued then", limit + 1, line[1])
                continue
            if word == "raised":
                sent = 3                    # one was received, and two slots are new
                line_sent = line[1]
                # The one received was the oldest: it had a slot.
                s.equal("messages sent after one was received and the limit was raised by 2", sent, line_sent)
            else:
                s.equal("messages that go into %s" % ("an empty queue of limit %d" % limit if word == "filled" else
                                                      "a full queue from which %d were received" % taken), sent, line[1])
            s.check(line[2] == SEND_TIMED_OUT, "the next one, without patience", "SEND_TIMED_OUT", code(line[2]))


def check_blocked(s, found, count):
    lines = some(found, "blocked")
    s.equal("senders started", count, len(lines))
    for line in lines:
        s.check(line[1], "sender %d at a full queue" % line[0], "waits", "does not wait")
        s.check(line[2], "sender %d, 20 ms later" % line[0], "has not run meanwhile", "has run: it polls")


@lab2("lab2-queue-order", exercise="2.3", look="hand_out_slots: a freed slot belongs to the longest waiter, before anybody else can have it")
def queue_order(s):
    """Blocked senders go on in the order they came; nobody overtakes; one freed slot, one sender."""
    seed, found = program(s, "queue", "order")
    draw = Sequence(seed)
    slots, count = 1 + draw.below(4), 3 + draw.below(5)
    check_blocked(s, found, count)
    want = [(n, SEND_TIMED_OUT if n < count else 0, min(n + 1, count)) for n in range(slots)]
    want += [(100 + n, SEND_TIMED_OUT if slots + n < count else 0, min(slots + n + 1, count)) for n in range(count)]
    compare(s, "receiving one by one (%d slots, %d senders wait)" % (slots, count),
            ("id of the message", "newcomer", "senders that went on"), want, some(found, "got"))
    seed, found = program(s, "queue", "raise")
    draw = Sequence(seed)
    slots, more = 1 + draw.below(4), 1 + draw.below(3)
    check_blocked(s, found, 5)
    compare(s, "the limit is raised", ("by", "senders that went on"), [(more, more)], some(found, "raised"))


@lab2("lab2-queue-timeout", exercise="2.3", look="wait_for_slot: patience; wait_on does the waiting")
def queue_timeout(s):
    """A sender whose time is over: when, with what result, and what becomes of its message."""
    seed, found = program(s, "queue", "timeout")
    draw = Sequence(seed)
    slots = 1 + draw.below(4)
    lines = some(found, "timeout")
    s.equal("time-outs tried", 4, len(lines))
    for i, (ms, result, took, refs, queued) in enumerate(lines):
        s.equal("time-out of this seed", 0 if i == 0 else 5 + draw.below(60), ms)
        s.check(result == SEND_TIMED_OUT, "sending with a time-out of %d ms to a full queue" % ms, "SEND_TIMED_OUT", code(result))
        # An idle machine's clock goes with the host's, which may be busy: no tight upper bound.
        s.check(ms * 1000 <= took <= ms * 1000 + 2000000, "time it took, in us (time-out: %d ms)" % ms, "%d or little more" % (ms * 1000), took)
        s.equal("references of a right that was copied into the message, which comes back", 2, refs)
        s.equal("messages queued", slots, queued)
    compare(s, "receiving afterwards", ("id",), [(n,) for n in range(slots)], some(found, "got"))
    compare(s, "then, on the empty queue", ("result", "newcomer", "id"), [(RCV_TIMED_OUT, SUCCESS, 5)], some(found, "then"))


@lab2("lab2-queue-death", exercise="2.3", look="mqueue_destroy: who waits for a slot of a port that dies")
def queue_death(s):
    """The port dies while senders wait: they go on as if they had sent."""
    seed, found = program(s, "queue", "death")
    draw = Sequence(seed)
    draw.below(4)
    count = 2 + draw.below(6)
    check_blocked(s, found, count)
    compare(s, "the port died", ("senders", "that went on"), [(count, count)], some(found, "woken"))
    compare(s, "senders of the dead port", ("number", "result"), [(n, SUCCESS) for n in range(count)], some(found, "sender"))
    compare(s, "a later message", ("result",), [(SEND_INVALID_DEST,)], some(found, "after"))


# 2.4 context switch

VALUES = 12


def run_switch(s):
    seed, found = observed.run(s, "lab2-switch")
    return seed, found


@lab2("lab2-switch-registers", exercise="2.4", look="context_switch: which registers a C function must find as they were; the order of saving and loading")
def switch_registers(s):
    """Twelve values in each of two contexts survive eight switches; each learns who ran before."""
    seed, found = run_switch(s)
    for word, start, count in (("mine", seed, 4), ("other", seed ^ 0x5555, 3)):
        draw, lines = Sequence(start), some(found, word)
        s.equal("switches back to the context `%s`" % word, count, len(lines))
        for n, line in enumerate(lines):
            want = [draw.below(1 << 30) for _ in range(VALUES)]
            what = "context `%s`, after switch %d" % (word, n + 1)
            s.check(line[0], "%s: the result of context_switch" % what, "the thread that ran before (prev)", "something else")
            s.equal("%s: values that were in registers" % what, ["0x%x" % v for v in want], ["0x%x" % v for v in line.numbers[1:]])


@lab2("lab2-switch-begin", exercise="2.4", look="arch_thread_init, thread_begin: function and argument in two preserved registers, an aligned stack")
def switch_begin(s):
    """A new context begins in its function, with its argument, on its own stack."""
    _, found = run_switch(s)
    line = some(found, "begin")
    s.check(line, "the function of a new context", "is called", "is not")
    s.check(line[0][0], "its argument", "the one given to arch_thread_init", "another")
    s.check(line[0][1], "its stack", "the one given to arch_thread_init", "another")
    s.equal("its frame's address modulo 16", 0, line[0][2])
    s.check(line[0][3], "the chain of frames (x29, rbp)", "ends there", "goes on: backtraces would run into nothing")


@lab2("lab2-switch-frame", exercise="2.4", look="struct switch_frame, struct first_context: the debugger and `threads` find pc and frame pointer of a waiting thread there")
def switch_frame(s):
    """What is saved stands where others look for it."""
    _, found = run_switch(s)
    compare(s, "a new thread's saved context", ("frame pointer is 0", "return address is thread_begin"), [(1, 1)], some(found, "fresh"))
    compare(s, "a switched-away thread's saved context", ("return address is behind its call of context_switch", "frame pointer is in its stack"),
            [(1, 1)], some(found, "parked"))


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
    rest = [n for n in order if n != 0]     # the first one went to the idle CPU at once
    want = sorted(rest, key=lambda n: (priorities[n], n))
    s.check(rest == want, "the order in which they were taken: thread(priority)", told(want, priorities), told(rest, priorities))
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


# 2.7 exceptions

EXC_BAD_ACCESS, RAISE, HOLE = 1, 2401, 0x600000000000
PROTECTION_FAILURE, INVALID_ADDRESS = 2, 1
NOBODY, THREAD, TASK = range(3)
WHO = ("nobody", "the thread's handler", "the task's handler")
ANSWERS = ("KERN_FAILURE", "a reply of another id", "a reply without a code", "the reply right dropped", "the handler's port destroyed")


def check_asked(s, line, who, what):
    s.check(line[0] == who, "%s: who is asked" % what, WHO[who], WHO[line[0]] if line[0] < 3 else line[0])
    s.equal("%s: the message's id" % what, RAISE, line[1])
    s.check(line[2], "%s: the right to the thread" % what, "the thread that faulted", "another")
    s.check(line[3], "%s: the right to the task" % what, "its task", "another")
    s.equal("%s: the sender's label, the kernel's" % what, 0, line[4])
    s.equal("%s: the reply right is a send-once right" % what, 18, line[5])


def check_exception(s, line, want_code, address, what):
    compare(s, what, ("exception", "code", "subcode"), [(EXC_BAD_ACCESS, want_code, address)], [line])


@lab2("lab2-exception-message", exercise="2.7", look="make_message: two rights, three numbers; who answers 0 resumes the thread")
def exception_message(s):
    """What the handler is told; the thread goes on when the cause is gone."""
    seed, found = program(s, "exception", "message")
    draw = Sequence(seed)
    faults, asked, told_, resumed = (some(found, w) for w in ("fault", "asked", "exception", "resumed"))
    s.equal("faults", 4, len(faults))
    for i, line in enumerate(faults):
        at = HOLE + 8 * draw.below(500)
        what = "a write to 0x%x, %s" % (at, "where nothing is" if i == 0 else "which may only be read")
        s.equal("the address of this seed", at, line[0])
        check_asked(s, asked[i], THREAD, what)
        s.check(len(told_) > i, what + ": exception, code and subcode", "a message", "none")
        check_exception(s, told_[i], INVALID_ADDRESS if i == 0 else PROTECTION_FAILURE, at, what)
        compare(s, what + ", mended and answered with 0", ("thread went on", "and came to its end"), [(1, 1)], [resumed[i]])


@lab2("lab2-exception-chain", exercise="2.7", look="exception_raise: thread, task, end. Whatever is not a proper 0 counts as not handled")
def exception_chain(s):
    """First the thread's handler, then the task's, then the task ends; which answers pass it on."""
    seed, found = program(s, "exception", "chain")
    first = Sequence(seed).below(5)
    asked = some(found, "asked")
    s.check(len(asked) >= 2, "a fault in another task", "two handlers are asked", "%d" % len(asked))
    check_asked(s, asked[0], THREAD, "a fault in another task")
    check_asked(s, asked[1], TASK, "after its thread's handler refused")
    compare(s, "a fault that nobody handles", ("the task ended", "the thread too"), [(1, 1), (1, 1)], some(found, "ended"))
    s.equal("answers tried", [(first + i) % 5 for i in range(5)], [line[0] for line in some(found, "answer")])
    for i, resumed in enumerate(some(found, "resumed")):
        what = "the thread's handler gives: %s" % ANSWERS[(first + i) % 5]
        check_asked(s, asked[2 + 2 * i], THREAD, "before " + what)
        check_asked(s, asked[3 + 2 * i], TASK, what)
        compare(s, what + "; the task's handler sets the thread's registers and answers 0", ("thread went on", "at its new pc"), [(1, 7)], [resumed])


@lab2("lab2-exception-abort", exercise="2.7", look="await_reply: an abort ends the wait; the reply port goes with it")
def exception_abort(s):
    """thread_abort raises the exception anew and makes a late answer meet a dead name; so does the thread's end."""
    _, found = program(s, "exception", "abort")
    for i, line in enumerate(some(found, "asked")):
        check_asked(s, line, THREAD, ("a fault", "the same after thread_abort", "another fault")[min(i, 2)])
    compare(s, "after the abort", ("the first reply right is dead", "the second is another"), [(1, 1)], some(found, "late"))
    compare(s, "the second one answered", ("thread went on", "at its new pc"), [(1, 9)], some(found, "resumed"))
    compare(s, "thread_terminate while it waits for an answer", ("thread is gone", "the reply right is dead"), [(1, 1)], some(found, "killed"))


# 2.8 notifications

NO_SENDERS, SEND_ONCE, DEAD_NAME, DELETED = 70, 71, 72, 65
NOTE = {NO_SENDERS: "no-senders", SEND_ONCE: "send-once (a registration that was replaced)", DEAD_NAME: "dead-name", DELETED: "port-deleted"}


def news_text(news):
    return "; ".join("%s, %s" % (NOTE.get(n[0], "id %d" % n[0]), n[1]) for n in news) or "no notification"


def check_news(s, what, want, lines):
    got = [(line[0], None if line[0] == SEND_ONCE else line[1]) for line in lines]
    s.check(want == got, what, news_text(want), news_text(got))
    for line in lines:
        s.equal("%s: the sender's label, the kernel's" % what, 0, line[2])


SENDERS = ("make a send right", "make a send right", "deallocate", "deallocate", "deallocate", "move one into a message", "receive and drop one",
           "register", "register")


@lab2("lab2-notify-senders", exercise="2.8", look="no_senders_fire, register_no_senders: once per registration, when the last right goes, with the make-send count")
def notify_senders(s):
    """120 steps with the send rights of one port: when no-senders comes, and what it says."""
    seed, found = program(s, "notify", "senders")
    draw, refs, queued, made, registered = Sequence(seed), 0, 0, 0, False
    at = 0
    for n in range(120):
        kind, result, want, sync = draw.below(9), SUCCESS, [], 0
        before = refs + queued
        if kind < 2:
            refs, made = refs + 1, made + 1
        elif kind < 5:
            result, refs = (SUCCESS, refs - 1) if refs else (INVALID_RIGHT, 0)
        elif kind == 5:
            result, refs, queued = (SUCCESS, refs - 1, queued + 1) if refs else (SEND_INVALID_RIGHT, 0, queued)
        elif kind == 6:
            result, queued = (SUCCESS, queued - 1) if queued else (RCV_TIMED_OUT, 0)
        else:
            sync = draw.below(3)
        what = "step %d (%s; %d rights before)" % (n + 1, SENDERS[kind], before)
        if kind >= 7:
            line = found[at]
            at += 1
            s.equal(what + ": observation", "registered", line.word)
            s.equal(what + ": sync beyond the make-send count, and was something registered before", [sync, int(registered)], line.numbers)
            fires = before == 0 and sync == 0
            want = ([(NO_SENDERS, made)] if fires else [])
            want = want + [(SEND_ONCE, None)] if registered else want
            registered = not fires
        elif before and refs + queued == 0 and registered:
            want, registered = [(NO_SENDERS, made)], False
        line = found[at]
        s.equal(what + ": observation", "step", line.word)
        s.equal(what + ": kind", kind, line[0])
        s.check(line[1] == result, what + ": result", code(result), code(line[1]))
        s.equal(what + ": make-send count", made, line[2])
        at += 1
        news = []
        while found[at].word == "news":
            news.append(found[at])
            at += 1
        check_news(s, what, want, news)


@lab2("lab2-notify-dead", exercise="2.8", look="register_dead_name, requests_fire; each dead-name notification brings a reference (bury, dead_already)")
def notify_dead(s):
    """Dead-name requests: registered once, twice, on a name that goes first, on one that is dead already."""
    seed, found = program(s, "notify", "dead")
    draw, at = Sequence(seed), 0

    def news():
        nonlocal at
        lines = []
        while found[at].word == "news":
            lines.append(found[at])
            at += 1
        return lines

    def line(word):
        nonlocal at
        at += 1
        s.equal("observation", word, found[at - 1].word)
        return found[at - 1]

    kinds = ("one request", "two requests, one after the other", "a request, then the name is destroyed", "no request until the port is dead")
    for n in range(12):
        kind, refs = n % 4, 1 + draw.below(5)
        what = "%s (%d references)" % (kinds[kind], refs)
        head = line("case")
        s.equal("case of this seed", [kind, refs], head.numbers[:2])
        name = head[2]
        compare(s, what, ("result", "something was registered", "something was registered at the second request"), [(0, 0, int(kind == 1))],
                [line("registered")])
        want = {0: [(DEAD_NAME, name)], 1: [(SEND_ONCE, None), (DEAD_NAME, name)], 2: [(DELETED, name)], 3: []}[kind]
        check_news(s, what + ": when the port has died", want, news())
        dead = {0: refs + 1, 1: refs + 1, 2: 0, 3: refs}[kind]
        compare(s, what, ("a dead name", "references"), [(int(kind != 2), dead)], [line("dead")])
        if kind == 3:
            compare(s, what + ", then requests with sync 0 and 1", ("result", "result", "references"), [(INVALID_ARGUMENT, SUCCESS, refs + 1)],
                    [line("late")])
            check_news(s, what + ", with sync 1", [(DEAD_NAME, name)], news())
