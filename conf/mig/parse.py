"""Reads a .defs file into routines and types; every mistake is told as FILE:LINE: what."""

import re

SCALARS = set("""int8_t uint8_t int16_t uint16_t int32_t uint32_t int64_t uint64_t char int unsigned boolean_t bool
    natural_t integer_t kern_return_t vm_address_t vm_size_t vm_offset_t vm_prot_t vm_inherit_t phys_addr_t
    mach_msg_timeout_t security_token_t""".split())

# port type -> (right that arrives, how a client sends it as argument, how a server sends it as result; None: its choice)
PORTS = {
    "mach_port_send_t": ("PORT_SEND", "COPY_SEND", None),
    "mach_port_copy_send_t": ("PORT_SEND", "COPY_SEND", "COPY_SEND"),
    "mach_port_move_send_t": ("PORT_SEND", "MOVE_SEND", "MOVE_SEND"),
    "mach_port_make_send_t": ("PORT_SEND", "MAKE_SEND", "MAKE_SEND"),
    "mach_port_receive_t": ("PORT_RECEIVE", "MOVE_RECEIVE", "MOVE_RECEIVE"),
    "mach_port_send_once_t": ("PORT_SEND_ONCE", "MOVE_SEND_ONCE", "MOVE_SEND_ONCE"),
    "mach_port_make_send_once_t": ("PORT_SEND_ONCE", "MAKE_SEND_ONCE", "MAKE_SEND_ONCE"),
}

BODY_MAX, RIGHTS_MAX, DESCRIPTORS_MAX, REPLY_OFFSET = 8192, 16, 16, 100

# names the generated functions use themselves
RESERVED = {"rq", "kr", "msg", "in", "wire_size", "wire_rest", "result", "reply_port"}


class Error(Exception):
    pass


class Type:
    """kind: request scalar struct string fixed inline ool port ports; base: C type of an element; max: elements (None: any)"""

    def __init__(self, kind, base, max=None, port=None, dealloc=False):
        self.kind, self.base, self.max, self.port, self.dealloc = kind, base, max, port, dealloc
        self.variable = kind in ("inline", "string")
        self.descriptor = kind in ("ool", "port", "ports")
        self.counted = kind in ("inline", "ool", "ports")
        self.pointee = "void" if base == "uint8_t" else base


class Arg:
    def __init__(self, name, type, out):
        self.name, self.type, self.out = name, type, out


class Routine:
    def __init__(self, name, id, simple, args, comment):
        self.name, self.id, self.simple, self.comment = name, id, simple, comment
        self.request, self.args = args[0].name, args[1:]
        self.ins = [a for a in self.args if not a.out]
        self.outs = [a for a in self.args if a.out]


TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|<[^>\n]*>|[A-Za-z_]\w*|\d+|[^\s]", re.S)


class Parser:
    """parse() fills name, base (first message id), imports, routines (None: skipped id)."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        self.tokens, self.comments, pending = [], {}, None
        for m in TOKEN.finditer(self.text):
            if m.group().startswith(("/*", "//")) and len(m.group()) > 1:
                pending = m.group()
                continue
            if pending:
                self.comments[len(self.tokens)] = pending
                pending = None
            self.tokens.append((m.group(), m.start()))
        self.at = 0
        self.types = {"ool_data_t": Type("ool", "uint8_t")}
        self.name, self.base, self.imports, self.routines = None, 0, [], []

    # tokens

    def fail(self, what):
        at = min(self.at, len(self.tokens) - 1)
        line = 1 + self.text.count("\n", 0, self.tokens[at][1]) if self.tokens else 1
        raise Error(f"{self.path}:{line}: {what}")

    def peek(self):
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def next(self):
        token = self.peek() or self.fail("unexpected end of file")
        self.at += 1
        return token

    def back(self, what):
        """Fails at the token just taken."""
        self.at -= 1
        self.fail(what)

    def expect(self, wanted):
        if self.peek() != wanted:
            self.fail(f"'{wanted}' expected, found '{self.peek() or 'end of file'}'")
        self.at += 1

    def accept(self, wanted):
        if self.peek() == wanted:
            self.at += 1
            return True
        return False

    def word(self, what):
        if not re.fullmatch(r"[A-Za-z_]\w*", self.peek()):
            self.fail(f"{what} expected, found '{self.peek() or 'end of file'}'")
        return self.next()

    def number(self, what):
        if not self.peek().isdigit():
            self.fail(f"{what} expected, found '{self.peek() or 'end of file'}'")
        return int(self.next())

    # statements

    def parse(self):
        statements = {"subsystem": self.subsystem, "import": self.include, "type": self.typedef,
                      "routine": lambda: self.routine(False), "simpleroutine": lambda: self.routine(True),
                      "skip": lambda: self.routines.append(None)}
        while self.peek():
            self.comment = self.comments.get(self.at)
            statement = self.next()
            if self.name is None and statement != "subsystem":
                self.back("a protocol starts with 'subsystem NAME NUMBER;'")
            if statement not in statements:
                self.back(f"'{statement}' is not a statement ({', '.join(statements)})")
            statements[statement]()
            self.expect(";")
        if self.name is None:
            self.fail("no subsystem")
        if len(self.routines) > REPLY_OFFSET:
            self.fail(f"more than {REPLY_OFFSET} routines: request and reply ids would collide")
        return self

    def subsystem(self):
        if self.name is not None:
            self.back("a second subsystem")
        self.name = self.word("the subsystem's name")
        self.base = self.number("the subsystem's first message id")

    def include(self):
        if not self.peek().startswith("<"):
            self.fail("<HEADER> expected")
        self.imports.append(self.next())

    def typedef(self):
        name = self.word("the type's name")
        if name in self.types or name in SCALARS or name in PORTS:
            self.back(f"type '{name}' is defined already")
        self.expect("=")
        self.types[name] = self.type()

    def routine(self, simple):
        comment, name = self.comment, self.word("the routine's name")
        if any(r and r.name == name for r in self.routines):
            self.back(f"routine '{name}' is defined already")
        self.expect("(")
        args = [self.argument(simple, [])]
        while self.accept(";"):
            args.append(self.argument(simple, args))
        self.expect(")")
        routine = Routine(name, self.base + len(self.routines), simple, args, comment)
        self.check_rights(routine.ins)
        self.check_rights(routine.outs)
        self.routines.append(routine)

    def argument(self, simple, args):
        name = self.word("an argument")
        out = name == "out"
        if name in ("in", "out") and self.peek() != ":":
            name = self.word("the argument's name")
        elif name == "inout":
            self.back("'inout' is not supported: use an in and an out argument")
        used = {a.name + suffix for a in args for suffix in ("", "_count", "_type", "_part")} | RESERVED
        if used & {name, name + "_count", name + "_type", name + "_part"}:
            self.back(f"argument name '{name}' is used already, or by the generated code")
        self.expect(":")
        type = self.type()
        if (type.kind == "request") != (not args):
            self.back("the first argument, and only that, is the request port: mach_port_t "
                      "(others: mach_port_send_t, mach_port_receive_t, mach_port_send_once_t)")
        if out and (simple or not args):
            self.back("no out argument is possible here")
        return Arg(name, type, out)

    def check_rights(self, args):
        if sum(a.type.max for a in args if a.type.port) > RIGHTS_MAX:
            self.fail(f"more than {RIGHTS_MAX} rights in one message")
        if sum(a.type.descriptor for a in args) > DESCRIPTORS_MAX:
            self.fail(f"more than {DESCRIPTORS_MAX} descriptors in one message")

    # types

    def type(self):
        word = self.word("a type")
        if word == "struct":
            return Type("struct", "struct " + self.word("the struct's name"))
        if word == "c_string":
            self.expect("[")
            size = self.limit("the string's size")
            self.expect("]")
            return Type("string", "char", size)
        if word == "array":
            return self.array()
        if word == "mach_port_t":
            return Type("request", "mach_port_t")
        if word in PORTS:
            return Type("port", "mach_port_t", 1, PORTS[word])
        if word in SCALARS:
            return Type("scalar", word)
        if word in self.types:
            return self.types[word]
        return self.back(f"type '{word}' is not known")

    def array(self):
        self.expect("[")
        fixed, limit = not self.accept("*"), None
        if fixed or self.accept(":"):
            limit = self.number("the number of elements")
        self.expect("]")
        self.expect("of")
        element = self.type()
        if element.kind == "port" and not fixed:
            if limit is None or not 0 < limit <= RIGHTS_MAX:
                self.fail(f"an array of ports is array[*:N], N at most {RIGHTS_MAX}")
            self.accept("ool")
            return Type("ports", "mach_port_t", limit, element.port)
        if element.kind not in ("scalar", "struct"):
            self.fail("an array is of scalars, of structs or, if variable, of ports")
        if self.accept("ool"):
            if fixed:
                self.fail("out-of-line arrays are variable: array[*:N] or array[*]")
            return Type("ool", element.base, limit, dealloc=self.accept("dealloc"))
        if limit is None:
            self.fail("an inline array needs a limit: array[*:N]")
        self.fits(limit)
        return Type("fixed" if fixed else "inline", element.base, limit)

    def limit(self, what):
        return self.fits(self.number(what))

    def fits(self, count):
        if not 0 < count <= BODY_MAX:
            self.back(f"{count} elements: a message holds 1 to {BODY_MAX} bytes")
        return count
