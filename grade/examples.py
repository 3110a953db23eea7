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
example("ipc", lambda _: ["client: the sum of 1 to 4 is 10", "client: the sum of 1 to 10 is 55",
                          "client: request 7000 with 1000 numbers is refused", "client: request 7001 with 1 numbers is refused",
                          "server: nobody can send any more"])
example("pipeline", lambda _: ["2 dog", "3 fox", "4 the", "all three have ended well"])
example("signals", lambda _: ["the child was ended by signal 15: Terminated", "the alarm ended a read that nobody would have answered",
                              "a write to address 64 was caught"])
