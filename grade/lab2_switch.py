"""Exercise 2.4: the context switch."""

from lab2_base import compare, lab2
from lib import observed
from lib.observed import Sequence, some, together


VALUES = 12


def run_switch(s):
    seed, found = observed.run(s, "lab2-switch")
    return seed, found


@lab2("lab2-switch-registers", exercise="2.4", look="context_switch: which registers a C function must find as they were; the order of saving and loading")
def switch_registers(s):
    """Twelve values in each of two contexts survive eight switches; each learns who ran before."""
    seed, found = run_switch(s)
    for word, start, count in (("mine", seed, 4), ("other", seed ^ 0x5555, 3)):
        draw, lines = Sequence(start), some(found, word)
        s.equal("switches back to the context `%s`" % word, count, len(lines))
        for n, line in enumerate(lines):
            want = [draw.below(1 << 30) for _ in range(VALUES)]
            what = "context `%s`, after switch %d" % (word, n + 1)
            s.check(line[0], "%s: the result of context_switch" % what, "the thread that ran before (prev)", "something else")
            s.equal("%s: values that were in registers" % what, ["0x%x" % v for v in want], ["0x%x" % v for v in line.numbers[1:]])


@lab2("lab2-switch-begin", exercise="2.4", look="arch_thread_init, thread_begin: function and argument in two preserved registers, an aligned stack")
def switch_begin(s):
    """A new context begins in its function, with its argument, on its own stack."""
    _, found = run_switch(s)
    line = some(found, "begin")
    s.check(line, "the function of a new context", "is called", "is not")
    s.check(line[0][0], "its argument", "the one given to arch_thread_init", "another")
    s.check(line[0][1], "its stack", "the one given to arch_thread_init", "another")
    s.equal("its frame's address modulo 16", 0, line[0][2])
    s.check(line[0][3], "the chain of frames (x29, rbp)", "ends there", "goes on: backtraces would run into nothing")


@lab2("lab2-switch-frame", exercise="2.4", look="struct switch_frame, struct first_context: the debugger and `threads` find pc and frame pointer of a waiting thread there")
def switch_frame(s):
    """What is saved stands where others look for it."""
    _, found = run_switch(s)
    compare(s, "a new thread's saved context", ("frame pointer is 0", "return address is thread_begin"), [(1, 1)], some(found, "fresh"))
    compare(s, "a switched-away thread's saved context", ("return address is behind its call of context_switch", "frame pointer is in its stack"),
            [(1, 1)], some(found, "parked"))


@lab2("lab2-switch-together", exercise="2.4", look="the tests above pass once: what differs the second time?",
      needs=("lab2-switch-registers", "lab2-switch-begin", "lab2-switch-frame"))
def switch_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, switch_registers, switch_begin, switch_frame)
