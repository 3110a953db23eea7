#!/usr/bin/env python3
"""The protocol generator: turns inc/proto/NAME.defs (MIG syntax, the subset below) into C for both sides of a protocol.

    mig.py --out DIR NAME.defs ...     DIR/NAME.h NAME_client.c NAME_server.h NAME_server.c
    mig.py --names FILE NAME.defs ...  FILE: one line "id name" per message, for traces; the kernel's own, which have no
                                       .defs, come from the constants of inc/mach (KERNEL_MESSAGES)

    subsystem NAME NUMBER;             the first routine has this message id, replies id + 100
    import <HEADER>;                   #include in the generated headers
    type NAME = TYPE;
    routine NAME(ARG; ...);            a call with a reply; the first ARG is the request port (mach_port_t)
    simpleroutine NAME(ARG; ...);      a message without a reply
    skip;                              leaves out one id

    ARG:  [in|out] NAME : TYPE
    TYPE: a scalar (int32_t ... vm_address_t) | struct NAME | c_string[MAX] | array[N] of T | array[*:MAX] of T
          | array[*:MAX] of T ool [dealloc] | ool_data_t (bytes out of line) | PORT | array[*:MAX] of PORT (out of line)
    PORT: mach_port_send_t receive_t send_once_t | mach_port_move_send_t make_send_t make_send_once_t (how a client gives it)

lib/mach/README.md says what the C functions look like and who owns what, mig/wire.py how a message is laid out.
"""

import argparse
import os
import re
import sys

from mig.client import client_files
from mig.parse import Error, Parser, REPLY_OFFSET
from mig.server import server_files


# Headers of inc/mach and how the constants that are message ids look there.
KERNEL_MESSAGES = (("notify.h", r"MACH_(NOTIFY_\w+)"), ("exception.h", r"(EXC_RAISE\w*?)_ID"),
                   ("memory_object.h", r"(MEMORY_OBJECT_\w+)_ID"), ("device.h", r"(DEVICE_\w+)_MSG_ID"))


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.replace(path + ".new", path)


def kernel_names():
    """(id, name) of what the kernel itself sends."""
    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "inc", "mach")
    for header, constant in KERNEL_MESSAGES:
        with open(os.path.join(folder, header), encoding="utf-8") as f:
            found = re.findall(r"(?m)^#define\s+" + constant + r"\s+(\d+)\b", f.read())
        if not found:
            raise Error(f"no message ids in inc/mach/{header}")
        yield from ((int(id), name.lower()) for name, id in found)


def names(protocols):
    lines = list(kernel_names())
    for p in protocols:
        for r in filter(None, p.routines):
            lines.append((r.id, r.name))
            if not r.simple:
                lines.append((r.id + REPLY_OFFSET, r.name + "_reply"))
    lines.sort()
    for (id, name), (id2, name2) in zip(lines, lines[1:]):
        if id == id2:
            raise Error(f"message id {id} is used by {name} and {name2}")
    return "".join(f"{id} {name}\n" for id, name in lines)


def main():
    options = argparse.ArgumentParser(description="MACH_R's protocol generator")
    options.add_argument("--out", metavar="DIR", help="where the generated C goes")
    options.add_argument("--names", metavar="FILE", help="message ids and routine names")
    options.add_argument("defs", nargs="+", metavar="NAME.defs")
    args = options.parse_args()
    try:
        protocols = [Parser(path).parse() for path in args.defs]
        if args.names:
            write(args.names, names(protocols))
        if args.out:
            os.makedirs(args.out, exist_ok=True)
            for p in protocols:
                for name, text in client_files(p) + server_files(p):
                    write(os.path.join(args.out, name), text)
    except (Error, OSError, UnicodeDecodeError) as e:
        sys.exit(f"mig.py: {e}")


if __name__ == "__main__":
    main()
