"""Test programs on four CPUs whose order of events is disturbed: `jitter=SEED` of a debug build (kern/sync/jitter.h).

Under icount a seed makes nearly the same run again: only what is typed comes by the host's clock. Other seeds: APPEND=jitter=N, which is
read first.
"""

from lib.api import test
from programs import run

PROGRAMS = ("ipc_stress", "ipc_queue", "ipc_notify", "ipc_task", "exception")
SEEDS = (1, 2, 3)


def disturbed(program, seed):
    @test("jitter-%s-%d" % (program.replace("_", "-"), seed), layers=(2,), cpus=(4,), append="kmsh jitter=%d" % seed, budget=120, debug=True)
    def boot_program(s):
        run(s, program)


for each in PROGRAMS:
    for number in SEEDS:
        disturbed(each, number)
