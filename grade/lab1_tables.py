"""Exercises 1.5 and 1.6: page tables. The host walks the machine's own through the GDB stub."""

import re

from lab1_base import USED, lab1, run_to_panic
from lib import observed, pages, verdict
from lib.api import Reply, WrongOutput
from lib.observed import Sequence, some, together


KVA_SLOT = 384                          # of the root table: KVA_BASE's


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
        raise WrongOutput("an exercise is not solved yet", reply.command, "", reply.text)
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


@lab1("lab1-unmap-together", exercise="1.6", stub=True, look="the tests above pass alone: which entry or table does one leave to the next?",
      needs=("lab1-unmap-tables", "lab1-unmap-flush", "lab1-unmap-no-memory", "lab1-unmap-gone"))
def unmap_together(s):
    """The tests above one after the other on one machine, other seeds; the last one ends it."""
    together(s, unmap_tables, unmap_no_memory, unmap_flush, unmap_gone)
