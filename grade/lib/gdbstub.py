"""White-box looks through QEMU's GDB stub: registers, memory, breakpoints. `s.stub()` gives one.

While a Stub is attached the machine stands still except in run_to() and after detach().
"""

import re
import socket
import xml.etree.ElementTree


class StubError(Exception):
    """The stub refuses or is gone."""


class Stub:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.buffer = b""
        self.registers = None
        # Attaching stops the machine, which the stub may report before it answers.
        answer = self.ask("qSupported:xmlRegisters=i386,arm")
        while not answer.startswith("PacketSize"):
            answer = self._receive().decode("latin-1")

    # The remote protocol.

    def _byte(self):
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise StubError("the GDB stub is gone")
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def _receive(self):
        while self._byte() != b"$":
            pass
        data = b""
        while True:
            c = self._byte()
            if c == b"#":
                break
            data += c
        self._byte(), self._byte()
        self.socket.sendall(b"+")
        return data

    def _send(self, text):
        data = text.encode()
        self.socket.sendall(b"$%s#%02x" % (data, sum(data) & 255))

    def ask(self, text):
        self._send(text)
        return self._receive().decode("latin-1")

    def _checked(self, text):
        answer = self.ask(text)
        if re.fullmatch(r"E[0-9a-fA-F]{2}|E\..*", answer) or not answer:
            raise StubError("%s: %s" % (text, answer or "not supported"))
        return answer

    # What tests use.

    def _feature(self, name):
        text, part = "", "m"
        while part[:1] == "m":
            part = self._checked("qXfer:features:read:%s:%x,ff0" % (name, len(text)))
            text += part[1:]
        return re.sub(r"<!DOCTYPE.*?>|xi:", "", text, flags=re.S)

    def _numbers(self):
        """Register name -> (number, bits), from the target description."""
        found, number = {}, 0
        root = xml.etree.ElementTree.fromstring(self._feature("target.xml"))
        for include in root.iter("include"):
            part = xml.etree.ElementTree.fromstring(self._feature(include.get("href")))
            for reg in part.iter("reg"):
                number = int(reg.get("regnum", number))
                found[reg.get("name").lower()] = (number, int(reg.get("bitsize")))
                number += 1
        return found

    def register(self, name):
        """The value of a register of the current CPU (system registers too)."""
        if self.registers is None:
            self.registers = self._numbers()
        number, bits = self.registers[name.lower()]
        return int.from_bytes(bytes.fromhex(self._checked("p%x" % number))[:bits // 8], "little")

    def set_register(self, name, value):
        """Of the current CPU; one that sleeps sees it when the next interrupt wakes it."""
        if self.registers is None:
            self.registers = self._numbers()
        number, bits = self.registers[name.lower()]
        self._checked("P%x=%s" % (number, value.to_bytes(bits // 8, "little").hex()))

    def memory(self, address, size, physical=False):
        """Bytes of guest memory, by virtual or physical address; StubError where there is none."""
        self._checked("Qqemu.PhyMemMode:%d" % physical)
        data = b""
        while len(data) < size:
            part = min(size - len(data), 1024)
            data += bytes.fromhex(self._checked("m%x,%x" % (address + len(data), part)))
        return data

    def word(self, address, physical=False, size=8):
        return int.from_bytes(self.memory(address, size, physical), "little")

    def run_to(self, address, seconds=20):
        """Lets the machine run until it is about to execute `address`. Returns False if it does not."""
        self._checked("Z1,%x,1" % address)
        self._send("c")
        self.socket.settimeout(seconds)
        try:
            reached = self._receive()[:1] in (b"T", b"S")
        except socket.timeout:
            self.socket.sendall(b"\x03")
            self.socket.settimeout(20)
            self._receive()
            reached = False
        self.socket.settimeout(20)
        self._checked("z1,%x,1" % address)
        return reached

    def detach(self):
        """Lets the machine run on."""
        self.ask("D")
        self.socket.close()
