"""Lab 1: boot and physical memory (labs/lab1/README.md).

Each test runs a check of the kernel (`selftest lab1-NAME SEED`, kern/monitor/selftest_lab1*), which prints what happened, or looks at the
machine through the GDB stub; what must be true for the seed is computed here.
"""

import lab1_printk                      # noqa: F401  importing registers the tests
import lab1_memmap                      # noqa: F401
import lab1_buddy                       # noqa: F401
import lab1_tables                      # noqa: F401
import lab1_heap                        # noqa: F401
import lab1_faults                      # noqa: F401
