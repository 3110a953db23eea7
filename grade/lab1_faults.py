"""Exercise 1.8: fault report and backtrace."""

import re

from lab1_base import lab1, run_to_panic
from lib import observed, verdict
from lib.api import Reply
from lib.observed import Sequence, some, together


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


@lab1("lab1-faults-together", exercise="1.8", look="the tests above pass alone: what does one fault or walk leave behind?",
      needs=("lab1-symbols", "lab1-backtrace-stacks", "lab1-backtrace", "lab1-fault-report"))
def faults_together(s):
    """The tests above one after the other on one machine, other seeds; the last one ends it."""
    together(s, symbols, backtrace_stacks, symbols, backtrace)
