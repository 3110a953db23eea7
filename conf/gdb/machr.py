"""GDB side of MACH_R, loaded by `make gdb`: settings, and every other *.py in this folder."""

import glob
import importlib
import os
import sys

import gdb

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
sys.dont_write_bytecode = True
for setting in ("confirm off", "pagination off", "history save off", "backtrace limit 100"):
    gdb.execute("set " + setting)
for script in sorted(glob.glob(os.path.join(here, "*.py"))):
    if os.path.basename(script) != "machr.py":
        importlib.import_module(os.path.basename(script)[:-3])
