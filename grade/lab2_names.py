"""Exercise 2.1: the name table."""

from collections import deque

from lab2_base import compare, lab2
from lib import observed
from lib.observed import Sequence, some, together


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
        s.equal("generation of one entry at its use %d (it was %d at its use %d)" % (b[0] + 2, a[1] & 255, a[0] + 2), (a[1] + b[0] - a[0]) & 255, b[1] & 255)


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


@lab2("lab2-names-together", exercise="2.1", look="the tests above pass alone: what does a table leave behind?",
      needs=("lab2-names-lookup", "lab2-names-order", "lab2-names-chosen"))
def names_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, names_lookup, names_order, names_chosen)
