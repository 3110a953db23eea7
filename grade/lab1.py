"""Lab 1: boot and physical memory (labs/lab1/README.md).

Each test runs a check of the kernel (`selftest lab1-NAME SEED`, kern/monitor/selftest_lab1*), which prints what happened, or looks at the
machine through the GDB stub; what must be true for the seed is computed here.
"""

import functools
import re

from lib import observed, pages, verdict
from lib.api import Lost, Reply, WrongOutput, test
from lib.observed import MASK, NOTHING, Sequence, some

FRAME = 4096
ORDER_MAX = 10
KVA_SLOT = 384                          # of the root table: KVA_BASE's
STATES = ("hole", "reserved", "free", "inside a free block", "used", "cached")
HOLE, RESERVED, FREE, FREE_TAIL, USED, CACHED = range(6)

lab1 = functools.partial(test, lab=1, layers=(1,), append="kmsh", budget=20)


# 1.1 printk

FORMAT = re.compile(r"%([-0+ #]*)(\d*)(?:\.(\d*))?(hh|h|ll|l|z)?([diuxXos])")
BITS = {"hh": 8, "h": 16, None: 32, "l": 64, "ll": 64, "z": 64}


def in_field(flags, width, text):
    return text.ljust(width) if "-" in flags else text.rjust(width)


def printed(form, value):
    """What C's printf makes of one conversion: value is a number, or bytes for %s."""
    flags, width, precision, size, kind = FORMAT.fullmatch(form).groups()
    width, exact = int(width or 0), None if precision is None else int(precision or 0)
    if kind == "s":
        return in_field(flags, width, value.decode("latin-1")[:exact])
    bits = BITS[size]
    value &= (1 << bits) - 1
    sign = ""
    if kind in "di":
        if value >> (bits - 1):
            value, sign = (1 << bits) - value, "-"
        else:
            sign = "+" if "+" in flags else " " if " " in flags else ""
    elif kind in "xX" and "#" in flags and value:
        sign = "0x"
    digits = {"x": "%x", "X": "%X", "o": "%o"}.get(kind, "%d") % value if value or exact != 0 else ""
    digits = digits.rjust(exact or 0, "0")
    if "0" in flags and "-" not in flags and exact is None:
        digits = digits.rjust(width - len(sign), "0")
    return in_field(flags, width, sign + digits)


def check_formats(s, name, count):
    _, found = observed.run(s, name)
    rounds = some(found, "format")
    s.equal("formats tried", count, len(rounds))
    values = some(found, "value")
    for i, (form, argument, wrote) in enumerate(zip(rounds, some(found, "argument"), some(found, "wrote"))):
        form = form.text.decode()
        value = argument.text if form.endswith("s") else values[i][0]
        want = printed(form, value)
        shown = repr(value.decode()) if form.endswith("s") else "0x%x" % value
        got = wrote.text.split(b"\0", 1)[0].decode("latin-1")
        room = want[:47]
        s.check(got == room, "printk(\"%s\", %s)" % (form, shown), "\"%s\"" % room, "\"%s\"" % got)
        s.check(wrote[0] == len(want), "the length returned for printk(\"%s\", %s)" % (form, shown), len(want), wrote[0])
        s.check(wrote.text == room.encode() + b"\0", "one byte 0 behind the text, and nothing behind that", repr(room + "\0"),
                repr(wrote.text.decode("latin-1")))


@lab1("lab1-printk-numbers", exercise="1.1", look="put_number: the order is spaces, prefix, zeros, digits, spaces")
def printk_numbers(s):
    """Flags, width and precision of numbers in bases 8, 10 and 16."""
    check_formats(s, "lab1-numbers", 80)


@lab1("lab1-printk-sizes", exercise="1.1", look="signed_argument, unsigned_argument: what hh and h do to the value")
def printk_sizes(s):
    check_formats(s, "lab1-sizes", 60)


@lab1("lab1-printk-texts", exercise="1.1", look="put_string: precision first, then the spaces")
def printk_texts(s):
    check_formats(s, "lab1-texts", 60)


# 1.2 memory map

def whole_frames(memory):
    """(first, end) of a range of RAM, in frames: those that lie in it wholly."""
    base, size = memory
    return (base + FRAME - 1) // FRAME, (base + size) // FRAME


def touched_frames(reserved):
    base, size = reserved
    return (base // FRAME, (base + size + FRAME - 1) // FRAME) if size else (0, 0)


def free_runs(memory, reserved):
    """[(first, end)]: the free frames of a memory map."""
    runs = []
    taken = [touched_frames(r) for r in reserved]
    for m in memory:
        at, end = whole_frames(m)
        edges = sorted({at, end} | {e for t in taken for e in t if at < e < end})
        free = [(a, b) for a, b in zip(edges, edges[1:]) if not any(t[0] <= a < t[1] for t in taken)]
        for a, b in free:
            if runs and runs[-1][1] == a and a != at:
                runs[-1] = (runs[-1][0], b)
            else:
                runs.append((a, b))
    return runs


def cut_run(first, end):
    """A run of frames in the largest aligned blocks: [(frame, order)]."""
    blocks = []
    while first < end:
        order = 0
        while order < ORDER_MAX and first % (2 << order) == 0 and first + (2 << order) <= end:
            order += 1
        blocks.append((first, order))
        first += 1 << order
    return blocks


def described(frame, memory, reserved):
    """Why a frame is what it is."""
    for r in reserved:
        a, b = touched_frames(r)
        if a <= frame < b:
            return "touched by the reserved range 0x%x + 0x%x" % r
    for m in memory:
        a, b = whole_frames(m)
        if a <= frame < b:
            return "free RAM"
    return "not wholly in RAM"


def check_map(s, memory, reserved, given):
    """Blocks given away for one memory map."""
    what = "\n".join("%s 0x%x + 0x%x" % (name, base, size) for name, ranges in (("memory", memory), ("reserved", reserved))
                     for base, size in ranges)
    free = set()
    for a, b in free_runs(memory, reserved):
        free.update(range(a, b))
    seen = set()
    for frame, order in given:
        s.check(order <= ORDER_MAX and frame % (1 << order) == 0, "every block is aligned to its size",
                "frame 0x%x at a multiple of 2^order\n%s" % (frame, what), "give(frame 0x%x, order %d)" % (frame, order))
        for f in range(frame, frame + (1 << order)):
            s.check(f in free, "frame 0x%x is %s" % (f, described(f, memory, reserved)), "not given away, with this map:\n" + what,
                    "give(frame 0x%x, order %d)" % (frame, order))
            s.check(f not in seen, "frame 0x%x is given once" % f, "once\n" + what, "twice")
            seen.add(f)
    missing = sorted(free - seen)
    s.check(not missing, "every free frame is given", "frame 0x%x, with this map:\n%s" % (missing[0] if missing else 0, what),
            "%d frames are never given, the first is 0x%x" % (len(missing), missing[0] if missing else 0))
    want = sorted(b for a, e in free_runs(memory, reserved) for b in cut_run(a, e))
    wrong = sorted(set(given) - set(want))
    s.check(not wrong, "blocks are as large as they can be", "with this map:\n" + what,
            "give(frame 0x%x, order %d)" % (wrong[0] if wrong else (0, 0)))


@lab1("lab1-memmap-ranges", exercise="1.2", look="memmap_free_blocks and its helpers; kern/mm/memmap.h says what is wanted")
def memmap_ranges(s):
    """Made-up maps: ranges that begin inside a frame, overlap, are empty, stand in any order."""
    _, found = observed.run(s, "lab1-maps")
    maps, now = [], None
    for line in found:
        if line.word == "memory" and (now is None or now[1] or now[2] or len(now[0]) == 2):
            now = ([], [], [])
            maps.append(now)
        if line.word in ("memory", "reserved", "give"):
            now[("memory", "reserved", "give").index(line.word)].append(tuple(line))
    s.equal("memory maps tried", 12, len([line for line in found if line.word == "end"]) and len(maps))
    for memory, reserved, given in maps:
        check_map(s, memory, reserved, given)


def check_machine(s, ram):
    """Every frame of the machine itself is what it should be. ram: bytes the machine has."""
    _, found = observed.run(s, "lab1-machine")
    memory = [tuple(m) for m in some(found, "memory")]
    reserved = [tuple(r) for r in some(found, "reserved")]
    total = sum(size for _, size in memory)
    s.check(ram - (2 << 20) <= total <= ram, "RAM according to bootinfo", "%d KB" % (ram >> 10), "%d KB" % (total >> 10))
    image = s.symbols.address("_end") - s.symbols.address("_text")
    s.check(any(size >= image for _, size in reserved), "the kernel's image is reserved", "0x%x bytes" % image, reserved)
    free = free_runs(memory, reserved)
    for first, count, state in some(found, "frames"):
        for f in range(first, first + count):
            is_free = any(a <= f < b for a, b in free)
            s.check((state == USED) == is_free, "frame 0x%x (address 0x%x) is %s" % (f, f * FRAME,
                    described(f, memory, reserved)), "handed to the allocator" if is_free else "kept out of the allocator",
                    "frames 0x%x to 0x%x are %s" % (first, first + count - 1, "the allocator's" if state == USED else STATES[state]))
    s.equal("frames the allocator was given", sum(b - a for a, b in free), some(found, "total")[0][0])


@lab1("lab1-memmap-machine", exercise="1.2", look="page_init in kern/mm/page.c calls memmap_free_blocks; `devices` shows the ranges")
def memmap_machine(s):
    """The machine's own map, with 128 MB."""
    check_machine(s, 128 << 20)


@lab1("lab1-memmap-odd", exercise="1.2", mem="77M", look="the machine has 77 MB: no multiple of the largest block")
def memmap_odd(s):
    check_machine(s, 77 << 20)


# 1.3, 1.4 buddy system

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


# 1.5, 1.6 page tables

def root_of(stub, arch):
    return stub.register("ttbr1_el1" if arch == "aarch64" else "cr3") & pages.ADDRESS


def table_entries(stub, table):
    data = stub.memory(table, 4096, physical=True)
    return [int.from_bytes(data[i:i + 8], "little") for i in range(0, 4096, 8)]


def tables_below(stub, arch, entry, level=0):
    """{(level, first page's index): physical address} of all tables that a root entry leads to, and {page index: entry}."""
    found, leaves = {}, {}

    def look(table, level, index):
        found[level, index] = table
        for i, e in enumerate(table_entries(stub, table)):
            if not e & 1:
                continue
            if level == 3:
                leaves[index * 512 + i] = e
            elif (e & 2) if arch == "aarch64" else not e & 0x80:
                look(e & pages.ADDRESS, level + 1, index * 512 + i)
    if entry & 1:
        look(entry & pages.ADDRESS, 1, KVA_SLOT)
    return found, leaves


def page_index(va):
    return va >> 12 & ((1 << 36) - 1)


def kva_tables(s):
    """What the machine's own tables say about KVA: (tables, leaves)."""
    stub = s.stub()
    try:
        entry = stub.word(root_of(stub, s.variant.arch) + 8 * KVA_SLOT, physical=True)
        return tables_below(stub, s.variant.arch, entry)
    finally:
        stub.detach()


def check_tables(s, want, when):
    """KVA is exactly {va: (pa, writable)}, with no table more than needed. Returns the tables."""
    arch = s.variant.arch
    tables, leaves = kva_tables(s)
    mine = {page_index(va): (va, pa, writable) for va, (pa, writable) in want.items()}
    for index, (va, pa, writable) in sorted(mine.items()):
        entry = leaves.get(index, 0)
        s.check(entry, "0x%x is mapped %s" % (va, when), "a page entry in the table of level 3", "none: `translate 0x%x` shows the walk" % va)
        s.check(entry & pages.ADDRESS == pa, "0x%x is mapped to the right frame %s" % (va, when), hex(pa), hex(entry & pages.ADDRESS))
        can_write = not entry >> 7 & 1 if arch == "aarch64" else bool(entry & 2)
        s.check(can_write == writable, "may 0x%x be written %s?" % (va, when), "yes" if writable else "no", "yes" if can_write else "no")
        user = entry >> 6 & 1 if arch == "aarch64" else entry >> 2 & 1
        s.check(not user, "0x%x is the kernel's alone" % va, "no user bit", hex(entry))
        s.check(entry >> (53 if arch == "aarch64" else 63) & 1, "0x%x is never executed by the kernel" % va, "execute-never", hex(entry))
        if arch == "x86_64":
            stub_path = [k for k in ((1, KVA_SLOT), (2, index >> 18), (3, index >> 9)) if k not in tables]
            s.check(not stub_path, "tables lead to 0x%x" % va, "three", stub_path)
    extra = sorted(set(leaves) - set(mine))
    s.check(not extra, "nothing else is mapped " + when, "no entry",
            "0x%x" % ((extra[0] << 12 | 0xffff << 48) if extra else 0))
    needed = {(3, index >> 9) for index in mine} | {(2, index >> 18) for index in mine}
    if mine or arch == "x86_64":        # there the table of level 1 is made at boot and stays
        needed.add((1, KVA_SLOT))
    left = sorted(set(tables) - needed)
    s.check(not left, "tables " + when, "none that is empty",
            "%d of level %s without a mapping below" % (len(left), "/".join(str(k[0]) for k in left)))
    return tables


def run_map(s):
    """Maps pages; returns (seed, {va: (pa, writable)}, lines)."""
    seed, found = observed.run(s, "lab1-map")
    want = {}
    for va, pa, prot, entered, value, read in some(found, "map"):
        s.check(entered, "pmap_kernel_enter(0x%x, ...)" % va, "true: there is memory for tables", "false")
        s.check(read == value, "what is read at 0x%x, right after it was mapped" % va, hex(value), hex(read))
        want[va] = (pa, bool(prot & 2))
    draw, vas = Sequence(seed), []
    for _ in range(40):
        gigabyte, table, page = draw.below(3), draw.below(3), draw.below(512)
        if draw.below(3) == 0:
            page = draw.below(2) * 511
        va = 0xffffc01000000000 + (gigabyte << 30) + (table << 21) + (page << 12)
        draw.below(2)
        if va not in vas:           # the same page again is skipped
            vas.append(va)
    s.equal("the addresses of this seed", [hex(va) for va in vas], [hex(line[0]) for line in some(found, "map")])
    return seed, want, found


@lab1("lab1-map-walk", exercise="1.5", stub=True,
      look="aarch64: leaf_slot, leaf_replace; x86_64: tables_make, pmap_enter. `translate ADDRESS` in kmsh prints a walk")
def map_walk(s):
    """40 pages: the host walks the machine's tables and finds each where it belongs."""
    _, want, _ = run_map(s)
    tables = check_tables(s, want, "after all were mapped")
    counted = {}
    for (level, index) in tables:
        if level > 1:
            counted[level - 1, index >> 9] = counted.get((level - 1, index >> 9), 0) + 1
    s.equal("tables of level 2 and 3", len({page_index(v) >> 9 for v in want}) + len({page_index(v) >> 18 for v in want}),
            sum(1 for k in tables if k[0] > 1))


def check_neighbours(s, found, when):
    s.check(some(found, "neighbour"), "there is a neighbour", "a line `neighbour`")
    for va, value, got in some(found, "neighbour"):
        s.equal("what is read at 0x%x, which stays mapped when %s" % (va, when), hex(value), hex(got))


@lab1("lab1-map-replace", exercise="1.5", look="aarch64: leaf_replace; x86_64: entry_replaced. The CPU remembers the old entry")
def map_replace(s):
    """Another frame at an address that is in use: what is read is the new frame's."""
    _, found = observed.run(s, "lab1-replace")
    s.check(len(some(found, "read")) >= 6, "all exchanges were made", "6 at least", len(some(found, "read")))
    check_neighbours(s, found, "another page was mapped again")
    for va, old, new, before, after in some(found, "read"):
        s.equal("what is read at 0x%x through the first mapping" % va, hex(old), hex(before))
        s.check(after == new, "what is read at 0x%x after another frame was mapped there" % va, hex(new),
                "%s%s" % (hex(after), ", which is the old frame's: the TLB still knows the old entry" if after == old else ""))


def run_to_panic(s, line):
    """Runs a command after which the machine should end. Returns (verdict, why, lines observed), or the Reply if it goes on."""
    try:
        return s.run(line)
    except Lost:
        known = s.evidence()
        text = known.text[known.since:]
        s.last = Reply(line, text, -1, "kmsh")          # what failing checks show
        return verdict.explain(known) + (observed.lines(s.last.text),)


def ends_in_fault(s, name, kind):
    """Runs a check that must end in a kernel fault at the address it said."""
    ended = run_to_panic(s, "selftest %s %d" % (name, s.random.getrandbits(48) | 1))
    if not isinstance(ended, Reply):
        told, why, found = ended
        touched = some(found, "touch")
        s.check(touched, "the check came to its last access", "a line `touch`", "\n".join(why))
        at = re.search(r" at (0x[0-9a-f]+), pc", why[0]) if why else None
        s.check(told == verdict.PANIC and at, "a %s 0x%x" % (kind, touched[0][0]), "a fault of the kernel", "\n".join(why))
        s.equal("the address of the fault", hex(touched[0][0]), at.group(1))
        return
    reply = ended
    if reply.rc == 125:
        raise WrongOutput("the exercise is not solved yet", reply.command, "", reply.text)
    raise WrongOutput("a %s that must fault" % kind, reply.command, "a fault: the mapping does not allow it any more",
                      "no fault: the TLB still knows the old entry, or the entry was not changed\n" + reply.text)


@lab1("lab1-map-rights", exercise="1.5", stub=True, look="the same functions: other rights for a page that stays")
def map_rights(s):
    """A page mapped again with more rights can be written."""
    _, found = observed.run(s, "lab1-rights")
    (va, pa, first, second), (value, got) = some(found, "rights")[0], some(found, "wrote")[0]
    s.equal("pmap_kernel_enter, twice", (1, 1), (first, second))
    s.equal("what is in the frame after a write through 0x%x" % va, hex(value), hex(got))
    check_tables(s, {va: (pa, True)}, "after it was mapped again with more rights")


@lab1("lab1-map-narrow", exercise="1.5", look="the same functions: fewer rights for a page that stays; the old entry must be flushed")
def map_narrow(s):
    """A page mapped again read-only cannot be written any more."""
    ends_in_fault(s, "lab1-narrow", "write to a page that was mapped again read-only, at")


@lab1("lab1-unmap-tables", exercise="1.6", stub=True,
      look="aarch64: remove_from, slot_clear; x86_64: range_restrict, prune. A table goes when its count is 0")
def unmap_tables(s):
    """Exactly the pages of the ranges go, and with them the tables that are empty then, which become free frames."""
    _, want, _ = run_map(s)
    before = check_tables(s, want, "after all were mapped")
    _, found = observed.run(s, "lab1-unmap")
    for start, end in some(found, "unmap"):
        want = {va: what for va, what in want.items() if not start <= va < end}
    after = check_tables(s, want, "after some were unmapped")
    check_freed(s, before, after)
    observed.run(s, "lab1-unmap-all")
    last = check_tables(s, {}, "after all were unmapped")
    check_freed(s, after, last)


def check_freed(s, before, after):
    """Table frames that are linked no more went back to the allocator."""
    for key in sorted(set(before) - set(after)):
        _, state, use, refs = frame_of(s, before[key])
        s.check(not (state == USED and use == 1), "the frame 0x%x of a table of level %d that was unlinked" % (before[key], key[0]),
                "given back to the allocator", "still in use as a page table, references %d" % refs)


def frame_of(s, address):
    reply = s.run("selftest lab1-frame %d" % address)
    return some(observed.lines(reply.text), "frame")[0]


@lab1("lab1-unmap-flush", exercise="1.6", look="aarch64: flush_finish; x86_64: flush_commit. One page, a few, more than single flushes")
def unmap_flush(s):
    """What was unmapped is forgotten: another frame mapped there is what is read."""
    _, found = observed.run(s, "lab1-flush")
    reads = some(found, "read")
    s.check(len(reads) > 40, "three rounds were made", "more than 40 pages", len(reads))
    check_neighbours(s, found, "its neighbour was unmapped")
    for va, gone in some(found, "unmapped"):
        s.check(gone, "0x%x after pmap_kernel_remove" % va, "no mapping", "still mapped")
    stale = [r for r in reads if r[4] == r[1]]
    for va, old, new, before, after in reads:
        s.equal("what is read at 0x%x through the first mapping" % va, hex(old), hex(before))
        s.check(after == new, "what is read at 0x%x after it was unmapped and another frame mapped" % va, hex(new),
                hex(after) + (", which is the old frame's: the TLB still knows the old entry (so with %d of %d pages)"
                              % (len(stale), len(reads)) if after == old else ""))


@lab1("lab1-unmap-gone", exercise="1.6", look="the same functions: the entry is cleared and flushed before pmap_remove returns")
def unmap_gone(s):
    """A page that was unmapped cannot be read any more."""
    ends_in_fault(s, "lab1-gone", "read of a page that was unmapped, at")


@lab1("lab1-unmap-no-memory", exercise="1.6", look="aarch64: enter_entry calls remove_range; x86_64: tables_make calls prune")
def unmap_no_memory(s):
    """Without memory for its tables a mapping is refused, and the tables made so far go."""
    _, found = observed.run(s, "lab1-no-memory")
    before, full, last = (line[0] for line in some(found, "tables"))
    s.check(not some(found, "full")[0][1], "pmap_kernel_enter with one frame left, when two tables are missing", "false", "true")
    s.equal("table frames after the refusal", before, full)
    s.check(some(found, "again")[0][1], "the same call when there is memory again", "true", "false")
    s.equal("table frames after that page was unmapped", before, last)


# 1.7 heap

CLASSES = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048, 4096, 8192)
ORDERS = (0,) * 13 + (1,)


def class_of(size):
    return next(i for i, c in enumerate(CLASSES) if c >= size)


@lab1("lab1-heap-objects", exercise="1.7", look="slab_create, slab_take, slab_give; the picture at the top of kern/mm/kalloc.c")
def heap_objects(s):
    """Objects are aligned, disjoint, keep what is written into them; frames are not shared between types and sizes."""
    _, found = observed.run(s, "lab1-objects")
    held, owner = {}, {}
    for line in some(found, "took", "gave"):
        if line.word == "gave":
            address, size, damaged = line
            s.check(not damaged, "an object of %d bytes at 0x%x holds what was written" % (size, address), "all of it",
                    "%d of %d words are different: somebody else had the memory too" % (damaged, size // 8))
            _, kind = held.pop(address)
            for frame in {address // FRAME, (address + size - 1) // FRAME}:
                owner[frame][1] -= 1
            continue
        address, size, kind = line
        length = CLASSES[class_of(size)]
        s.check(address, "kalloc_raw(%d)" % size, "memory", "NULL")
        s.check(address % 16 == 0, "objects of %d bytes are aligned" % size, "a multiple of 16", hex(address))
        for other, (bytes_, _) in held.items():
            s.check(address + length <= other or other + bytes_ <= address, "objects do not overlap",
                    "0x%x + %d is in use" % (other, bytes_), "0x%x + %d" % (address, length))
        for frame in {address // FRAME, (address + size - 1) // FRAME}:
            used = owner.setdefault(frame, [None, 0])
            s.check(not used[1] or used[0] == (kind, length), "a frame holds objects of one type and one size",
                    "type %d, %d bytes" % (used[0] or (0, 0)), "also type %d, %d bytes" % (kind, length))
            used[0], used[1] = (kind, length), used[1] + 1
        held[address] = (length, kind)
    before, after = (line[0] for line in some(found, "heap"))
    s.equal("frames of the heap before and after all this", before, after)
    s.check(len(some(found, "took")) > 300, "objects were taken", "more than 300", len(some(found, "took")))


def slab_rows(s):
    """[(bytes, count, frames one slab has, objects it holds, growth by step...)]"""
    _, found = observed.run(s, "lab1-slabs")
    rows = []
    for size, count, before, filled, half, again, empty in some(found, "frames"):
        order = ORDERS[class_of(size)]
        per = (FRAME << order) // CLASSES[class_of(size)]
        need = -(-count // per) << order
        rows.append((size, count, 1 << order, per, need, filled - before, half - before, again - before, empty - before))
    s.equal("sizes tried", 8, len(rows))
    return rows


@lab1("lab1-heap-packed", exercise="1.7", look="slab_create: a slab is cut into as many objects as fit; slab_take uses all of them")
def heap_packed(s):
    """Objects share frames: no more slabs than needed."""
    for size, count, slab, per, need, filled, _, again, _ in slab_rows(s):
        s.check(need <= filled <= need + slab, "frames for %d objects of %d bytes (%d fit into a slab of %d frame%s)"
                % (count, size, per, slab, "s" if slab > 1 else ""), "%d, one slab more at most" % need, filled)
        s.check(again <= filled + slab, "frames after every other object of %d bytes was given back and as many taken again" % size,
                "%d: slabs with free objects are used first" % filled, again)


@lab1("lab1-heap-returned", exercise="1.7", look="slab_give: when does a slab give its frames back?")
def heap_returned(s):
    """When all objects are given back, in any order, all frames are."""
    for size, count, slab, per, need, filled, half, again, empty in slab_rows(s):
        s.check(empty == 0, "frames that stay with the heap after all %d objects of %d bytes were given back" % (count, size), 0, empty)
        s.check(half <= filled, "frames after every other object was given back", "at most %d" % filled, half)


# 1.8 fault report, backtrace

@lab1("lab1-symbols", exercise="1.8", look="symbol_find: the last function at or below the offset, -1 before the first")
def symbols(s):
    """Addresses are named by the function they lie in."""
    _, found = observed.run(s, "lab1-symbols")
    s.equal("addresses asked for", 40, len(some(found, "symbol")))
    low, high = s.symbols.address("_text"), s.symbols.address("_etext")
    for line in some(found, "symbol"):
        want = s.symbols.where(line[0]) if low <= line[0] < high else "?"
        want = "?" if want.startswith("0x") else want           # before the first function
        s.check(line.text.decode() == want, "the name of 0x%x" % line[0], want, line.text.decode())


STACKS = {"whole": "a whole stack", "most": "a whole stack, with a limit on the frames wanted",
          "loop": "a record that leads to itself", "backwards": "a record that leads back down",
          "nowhere": "a record that leads to an address that is not mapped", "crooked": "a record that leads to an address not aligned",
          "user": "a record that leads to a user address"}


@lab1("lab1-backtrace-stacks", exercise="1.8", look="backtrace_walk: what it asks before it reads a record, what ends it")
def backtrace_stacks(s):
    """Made-up stacks, whole and damaged: every record is visited once, from the bottom; damage ends the walk."""
    _, found = observed.run(s, "lab1-stacks")
    stacks, now = [], None
    for line in found:
        if line.word == "stack":
            now = [line, [], [], None]
            stacks.append(now)
        elif line.word in ("record", "visit"):
            now[1 if line.word == "record" else 2].append(tuple(line))
        elif line.word == "walked":
            now[3] = line
    s.equal("stacks tried", 7, len(stacks))
    for line, records, visits, walked in stacks:
        what, (count, most) = STACKS[line.text.decode()], line
        want = [(i, pc) for i, (pc,) in enumerate(records)][:min(count, most)]
        s.check(visits == want, what + ": return addresses visited", " ".join("#%d 0x%x" % v for v in want),
                " ".join("#%d 0x%x" % v for v in visits) or "none")
        s.equal(what + ": the number returned, and of visits", [len(want), len(want)], walked.numbers)


def run_fault(s):
    """The check that ends in a fault. Returns (chain, write, address, why): what the seed says, and the panic's lines."""
    seed = s.random.getrandbits(48) | 1
    draw = Sequence(seed)
    left, write = 2 + draw.below(6), draw.below(2)
    address = 0xffffc02000000000 + 8 * draw.below(1 << 30)
    chain = [("lab_red", "lab_green", "lab_blue")[draw.below(3)] for _ in range(left)]
    ended = run_to_panic(s, "selftest lab1-fault %d" % seed)
    s.check(not isinstance(ended, Reply), "an access to 0x%x must fault" % address, "a panic")
    told, why, _ = ended
    s.check(told == verdict.PANIC, "a fault in the kernel ends in a panic", verdict.PANIC, told + "\n" + "\n".join(why))
    return chain, bool(write), address, why


@lab1("lab1-fault-report", exercise="1.8", look="fault_describe in kern/arch/ARCH/trap.c: which bit says that it was a write?")
def fault_report(s):
    """The report names what happened: read or write, and the address."""
    _, write, address, why = run_fault(s)
    kind = "write" if write else "read"
    s.check(re.match(r"panic: (page|data) fault \(%s\) at 0x%x, pc 0x" % (kind, address), why[0]),
            "the first line of the report, for a " + kind, "panic: WHAT (%s) at 0x%x, pc 0x..." % (kind, address), why[0])


@lab1("lab1-backtrace", exercise="1.8", look="backtrace_walk in kern/arch/ARCH/backtrace.c; `break panic_at`, then `backtrace` in GDB shows the truth")
def backtrace(s):
    """The frames of a panic are the calls that led to it."""
    chain, _, _, why = run_fault(s)
    want = ["lab_touch", "lab_next"] + [name for step in reversed(chain) for name in (step, "lab_next")]
    pcs = [int(m.group(1), 16) for m in (re.search(r"#\d+ +0x([0-9a-f]+)", line) for line in why[1:]) if m]
    got = [s.symbols.where(pc - (i > 0)).partition("+")[0] for i, pc in enumerate(pcs)]
    s.check(got[:len(want)] == want, "functions of the frames, the innermost first", " ".join(want), " ".join(got) or "no frames")
    said = [m.group(1) for m in (re.search(r"0x[0-9a-f]+ (\S+)$", line) for line in why[1:]) if m]
    names = [name.partition("+")[0] for name in said][:len(want)]
    s.check(names == want, "the names printed beside them", " ".join(want), " ".join(said))
    s.check(len(got) > len(want) and "kernel_main" in got, "the walk goes on up to kernel_main",
            " ".join(want) + " ... kernel_main", " ".join(got))
