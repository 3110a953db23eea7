"""Exercise 2.7: exceptions as messages."""

from lab2_base import compare, lab2, program
from lib.observed import Sequence, some, together


EXC_BAD_ACCESS, RAISE, HOLE = 1, 2401, 0x600000000000
PROTECTION_FAILURE, INVALID_ADDRESS = 2, 1
NOBODY, THREAD, TASK = range(3)
WHO = ("nobody", "the thread's handler", "the task's handler")
ANSWERS = ("KERN_FAILURE", "a reply of another id", "a reply without a code", "the reply right dropped", "the handler's port destroyed")


def check_asked(s, line, who, what):
    s.check(line[0] == who, "%s: who is asked" % what, WHO[who], WHO[line[0]] if line[0] < 3 else line[0])
    s.equal("%s: the message's id" % what, RAISE, line[1])
    s.check(line[2], "%s: the right to the thread" % what, "the thread that faulted", "another")
    s.check(line[3], "%s: the right to the task" % what, "its task", "another")
    s.equal("%s: the sender's label, the kernel's" % what, 0, line[4])
    s.equal("%s: the reply right is a send-once right" % what, 18, line[5])


def check_exception(s, line, want_code, address, what):
    compare(s, what, ("exception", "code", "subcode"), [(EXC_BAD_ACCESS, want_code, address)], [line])


@lab2("lab2-exception-message", exercise="2.7", look="make_message: two rights, three numbers; who answers 0 resumes the thread")
def exception_message(s):
    """What the handler is told; the thread goes on when the cause is gone."""
    seed, found = program(s, "exception", "message")
    draw = Sequence(seed)
    faults, asked, told_, resumed = (some(found, w) for w in ("fault", "asked", "exception", "resumed"))
    s.equal("faults", 4, len(faults))
    for i, line in enumerate(faults):
        at = HOLE + 8 * draw.below(500)
        what = "a write to 0x%x, %s" % (at, "where nothing is" if i == 0 else "which may only be read")
        s.equal("the address of this seed", at, line[0])
        check_asked(s, asked[i], THREAD, what)
        s.check(len(told_) > i, what + ": exception, code and subcode", "a message", "none")
        check_exception(s, told_[i], INVALID_ADDRESS if i == 0 else PROTECTION_FAILURE, at, what)
        compare(s, what + ", mended and answered with 0", ("thread went on", "and came to its end"), [(1, 1)], [resumed[i]])


@lab2("lab2-exception-chain", exercise="2.7", look="exception_raise: thread, task, end. Whatever is not a proper 0 counts as not handled")
def exception_chain(s):
    """First the thread's handler, then the task's, then the task ends; which answers pass it on."""
    seed, found = program(s, "exception", "chain")
    first = Sequence(seed).below(5)
    asked = some(found, "asked")
    s.check(len(asked) >= 2, "a fault in another task", "two handlers are asked", "%d" % len(asked))
    check_asked(s, asked[0], THREAD, "a fault in another task")
    check_asked(s, asked[1], TASK, "after its thread's handler refused")
    compare(s, "a fault that nobody handles", ("the task ended", "the thread too"), [(1, 1), (1, 1)], some(found, "ended"))
    s.equal("answers tried", [(first + i) % 5 for i in range(5)], [line[0] for line in some(found, "answer")])
    for i, resumed in enumerate(some(found, "resumed")):
        what = "the thread's handler gives: %s" % ANSWERS[(first + i) % 5]
        check_asked(s, asked[2 + 2 * i], THREAD, "before " + what)
        check_asked(s, asked[3 + 2 * i], TASK, what)
        compare(s, what + "; the task's handler sets the thread's registers and answers 0", ("thread went on", "at its new pc"), [(1, 7)], [resumed])


@lab2("lab2-exception-abort", exercise="2.7", look="await_reply: an abort ends the wait; the reply port goes with it")
def exception_abort(s):
    """thread_abort raises the exception anew and makes a late answer meet a dead name; so does the thread's end."""
    _, found = program(s, "exception", "abort")
    for i, line in enumerate(some(found, "asked")):
        check_asked(s, line, THREAD, ("a fault", "the same after thread_abort", "another fault")[min(i, 2)])
    compare(s, "after the abort", ("the first reply right is dead", "the second is another"), [(1, 1)], some(found, "late"))
    compare(s, "the second one answered", ("thread went on", "at its new pc"), [(1, 9)], some(found, "resumed"))
    compare(s, "thread_terminate while it waits for an answer", ("thread is gone", "the reply right is dead"), [(1, 1)], some(found, "killed"))


@lab2("lab2-exception-together", exercise="2.7", look="the tests above pass alone: which port or thread is left?",
      needs=("lab2-exception-message", "lab2-exception-chain", "lab2-exception-abort"))
def exception_together(s):
    """The tests above one after the other on one machine, other seeds: what one leaves behind, the next one meets."""
    together(s, exception_message, exception_chain, exception_abort)
