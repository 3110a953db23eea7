"""Reading the kernel's structures by type, for the `mach` commands; nothing here changes the target.

Types, variables and enumerators come from the debug information of kernel.elf, which is searched by itself:
user programs have types of the same names. at() and follow() fetch a structure in one piece, so what can
fail fails there, as Damage with a message; afterwards its members are plain values.
"""

import os

import gdb

ALL_ONES = (1 << 64) - 1        # IPC_PORT_DEAD


class Damage(Exception):
    """Something in the target is not what it should be; the text says what and where."""


# --- names of the kernel ---

def objfile():
    for found in gdb.objfiles():
        if found.is_valid() and os.path.basename(found.filename or "") == "kernel.elf":
            return found
    raise gdb.GdbError("kernel.elf is not loaded: start with `make gdb`")


def symbol(name, domain):
    kernel = objfile()
    found = kernel.lookup_global_symbol(name, domain) or kernel.lookup_static_symbol(name, domain)
    if found is None:
        raise gdb.GdbError("this kernel has no %s (another layer, or no debug information)" % name)
    return found


def type_of(name, _known={}):
    """`struct task`, `enum lock_rank`, `union ...` -> gdb.Type."""
    key = objfile().filename, name
    if key not in _known:
        _known[key] = symbol(name.split()[-1], gdb.SYMBOL_STRUCT_DOMAIN).type
    return _known[key]


def variable(name, kind=None):
    """A variable of the kernel; `kind`, the beginning of its type, tells static ones of one name apart."""
    if kind is None:
        return symbol(name, gdb.SYMBOL_VAR_DOMAIN).value()
    for found in gdb.lookup_static_symbols(name):
        if str(found.type).startswith(kind) and found.symtab.objfile == objfile():
            return found.value()
    raise gdb.GdbError("this kernel has no variable `%s %s`" % (kind, name))


def has_type(name):
    try:
        return type_of(name) is not None
    except gdb.GdbError:
        return False


def constant(enumerator):
    """The value of an enumerator."""
    return int(symbol(enumerator, gdb.SYMBOL_VAR_DOMAIN).value())


def enum_name(value, enum, prefix):
    """The enumerator of `enum X` with that value, without its prefix and in small letters."""
    for field in type_of(enum).fields():
        if field.enumval == int(value) and field.name.startswith(prefix):
            return field.name[len(prefix):].lower().replace("_", " ")
    return "%d?" % int(value)


def sibling_name(value, enumerator, prefix):
    """The same for an enum without a name that has the given enumerator."""
    for field in symbol(enumerator, gdb.SYMBOL_VAR_DOMAIN).type.fields():
        if field.enumval == int(value) and field.name.startswith(prefix):
            return field.name[len(prefix):].lower().replace("_", " ")
    return "%d?" % int(value)


def flag_names(value, enum, prefix):
    value = int(value)
    words = [f.name[len(prefix):].lower() for f in type_of(enum).fields() if f.enumval and value & f.enumval]
    return " ".join(words).replace("_", "-")


# --- structures ---

def at(kind, address, what=None):
    """The structure of type `kind` (name or gdb.Type) at an address, fetched."""
    kind = type_of(kind) if isinstance(kind, str) else kind
    address = int(address) & ALL_ONES
    what = what or str(kind)
    if address == 0:
        raise Damage("%s: NULL" % what)
    if address % kind.alignof:
        raise Damage("%s at 0x%x: not an address for it (alignment)" % (what, address))
    value = gdb.Value(address).cast(kind.pointer()).dereference()
    try:
        value.fetch_lazy()
    except gdb.MemoryError:
        raise Damage("%s at 0x%x: there is no memory" % (what, address)) from None
    return value


def follow(pointer, what=None):
    """What a pointer points to."""
    return at(pointer.type.strip_typedefs().target().unqualified(), int(pointer), what)


def element(array, index):
    """One element of an array variable, fetched alone."""
    kind = array.type.target()
    return at(kind.unqualified(), int(array.address) + index * kind.sizeof)


def address_of(value):
    return int(value.address) & ALL_ONES


def number(value):
    """A pointer or an integer without a sign."""
    return int(value) & ALL_ONES


def text(value):
    """A C string, an array or a pointer."""
    try:
        return value.string("latin-1", length=-1) if value.type.code == gdb.TYPE_CODE_ARRAY else \
            value.string("latin-1")
    except gdb.MemoryError:
        return "(a string at 0x%x, where there is no memory)" % number(value)


def offset_of(kind, member):
    return type_of(kind)[member].bitpos // 8


def each(head, kind, member):
    """The structures of type `kind` on a struct list, linked through `member`. Damage where it breaks."""
    end = address_of(head["head"])
    before, node, seen = end, number(head["head"]["next"]), set()
    while node != end:
        if node == 0 or node in seen:
            raise Damage("list at 0x%x: %s after 0x%x" % (end, "a circle" if node else "NULL", before))
        link = at("struct list_node", node, "list at 0x%x, after 0x%x: a node" % (end, before))
        if number(link["prev"]) != before:
            raise Damage("list at 0x%x: the node at 0x%x does not point back to 0x%x" % (end, node, before))
        seen.add(node)
        yield at(kind, node - offset_of(kind, member))
        before, node = node, number(link["next"])


def waiting(queue):
    """The threads on a struct waitq, longest waiter first."""
    for waiter in each(queue["waiters"], "struct waiter", "link"):
        yield follow(waiter["thread"], "waiter's thread")


def checked(kind, address, rank, what):
    """at() for structures with a spinlock `lock`, whose rank tells whether they are what somebody says."""
    value = at(kind, address, what)
    found = int(value["lock"]["rank"])
    if found != constant(rank):
        raise Damage("0x%x: no %s there (its lock would have rank %d, %s, not %d)" % (
            address_of(value), what, constant(rank), rank, found))
    return value


def rank_at(kind, address):
    """The rank of the lock that would be there, or None."""
    try:
        return int(at(kind, address)["lock"]["rank"])
    except Damage:
        return None


def radix(tree):
    """(index, pointer) of a struct radix, in order."""
    slots = type_of("struct radix_node")["slot"].type.range()[1] + 1
    bits = slots.bit_length() - 1

    def below(node, level, index):
        table = at("struct radix_node", node)["slot"]
        for slot in range(slots):
            pointer = number(table[slot])
            if pointer and level:
                yield from below(pointer, level - 1, (index << bits) + slot)
            elif pointer:
                yield (index << bits) + slot, pointer

    height = int(tree["height"])
    if number(tree["root"]):
        if not 0 < height * bits < 64 + bits:
            raise Damage("radix tree at 0x%x: height %d" % (address_of(tree), height))
        yield from below(number(tree["root"]), height - 1, 0)


def page_shift():
    """log2 of the page size: the page array ends with the frame that ends RAM."""
    info, frames = variable("bootinfo"), variable("frames", "struct buddy")
    top = max(int(r["base"]) + int(r["size"]) for r in
              (info["memory"][i] for i in range(int(info["memory_count"]))))
    last = int(frames["first"]) + int(frames["count"])
    for shift in range(10, 20):
        if top >> shift == last:
            return shift
    raise Damage("the array of frames is not set up (yet)")


# --- for people ---

def lock_note(lock):
    """` (locked by CPU 1)`, while somebody is changing what it guards."""
    if not lock["owner"]:
        return ""
    try:
        return " (locked by CPU %d)" % int(follow(lock["owner"])["number"])
    except Damage as damage:
        return " (its lock is damaged: %s)" % damage


def symbol_at(address):
    """`name+0x12`, or ``."""
    line = gdb.execute("info symbol 0x%x" % address, to_string=True)
    if line.startswith("No symbol"):
        return ""
    name, _, rest = line.partition(" in section ")[0].partition(" + ")
    return "%s+0x%x" % (name, int(rest)) if rest else name


def message_name(ident, _known={}):
    """` (fs_open)` for a protocol's message id, from the names conf/mig.py has written."""
    if not _known:
        _known[None] = ""
        path = os.path.join(os.environ.get("MACHR_PROGRAMS", ""), "gen", "messages.txt")
        if os.path.exists(path):
            with open(path) as f:
                _known.update((int(n), name) for n, name in (line.split() for line in f))
    name = _known.get(ident)
    return " (%s)" % name if name else ""


def guarded(function, *arguments):
    """Calls it; damage becomes a line and the command goes on with the next thing."""
    try:
        return function(*arguments)
    except Damage as damage:
        print("  !! %s" % damage)
        return None


# --- commands ---

class View:
    """Kernel memory must be readable: not attached, and user mode on aarch64, where QEMU reads with the
    rights of the selected CPU, are the two ways in which it is not. Other CPUs are tried, then it is
    said what to do; the selected one is restored."""

    def __enter__(self):
        self.before = gdb.selected_thread()
        if self.before is None:
            raise gdb.GdbError("not attached: first `make qemu-gdb` in another terminal, then `make gdb`")
        for thread in (self.before,) + gdb.selected_inferior().threads():
            thread.switch()
            if self.readable():
                return self
        self.before.switch()
        raise gdb.GdbError("every CPU is in user mode or before the kernel's page tables, and cannot read "
                           "kernel memory: stop in the kernel, as with `tbreak trap_dispatch`, `continue`")

    def __exit__(self, *_):
        if self.before.is_valid():
            self.before.switch()

    @staticmethod
    def readable():
        try:
            int(variable("bootinfo")["memory_count"])
            return True
        except gdb.MemoryError:
            return False


class Command(gdb.Command):
    """Base of `mach NAME`: subclasses have name, usage, about (one line), least, most and run(words...)."""
    usage, least, most = "", 0, 0
    known = []

    def __init__(self):
        self.__doc__ = "mach %s %s\n%s" % (self.name, self.usage, self.about)
        super().__init__("mach " + self.name, gdb.COMMAND_DATA)
        Command.known.append(self)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if self.most == 1 and len(words) > 1:       # an expression with spaces
            words = [argument]
        if not self.least <= len(words) <= self.most:
            raise gdb.GdbError("usage: mach %s %s" % (self.name, self.usage))
        with View():
            try:
                self.run(*words)
            except (Damage, gdb.error) as damage:
                raise gdb.GdbError("mach %s: %s" % (self.name, damage)) from None


def address_word(word, what):
    """An address somebody typed: a number, or any expression of GDB's."""
    try:
        return int(gdb.parse_and_eval(word)) & ALL_ONES
    except (gdb.error, ValueError) as problem:
        raise gdb.GdbError("%s: no address (of a %s): %s" % (word, what, problem)) from None


class Mach(gdb.Command):
    """mach COMMAND ...: looks at the kernel's structures; `mach help` lists the commands."""

    def __init__(self):
        super().__init__("mach", gdb.COMMAND_DATA, gdb.COMPLETE_COMMAND, True)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError("mach %s: no such command; `mach help` lists them" % argument.split()[0])
        show_help()


def show_help():
    for command in sorted(Command.known, key=lambda c: c.name):
        print("mach %-28s %s" % ((command.name + " " + command.usage).strip(), command.about))
    print("TASK is a number, a name, or an address; ADDR any expression, such as $x0 or &cpus[1].")


class MachHelp(gdb.Command):
    """mach help: lists the commands."""

    def __init__(self):
        super().__init__("mach help", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        show_help()


Mach()
MachHelp()
