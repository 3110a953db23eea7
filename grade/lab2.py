"""Lab 2: ports and scheduling (labs/lab2/README.md).

Each test runs a check of the kernel (`selftest lab2-NAME SEED`, kern/monitor/selftest_lab2*) or a program of the boot archive (`run
lab2_NAME PART SEED`, user/test/boot_lab2_*.c). They print what happened; what must be true for the seed is computed here.
"""

import lab2_names                       # noqa: F401  importing registers the tests
import lab2_rights                      # noqa: F401
import lab2_queue                       # noqa: F401
import lab2_switch                      # noqa: F401
import lab2_sched                       # noqa: F401
import lab2_exceptions                  # noqa: F401
import lab2_notify                      # noqa: F401
import lab2_race                        # noqa: F401
