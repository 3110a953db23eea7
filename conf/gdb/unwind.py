"""Lets `bt` go from the kernel through an entry (trap.S) to what was interrupted, mostly a user program.

The entry code has no call-frame information, and where it has called C the stack pointer is at the struct
trap_frame with all registers of the interrupted code. So every frame that has its pc in trap.S, but the
innermost, is unwound from there. User frames need the program's symbols (`mach-user`).
"""

import gdb
from gdb.unwinder import Unwinder, register_unwinder

from kernel import Damage, at, type_of


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class TrapUnwinder(Unwinder):
    # Members that GDB calls differently.
    NAMES = {"rflags": "eflags"}

    def __init__(self):
        super().__init__("trap entry")

    def __call__(self, pending):
        pc = int(pending.read_register("pc")) & ((1 << 64) - 1)
        if pending.level() == 0 or pc >> 63 == 0:
            return None
        place = gdb.find_pc_line(pc - 1)
        if place.symtab is None or not place.symtab.filename.endswith("/trap.S"):
            return None
        try:
            return self.unwind(pending, pc)
        except (Damage, gdb.error, gdb.GdbError):
            return None

    def unwind(self, pending, pc):
        sp = pending.read_register("sp")
        frame = at("struct trap_frame", sp)
        info = pending.create_unwind_info(FrameId(sp, gdb.Value(pc)))
        for field in type_of("struct trap_frame").fields():
            value, name = frame[field.name], self.NAMES.get(field.name, field.name)
            if value.type.code == gdb.TYPE_CODE_ARRAY:
                for i in range(value.type.range()[1] + 1):
                    self.save(pending, info, "%s%d" % (name, i), value[i])
            else:
                self.save(pending, info, name, value)
        return info

    @staticmethod
    def save(pending, info, name, value):
        """Members that are no registers (vector, error) are left out."""
        try:
            kind = pending.read_register(name).type
        except (ValueError, gdb.error):
            return
        info.add_saved_register(name, value.cast(kind) if kind.code != gdb.TYPE_CODE_FLAGS else
                                gdb.Value(int(value).to_bytes(8, "little")[:kind.sizeof], kind))


register_unwinder(None, TrapUnwinder(), replace=True)
