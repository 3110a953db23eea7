"""Exercises 1.3 and 1.4: the buddy system."""

from lab1_base import FRAME, FREE, FREE_TAIL, RESERVED, STATES, USED, lab1
from lib import observed
from lib.observed import NOTHING, Sequence, some, together


ORDER_MAX = 10


def blocks_text(blocks):
    """Free blocks for people: `order 2: 4 12   order 0: 9`."""
    orders = sorted({order for _, order in blocks})
    return "   ".join("order %d: %s" % (k, " ".join(str(f) for f, o in sorted(blocks) if o == k)) for k in orders) or "none"


class Lists:
    """The free lists of one observation: the lines `list` before a line `counts`."""

    def __init__(self, s, rows, counts):
        self.s = s
        self.blocks = [(frame, row[0]) for row in rows if row.word == "list" for frame in row.numbers[1:]]
        broken = [row[0] for row in rows if row.word == "broken"]
        s.check(not broken, "the list of order %d is a list" % (broken or [0])[0], "nodes that lead back to the head",
                "a pointer out of the page array, or a circle that leaves out the head")
        twice = sorted(b for b in self.blocks if self.blocks.count(b) > 1)
        s.check(not twice, "a block stands on its list once", "once", "twice: " + blocks_text(twice))
        self.free, self.counts = counts[0], counts.numbers[1:]

    def check(self, when, blocks):
        """The lists are exactly these blocks, and the counters say the same."""
        s = self.s
        s.check(set(self.blocks) == blocks, "free lists after " + when, blocks_text(blocks - set(self.blocks)) + "   (missing)"
                if blocks - set(self.blocks) else "without what is listed below", blocks_text(set(self.blocks) - blocks)
                + "   (should not be there)" if set(self.blocks) - blocks else "they are on no list")
        s.equal("buddy->free after " + when, sum(1 << k for _, k in blocks), self.free)
        s.equal("buddy->blocks[] after " + when, [sum(k == n for _, k in blocks) for n in range(ORDER_MAX + 1)], self.counts)


def steps(s, found):
    """[(line, Lists or None)]: each alloc, free or setup with the lists observed behind it."""
    out, rows = [], []
    for line in found:
        if line.word in ("list", "broken"):
            rows.append(line)
        elif line.word == "counts":
            out[-1] = (out[-1][0], Lists(s, rows, line))
            rows = []
        elif line.word in ("setup", "alloc", "free"):
            out.append((line, None))
    return out


def hole_in(block, frame, order):
    """What is left of a free block when 2^order frames from `frame` on are taken: in blocks as large as can be."""
    first, have = block
    left = set()
    while have > order:
        have -= 1
        half = first + (1 << have)
        if frame >= half:
            left.add((first, have))
            first = half
        else:
            left.add((half, have))
    return left


def allocate(s, line, blocks, any_block=False):
    """Judges one allocation against the free blocks and returns those left."""
    want, frame, order, state = line
    fits = [b for b in blocks if b[1] >= want]
    when = "buddy_alloc(order %d), free blocks being %s" % (want, blocks_text(blocks))
    if not fits:
        s.check(frame == NOTHING, when, "NULL", "frame %d" % frame)
        return blocks
    s.check(frame < NOTHING - 1, when, "a block", "NULL" if frame == NOTHING else "something that is no frame")
    inside = [b for b in fits if b[0] <= frame and frame + (1 << want) <= b[0] + (1 << b[1])]
    s.check(inside and frame % (1 << want) == 0, when, "%d aligned frames inside one free block" % (1 << want), "frame %d" % frame)
    s.check(order == want, "the first frame of the block remembers its order", want, order)
    s.check(state == USED, "frame %d is in use" % frame, STATES[USED], STATES[min(state, 5)])
    if not any_block:
        least = min(k for _, k in fits)
        s.check(inside[0][1] == least, when, "the smallest block that suffices is used: one of order %d" % least,
                "frame %d, out of a block of order %d" % (frame, inside[0][1]))
    return blocks - {inside[0]} | hole_in(inside[0], frame, want)


def drawn_split(seed):
    """The orders asked for by `lab1-split`."""
    draw = Sequence(seed)
    draw.below(64)
    for _ in range(4):
        order = draw.below(9)
        draw.below(512 >> order)
    return [draw.below(8) for _ in range(30)]


def run_split(s):
    seed, found = observed.run(s, "lab1-split")
    done = steps(s, found)
    s.equal("orders of this seed", drawn_split(seed), [line[0] for line, _ in done if line.word == "alloc"])
    return found, done


@lab1("lab1-buddy-split", exercise="1.3", look="buddy_alloc: the halves that are not handed out, and what the first frame remembers")
def buddy_split(s):
    """A larger block is split in halves, and the halves go to the lists of their orders."""
    _, done = run_split(s)
    blocks = set(done[0][1].blocks)
    for line, lists in done[1:]:
        blocks = allocate(s, line, blocks, any_block=True)
        lists.check("buddy_alloc(order %d) gave frame %s" % (line[0], line[1] if line[1] < NOTHING else "NULL"), blocks)


@lab1("lab1-buddy-smallest", exercise="1.3", look="buddy_alloc: at which order does the search begin, which way does it go?")
def buddy_smallest(s):
    """The smallest block that suffices is used; a block that is too small never."""
    _, done = run_split(s)
    for (line, _), (_, before) in zip(done[1:], done):
        allocate(s, line, set(before.blocks))


@lab1("lab1-buddy-exhaust", exercise="1.3", look="buddy_alloc: what happens when no list has a block, or the order is too large?")
def buddy_exhaust(s):
    """All frames are handed out, each once, then NULL."""
    _, found = observed.run(s, "lab1-exhaust")
    done = steps(s, found)
    blocks, taken = set(done[0][1].blocks), {}
    for line, lists in done[1:]:
        order, frame = line[0], line[1]
        if order > ORDER_MAX:
            s.check(frame == NOTHING, "buddy_alloc(order %d): the largest is %d" % (order, ORDER_MAX), "NULL", "frame %d" % frame)
            continue
        blocks = allocate(s, line, blocks, any_block=True)
        for f in range(frame, frame + (1 << order)) if frame != NOTHING else ():
            s.check(f not in taken, "frame %d is handed out once" % f, "once", "for %s and for %s" % (taken.get(f), order))
            taken[f] = order
    s.equal("frames handed out before NULL", 1024 + 512, len(taken))
    done[-1][1].check("the last one", set())
    for first, count, state in some(found, "states"):
        s.check(state == (USED if first in taken else RESERVED), "frames %d to %d" % (first, first + count - 1),
                STATES[USED if first in taken else RESERVED], STATES[min(state, 5)])


def joined(free, count):
    """The free blocks a set of free frames makes when everything is joined that can be."""
    blocks = {(f, 0) for f in free}
    for order in range(ORDER_MAX):
        for f, k in sorted(b for b in blocks if b[1] == order):
            if (f >> order) & 1 == 0 and (f, k) in blocks and (f + (1 << order), k) in blocks:
                blocks -= {(f, k), (f + (1 << order), k)}
                blocks.add((f, k + 1))
    return blocks


def check_joins(s, name):
    _, found = observed.run(s, name)
    done = steps(s, found)
    count = done[0][0][1]
    free = set()
    for line, lists in done[1:]:
        frame, order, refused = line
        when = "buddy_free(frame %d, order %d)" % (frame, order)
        s.check(not refused, when + " of a block in use", "it is accepted", "it is refused")
        free.update(range(frame, frame + (1 << order)))
        if lists:
            lists.check(when, joined(free, count))
    s.equal("frames given back in the end", count, len(free))
    for first, frames, state in some(found, "states"):
        s.check(state in (FREE, FREE_TAIL), "in the end frames %d to %d are free" % (first, first + frames - 1), "free",
                STATES[min(state, 5)])
    heads = {f for f, _ in joined(free, count)}
    for first, frames, state in some(found, "states"):
        for f in range(first, first + frames):
            s.check(state == (FREE if f in heads else FREE_TAIL), "the state of frame %d" % f,
                    STATES[FREE if f in heads else FREE_TAIL], STATES[state])


@lab1("lab1-buddy-join", exercise="1.4", look="buddy_free and free_buddy: the picture in kern/mm/buddy.h")
def buddy_join(s):
    """Blocks given back in any order are joined as far as can be, and no further."""
    check_joins(s, "lab1-join")


@lab1("lab1-buddy-edges", exercise="1.4", look="free_buddy: where does the last block's buddy lie?")
def buddy_edges(s):
    """The same with frames that end in the middle of a block."""
    check_joins(s, "lab1-edges")


REFUSALS = (
    "a free block, given back again", "the first frame of a free block", "a frame inside a free block",
    "a block, one half of which is free", "a frame in a CPU's cache", "a frame that is no RAM",
    "a block, the last frame of which is in a CPU's cache", "a block of order 1 at an odd frame",
    "a block not aligned to its size", "an order beyond the largest", "a block that ends behind the last frame",
    "a frame behind the last one",
)
RIGHT = ("a block in use", "a block at the very end", "a frame next to a free block")
AGAIN = ("a block given back a moment ago", "a part of that block", "the block at the very end, again")


@lab1("lab1-buddy-refuse", exercise="1.4", look="block_check: every frame of the block counts, not only the first")
def buddy_refuse(s):
    """What cannot be a used block is refused, and nothing changes; what is one is accepted."""
    _, found = observed.run(s, "lab1-refuse")
    done = steps(s, found)
    s.equal("frees tried", 18, len(done) - 1)
    before = set(done[0][1].blocks)
    for (line, lists), what, refuse in zip(done[1:], REFUSALS + RIGHT + AGAIN, [True] * 12 + [False] * 3 + [True] * 3):
        when = "buddy_free(frame %d, order %d): %s" % (line[0], line[1], what)
        s.check(bool(line[2]) == refuse, when, "it is %s" % ("refused" if refuse else "accepted"),
                "it is %s" % ("refused" if line[2] else "accepted"))
        if not refuse:
            before = joined({f + i for f, k in before for i in range(1 << k)}
                            | set(range(line[0], line[0] + (1 << line[1]))), 1500)
        if lists:
            lists.check(when, before)


@lab1("lab1-buddy-running", exercise="1.4", look="buddy_alloc and buddy_free together: `frames` in kmsh shows the lists")
def buddy_running(s):
    """200 allocations in the running kernel: disjoint, and nothing is lost or left in pieces."""
    seed, found = observed.run(s, "lab1-running")
    draw, held, want = Sequence(seed), set(), []
    for _ in range(200):
        slot, order = draw.below(16), draw.below(7)
        if slot in held:
            held.remove(slot)
        else:
            held.add(slot)
            want.append(order)
    s.equal("the orders of this seed", want, [line[0] for line in some(found, "took")])
    for order, address in some(found, "took"):
        s.check(address != NOTHING and address % (FRAME << order) == 0, "page_alloc(order %d)" % order,
                "a block aligned to its size", "NULL" if address == NOTHING else hex(address))
    before, after = some(found, "counts")
    s.equal("free frames before and after", before[0], after[0])
    s.equal("free blocks of orders 0 to 10 before and after", before.numbers[1:], after.numbers[1:])


@lab1("lab1-buddy-together", exercise="1.4", look="the tests above pass alone: what does a refused free leave behind?",
      needs=("lab1-buddy-join", "lab1-buddy-edges", "lab1-buddy-refuse"))
def buddy_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, buddy_refuse, buddy_join, buddy_refuse, buddy_edges)
