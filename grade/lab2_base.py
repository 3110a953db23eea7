"""What the files of lab 2's grader share."""

import functools

from lib import observed
from lib.api import WrongOutput, test

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


def program(s, name, part, seed=None):
    """Runs a part of a test program. Returns (seed, its Lines)."""
    seed = seed or s.random.getrandbits(48) | 1
    reply = s.run("run lab2_%s %s %d" % (name, part, seed))
    if reply.rc == 125:
        raise WrongOutput("an exercise is not solved yet", reply.command, "", reply.text)
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
