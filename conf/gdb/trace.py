"""mach trace: the kernel's record of events (kern/trace/trace.h), newest last, of all CPUs by time."""

import gdb

from kernel import (Command, Damage, at, enum_name, message_name, number, symbol_at, text,
                    variable)
from tasks import tasks

SHOWN = 40
TRAP_PREFIX = "call_"           # trap/dispatch_l2.c: the wrapper of trap NAME is call_NAME


def events():
    """(time, cpu, event), oldest first."""
    rings, found = variable("trace_rings"), []
    kept = int(variable("trace_ring_events"))
    for cpu in range(rings.type.range()[1] + 1):
        ring = rings[cpu]
        if not ring["events"]:
            continue
        count = int(ring["count"])
        kind = ring["events"].type.target().unqualified()
        for index in range(max(0, count - kept), count):
            event = at(kind, number(ring["events"]) + index % kept * kind.sizeof, "trace event")
            found.append((int(event["time"]), cpu, event))
    return sorted(found, key=lambda e: e[:2])


def trap_name(number_of_trap):
    table = variable("table", "trap_call")
    if number_of_trap > table.type.range()[1]:
        return "trap %d" % number_of_trap
    name = symbol_at(number(table[number_of_trap])).partition("+")[0]
    return name[len(TRAP_PREFIX):] if name not in ("", "call_unknown") else "trap %d" % number_of_trap


def hexa(value):
    """As C prints %#lx."""
    return "%#x" % value if value else "0"


def words(event, names):
    kind = enum_name(event["kind"], "enum trace_kind", "TRACE_")
    code, value, a, b, c = (int(event[member]) for member in ("code", "value", "a", "b", "c"))
    low, high = b & 0xffffffff, b >> 32
    if kind == "trap":
        return "trap %s %s %s %s" % (trap_name(code), hexa(a), hexa(b), hexa(c))
    if kind == "return":
        return "return %s: %s" % (trap_name(code), hexa(a))
    if kind == "send":
        fate = enum_name(code, "enum trace_fate", "TRACE_")
        return "send %d%s, %d bytes, label %d, to port 0x%x name %x: %s" % (
            value, message_name(value), low, c >> 32, a, high,
            "taken by thread %d" % (c & 0xffffffff) if fate == "taken" else fate)
    if kind == "receive":
        return "receive %d%s, %d bytes, seqno %d, label %d, at name %x" % (
            value, message_name(value), low, high, c >> 32, a)
    if kind in ("switch", "handoff"):
        return "%s to thread %d of %s" % (kind, a, names.get(b, "task%d" % b))
    if kind == "fault":
        access = "execute" if code & 4 else "write" if code & 2 else "read"
        return "fault at 0x%x, %s%s" % (a, access, "" if value else " by the kernel")
    if kind == "interrupt":
        which = enum_name(code, "enum trace_interrupt", "TRACE_")
        return "interrupt of line %d" % value if which == "device" else "interrupt: %s" % which
    raise Damage("an event of kind %s" % kind)


class Trace(Command):
    name, usage, about, most = "trace", "[COUNT]", "the record of traps, messages, switches (kmsh: trace on)", 1

    def run(self, word=str(SHOWN)):
        if not word.isdigit():
            raise gdb.GdbError("%s: no count of events" % word)
        names = {int(task["id"]): text(task["name"]) for task in tasks()}
        print("the record is %s" % ("on" if variable("trace_on") else "off"))
        found = events()
        for time, cpu, event in found[len(found) - min(int(word), len(found)):]:
            print("%5d.%09d %d %s.%d %s" % (time // 10**9, time % 10**9, cpu, names.get(
                int(event["task"]), "task%d" % event["task"]), event["thread"], words(event, names)))


Trace()
