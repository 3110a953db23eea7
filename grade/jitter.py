"""Test programs on four CPUs whose order of events is disturbed: `jitter=SEED` of a debug build (kern/sync/jitter.h).

Under icount a seed makes nearly the same run again: only what is typed comes by the host's clock. Other seeds: APPEND=jitter=N, which is
read first.
"""

from lib.api import test
from programs import run

PROGRAMS = {"ipc_stress": (1,), "ipc_queue": (1, 2, 3), "ipc_notify": (1, 2, 3), "ipc_task": (1, 2, 3), "exception": (1, 2, 3),
            "thread_wait": (1, 2, 3)}  # and their seeds
RULES = {"thread_wait": " rule=abort_goes_on_while_the_task_is_suspended"}    # others of it take turns on busy CPUs for too long


def disturbed(program, seed):
    @test("jitter-%s-%d" % (program.replace("_", "-"), seed), layers=(2,), cpus=(4,), budget=120, debug=True,
          append="kmsh jitter=%d%s" % (seed, RULES.get(program, "")))
    def boot_program(s):
        run(s, program)


for each, seeds in PROGRAMS.items():
    for number in seeds:
        disturbed(each, number)
