"""The examples of user/examples: each does what its head says, on the disk, from the shell."""

from lib import disk
from lib.api import test

BOTH = (1, 4)


def example(name, want, arguments=lambda s: "", points=1):
    """`want(s, arguments)` is what it prints, line by line."""
    @test("example-" + name, cpus=BOTH, disk=disk.graded, budget=60, points=points)
    def run(s):
        words = arguments(s)
        s.equal("what it prints", want(words), s.ok(("/examples/%s %s" % (name, words)).strip()).lines)


def hello(words):
    return (["hello, world"] + ['argument %d is "%s"' % (n, w) for n, w in enumerate(words.split(), 1)] +
            ["this goes to /dev/console"])


def pager(_):
    return ["pager: the object is in use", "pager: page 0 is asked for", "main: 12 * 12 = 144", "main: 13 * 13 = 169",
            "pager: page 5 is asked for", "main: 2561 * 2561 = %d" % 2561 ** 2, "main: 14 * 14 = 200",
            "pager: somebody made number 14 into 200", "pager: the object is no longer in use"]


example("hello", hello, lambda s: " ".join("%x" % s.random.getrandbits(30) for _ in range(3)))
example("threads", lambda _: ["the key is made once", "3 workers have ended", "1 + 2 + ... + 1000 = 500500"])
example("pager", pager)
