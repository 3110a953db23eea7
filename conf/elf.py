"""Just enough ELF64 (little endian) for the build: sections and symbols of a linked file."""

import struct
from collections import namedtuple

Section = namedtuple("Section", "name type flags addr offset size link")
Symbol = namedtuple("Symbol", "name value size type bind section")

SHT_SYMTAB, SHT_NOBITS = 2, 8
SHF_WRITE, SHF_ALLOC, SHF_EXEC = 1, 2, 4
STT_NOTYPE, STT_FUNC = 0, 2
STB_LOCAL = 0


def cstring(data, offset):
    return data[offset:data.index(b"\0", offset)].decode()


def sections(data):
    """The section table; names resolved."""
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a little-endian ELF64 file")
    shoff, = struct.unpack_from("<Q", data, 0x28)
    entsize, count, names = struct.unpack_from("<HHH", data, 0x3a)
    raw = []
    for i in range(count):
        name, kind, flags, addr, offset, size, link = struct.unpack_from(
            "<IIQQQQI", data, shoff + i * entsize)
        raw.append(Section(name, kind, flags, addr, offset, size, link))
    strings = raw[names].offset
    return [s._replace(name=cstring(data, strings + s.name)) for s in raw]


def symbols(data):
    """All symbols that are defined in a section."""
    table = sections(data)
    found = []
    for tab in table:
        if tab.type != SHT_SYMTAB:
            continue
        strings = table[tab.link].offset
        for at in range(tab.offset, tab.offset + tab.size, 24):
            name, info, _, index, value, size = struct.unpack_from("<IBBHQQ", data, at)
            if 0 < index < len(table):
                found.append(Symbol(cstring(data, strings + name), value, size,
                                    info & 15, info >> 4, table[index]))
    return found


def functions(data):
    """Address -> name of each function, and of each exported assembly label in executable sections."""
    found = {}
    for s in symbols(data):
        if not s.section.flags & SHF_EXEC or not s.name:
            continue
        label = s.type == STT_NOTYPE and s.bind != STB_LOCAL and s.name[0] not in "_$."
        if s.type == STT_FUNC or (label and s.value not in found):
            found[s.value] = s.name
    return found
