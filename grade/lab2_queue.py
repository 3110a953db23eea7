"""Exercise 2.3: the queue."""

from lab2_base import RCV_TIMED_OUT, SEND_INVALID_DEST, SEND_TIMED_OUT, SUCCESS, code, compare, lab2, program
from lib.observed import Sequence, some, together


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


@lab2("lab2-queue-together", exercise="2.3", look="the tests above pass alone: who still waits when they are over?",
      needs=("lab2-queue-limit", "lab2-queue-order", "lab2-queue-timeout", "lab2-queue-death"))
def queue_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, queue_limit, queue_order, queue_timeout, queue_death)
