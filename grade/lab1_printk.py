"""Exercise 1.1: printk."""

import re

from lab1_base import lab1
from lib import observed
from lib.observed import some


FORMAT = re.compile(r"%([-0+ #]*)(\d*)(?:\.(\d*))?(hh|h|ll|l|z)?([diuxXos])")
BITS = {"hh": 8, "h": 16, None: 32, "l": 64, "ll": 64, "z": 64}


def in_field(flags, width, text):
    return text.ljust(width) if "-" in flags else text.rjust(width)


def printed(form, value):
    """What C's printf makes of one conversion: value is a number, or bytes for %s."""
    flags, width, precision, size, kind = FORMAT.fullmatch(form).groups()
    width, exact = int(width or 0), None if precision is None else int(precision or 0)
    if kind == "s":
        return in_field(flags, width, value.decode("latin-1")[:exact])
    bits = BITS[size]
    value &= (1 << bits) - 1
    sign = ""
    if kind in "di":
        if value >> (bits - 1):
            value, sign = (1 << bits) - value, "-"
        else:
            sign = "+" if "+" in flags else " " if " " in flags else ""
    elif kind in "xX" and "#" in flags and value:
        sign = "0x"
    digits = {"x": "%x", "X": "%X", "o": "%o"}.get(kind, "%d") % value if value or exact != 0 else ""
    digits = digits.rjust(exact or 0, "0")
    if "0" in flags and "-" not in flags and exact is None:
        digits = digits.rjust(width - len(sign), "0")
    return in_field(flags, width, sign + digits)


def check_formats(s, name, count):
    _, found = observed.run(s, name)
    rounds = some(found, "format")
    s.equal("formats tried", count, len(rounds))
    values = some(found, "value")
    for i, (form, argument, wrote) in enumerate(zip(rounds, some(found, "argument"), some(found, "wrote"))):
        form = form.text.decode()
        value = argument.text if form.endswith("s") else values[i][0]
        want = printed(form, value)
        shown = repr(value.decode()) if form.endswith("s") else "0x%x" % value
        got = wrote.text.split(b"\0", 1)[0].decode("latin-1")
        room = want[:47]
        s.check(got == room, "printk(\"%s\", %s)" % (form, shown), "\"%s\"" % room, "\"%s\"" % got)
        s.check(wrote[0] == len(want), "the length returned for printk(\"%s\", %s)" % (form, shown), len(want), wrote[0])
        s.check(wrote.text == room.encode() + b"\0", "one byte 0 behind the text, and nothing behind that", repr(room + "\0"),
                repr(wrote.text.decode("latin-1")))


@lab1("lab1-printk-numbers", exercise="1.1", look="put_number: the order is spaces, prefix, zeros, digits, spaces")
def printk_numbers(s):
    """Flags, width and precision of numbers in bases 8, 10 and 16."""
    check_formats(s, "lab1-numbers", 80)


@lab1("lab1-printk-sizes", exercise="1.1", look="signed_argument, unsigned_argument: what hh and h do to the value")
def printk_sizes(s):
    check_formats(s, "lab1-sizes", 60)


@lab1("lab1-printk-texts", exercise="1.1", look="put_string: precision first, then the spaces")
def printk_texts(s):
    check_formats(s, "lab1-texts", 60)
