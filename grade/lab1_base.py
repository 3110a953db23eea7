"""What the files of lab 1's grader share."""

import functools

from lib import observed, verdict
from lib.api import Lost, Reply, test

FRAME = 4096
STATES = ("hole", "reserved", "free", "inside a free block", "used", "cached")
HOLE, RESERVED, FREE, FREE_TAIL, USED, CACHED = range(6)

lab1 = functools.partial(test, lab=1, layers=(1,), append="kmsh", budget=20)


def run_to_panic(s, line):
    """Runs a command after which the machine should end. Returns (verdict, why, lines observed), or the Reply if it goes on."""
    try:
        return s.run(line)
    except Lost:
        known = s.evidence()
        text = known.text[known.since:]
        s.last = Reply(line, text, -1, "kmsh")          # what failing checks show
        return verdict.explain(known) + (observed.lines(s.last.text),)
