"""Reading what a check observed: lines `WORD 0x1 0x2 ...`, perhaps with `|text|` behind (kern/monitor/selftest_lab.h)."""

import re

from .session import WrongOutput

MASK = (1 << 64) - 1
NOTHING = MASK


class Sequence:
    """The numbers a check draws from its seed (kern/monitor/selftest.h)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        x = self.state
        x ^= x << 13 & MASK
        x ^= x >> 7
        x ^= x << 17 & MASK
        self.state = x
        return x % limit


class Line:
    """One line: its word, its numbers, its text (bytes, or None)."""

    def __init__(self, word, numbers, text):
        self.word, self.numbers, self.text = word, numbers, text

    def __iter__(self):
        return iter(self.numbers)

    def __getitem__(self, index):
        return self.numbers[index]


LINE = re.compile(r"([a-z]+)((?: 0x[0-9a-f]+)*)(?: \|(.*)\|)?")


def _bytes(text):
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m.group(1), 16)]), text.encode("latin-1", "replace"))


def lines(text):
    """Every line of a check's output that is an observation, in order."""
    found = []
    for row in text.splitlines():
        m = LINE.fullmatch(row)
        if m and (m.group(2) or m.group(3) is not None):
            found.append(Line(m.group(1), [int(n, 16) for n in m.group(2).split()],
                              None if m.group(3) is None else _bytes(m.group(3))))
    return found


def run(s, name, seed=None):
    """Runs a check. Returns (seed, its Lines). Its own opinion and its status are not looked at."""
    seed = seed or s.random.getrandbits(48) | 1
    reply = s.run("selftest %s %d" % (name, seed))
    if reply.rc == 125:
        raise WrongOutput("an exercise is not solved yet", reply.command, "", reply.text)
    found = lines(reply.text)
    if not found or found[-1].word != "end":
        raise WrongOutput("the check broke off before its end: a call that must succeed failed", reply.command,
                          "a last line `end 0x0`", "\n".join(reply.lines[-6:]))
    return seed, found


def some(found, *words):
    """The lines of these words."""
    return [line for line in found if line.word in words]


def together(s, *tests):
    """Purpose: several tests, one after the other, on one machine."""
    for each in tests:
        each(s)
