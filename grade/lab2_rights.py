"""Exercise 2.2: rights in transfer."""

from lab2_base import (INVALID_RIGHT, RCV_TIMED_OUT, SEND_INVALID_DEST, SEND_INVALID_REPLY, SEND_INVALID_RIGHT, SUCCESS, code,
                       compare, lab2, program)
from lib.observed import Sequence, some, together


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


@lab2("lab2-rights-together", exercise="2.2", look="the tests above pass alone: which reference or message stays behind?",
      needs=("lab2-rights-count", "lab2-rights-header", "lab2-rights-undo"))
def rights_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, rights_count, rights_header, rights_undo)
