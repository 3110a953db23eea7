"""`mach-user NAME` chooses whose symbols stand at 0x80000000: all programs are linked there, so only one
program's can be loaded at a time. The kernel's are always there.
"""

import glob
import os

import gdb

from kernel import Damage, element, follow, number, text, variable

FOLDER = os.path.realpath(os.environ["MACHR_PROGRAMS"])
KINDS = ("sys", "bin", "test", "boottest")
loaded = None                   # the program's file


def programs():
    """Program name -> file with its symbols."""
    found = {}
    for kind in reversed(KINDS):
        for path in glob.glob(os.path.join(FOLDER, kind, "*")):
            found[os.path.basename(path)] = path
    return found


def loaded_name():
    return os.path.basename(loaded) if loaded else None


class MachUser(gdb.Command):
    """mach-user NAME: load the symbols of a user program (msh, fs, ls ...); without NAME: which there are."""

    def __init__(self):
        super().__init__("mach-user", gdb.COMMAND_FILES)

    def complete(self, text, word):
        return [name for name in sorted(programs()) if name.startswith(word)]

    def invoke(self, argument, from_tty):
        global loaded
        found = programs()
        if not argument:
            print("programs: %s\nloaded: %s" % (" ".join(sorted(found)), loaded or "none"))
            return
        if argument not in found:
            raise gdb.GdbError("no program %s; there are: %s" % (argument, " ".join(sorted(found))))
        if loaded:
            gdb.execute("remove-symbol-file " + loaded, to_string=True)
            loaded = None
        gdb.execute("add-symbol-file " + found[argument], to_string=True)
        loaded = found[argument]
        print("0x80000000 and up: symbols of %s" % argument)


def tell_owner(event, told=[None]):
    """At a stop, once in a row: the selected CPU runs another program than the one whose symbols are loaded."""
    try:
        cpu = element(variable("cpus"), gdb.selected_thread().num - 1)
        task = follow(follow(cpu["thread"])["task"])
        name = text(task["name"])
        if number(cpu["thread"]) == number(cpu["idle_thread"]) or not task["map"] or name == loaded_name():
            name = None
    except (Damage, gdb.error, gdb.GdbError):
        return                  # too early, or in user mode on aarch64, where kernel memory cannot be read
    if name and name != told[0] and name in programs():
        print("CPU %d runs %s: `mach-user %s` loads its symbols" % (cpu["number"], name, name))
    told[0] = name


MachUser()
gdb.events.stop.connect(tell_owner)
if "init" in programs():
    gdb.execute("mach-user init")
