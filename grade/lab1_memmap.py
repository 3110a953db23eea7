"""Exercise 1.2: from the memory map to free frames."""

from lab1_base import FRAME, STATES, USED, lab1
from lib import observed
from lib.observed import some


ORDER_MAX = 10


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
