"""The kernel's own checks (`selftest NAME SEED`), judged by the host.

A check prints what it observes; what must be true for the seed is computed here. Its own opinion
(`NAME: N wrong`) is looked at too, but nothing passes because of it.
"""

import re

from lib.api import test
from lib.observed import Sequence

CUTS = (1, 2, 3)
HELD, STEPS = 24, 120
FRAME = 4096
HEAP_LIMITS = (64, 512, 4096, 8192, 40000)


def observed(s, name):
    """Runs a check with a seed of its own. Returns (seed, its reply)."""
    seed = s.random.getrandbits(48) | 1
    reply = s.ok("selftest %s %d" % (name, seed))
    s.check("selftest:" not in reply.text and "%s: 0 wrong" % name in reply.text, "the check itself is content",
            "%s: 0 wrong" % name, reply.text)
    return seed, reply


def in_ram(s, address, size):
    base = 0x40000000 if s.variant.arch == "aarch64" else 0
    return base <= address and address + size <= base + (128 << 20)


def planned_blocks(seed):
    """What the check `buddy` does: [("alloc" | "free", slot, order)]."""
    draw, held, plan = Sequence(seed), {}, []
    for _ in range(STEPS):
        slot = draw.below(HELD)
        if slot in held:
            plan.append(("free", slot, held.pop(slot)))
        else:
            held[slot] = draw.below(7)
            plan.append(("alloc", slot, held[slot]))
    return plan + [("free", slot, held[slot]) for slot in sorted(held)]


@test("selftest-buddy", layers=CUTS, append="kmsh", budget=10, points=3)
def selftest_buddy(s):
    """Blocks are aligned, in RAM, disjoint, given back where they came from, and joined again."""
    seed, reply = observed(s, "buddy")
    events = re.findall(r"(?m)^(alloc|free) (\d+) -> (0x[0-9a-f]+)$", reply.text)
    plan = planned_blocks(seed)
    s.equal("the steps of this seed", [(what, order) for what, _, order in plan],
            [(what, int(order)) for what, order, _ in events])
    held = {}
    for (what, slot, order), (_, _, address) in zip(plan, events):
        address, size = int(address, 16), FRAME << order
        if what == "free":
            s.equal("the block in slot %d" % slot, hex(held.pop(slot)[0]), hex(address))
            continue
        s.check(address % size == 0 and in_ram(s, address, size), "a block of order %d is aligned, in RAM" % order,
                "a multiple of 0x%x" % size, hex(address))
        for other, length in held.values():
            s.check(address + size <= other or other + length <= address, "blocks do not overlap",
                    "not 0x%x + 0x%x" % (other, length), hex(address))
        held[slot] = (address, size)
    before, after = re.findall(r"(?m)^blocks ([\d ]+)$", reply.text)
    s.equal("free blocks of each order, before and after", before, after)


@test("selftest-heap", layers=CUTS, append="kmsh", budget=10, points=2)
def selftest_heap(s):
    seed, reply = observed(s, "heap")
    draw, held, taken = Sequence(seed), set(), 0
    for _ in range(2000):
        slot = draw.below(HELD)
        if slot in held:
            held.remove(slot)
        else:
            draw.below(HEAP_LIMITS[draw.below(5)])
            held.add(slot)
            taken += 1
    found = re.search(r"(?m)^(\d+) blocks taken; heap (\d+) bytes before, (\d+) after$", reply.text)
    s.check(found, "the check says what it did", "N blocks taken; ...")
    s.equal("blocks of this seed", taken, int(found.group(1)))
    s.equal("the heap before and after", found.group(2), found.group(3))


@test("selftest-pmap", layers=CUTS, append="kmsh", budget=10, points=2)
def selftest_pmap(s):
    """Mappings stand where this seed puts them and leave no table behind."""
    seed, reply = observed(s, "pmap")
    maps = [(int(va, 16), int(pa, 16)) for va, pa in re.findall(r"(?m)^map (0x[0-9a-f]+) -> (0x[0-9a-f]+)$", reply.text)]
    draw = Sequence(seed)
    base = maps[0][0] if maps else 0
    s.equal("the addresses of this seed", [base] + [base + draw.below(1 << 18) * FRAME for _ in range(20)],
            [va for va, _ in maps])
    for va, pa in maps:
        s.check(pa % FRAME == 0 and in_ram(s, pa, FRAME), "0x%x is mapped to a frame" % va, "a frame of RAM", hex(pa))
        s.fails("translate 0x%x" % va)


FORMATS = (
    ("%d %i %u", "-7 7 7"), ("%5d|%-5d|%05d|%+d", "   42|42   |00042|+42"), ("%x %X %#x %o", "ff FF 0xff 17"),
    ("%ld", "-9223372036854775808"), ("%lu", "18446744073709551615"), ("%hhd %hhu", "-1 255"),
    ("%s|%5s|%-5s|%.2s", "abc|  abc|abc  |ab"), ("%c %d%%", "x 50%"), ("%*d|%.*d", "   7|007"),
    ("%#018lx", "0x0000000000000001"),
)


@test("selftest-printk", layers=(1, 3), append="kmsh", budget=10)
def selftest_printk(s):
    seed, reply = observed(s, "printk")
    for form, text in FORMATS:
        line = "format %s|%s|%d" % (form, text, len(text))
        s.check(line in reply.lines, "printk formats", line, reply.text)
    s.check("seed %d 0x%x" % (seed, seed) in reply.lines, "and what nobody could know", "seed %d 0x%x" % (seed, seed))


@test("selftest-string", layers=(1,), append="kmsh", budget=10)
def selftest_string(s):
    _, reply = observed(s, "string")
    s.check("500 moves" in reply.text, "all moves were made", "500 moves")


@test("selftest-all", layers=CUTS, cpus=(1, 4), append="kmsh", budget=60, points=2)
def selftest_all(s):
    """Every check there is, and no memory is missing afterwards."""
    s.ok("selftest all %d" % (s.random.getrandbits(40) | 1))
    before = s.ok("memory -q").text
    reply = s.ok("selftest all %d" % (s.random.getrandbits(40) | 1))
    s.check(not re.search(r": [1-9]\d* wrong", reply.text), "all are content", "0 wrong")
    s.equal("memory before and after", before, s.ok("memory -q").text)
