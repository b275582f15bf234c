"""A servo bus behind a pseudo-terminal: the real SDKs and pyserial talk to it as to a cable."""

import contextlib
import os
import pty
import select
import threading
import tty
from collections.abc import Iterator
from pathlib import Path


class ServoBusEmulator:
    """Motors with registers; faults are put in from outside while it runs."""

    def __init__(self, link: Path, ids: tuple[int, ...]) -> None:
        """Plug a bus in at a link, as udev does under /dev/serial."""
        self.link = link
        self.registers = {motor: bytearray(256) for motor in ids}
        self.dead: set[int] = set()
        self.corrupt: dict[int, int] = {}
        """Motor -> how many of its answers come out torn."""
        self.garbage = b""
        """Comes before every answer."""
        self.slow = False
        """Whether answers are held back until deliver()."""
        self._held_back = b""
        self.noise = False
        """Whether it answers with endless noise."""
        self.written: list[tuple[int, int, bytes]] = []
        """Motor, address, bytes of every write."""
        self.frames = 0
        """Sync reads that were asked for."""
        self.plug_in()

    # Plugging

    def plug_in(self) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        path = os.ttyname(slave)
        self._slave = slave
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(path)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"bus {self.link.name}", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """Pull the USB cable: the port goes away."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._thread.join()
        self.link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def deliver(self) -> None:
        """Send the answers that were held back, late."""
        os.write(self._master, self._held_back)
        self.slow, self._held_back = False, b""

    # What kinds differ in

    def packets(self, buffer: bytearray) -> Iterator[tuple[int, int, bytes]]:
        """Take whole packets out of the buffer: motor, instruction, parameters."""
        raise NotImplementedError

    def answers(self, motor: int, instruction: int, parameters: bytes) -> Iterator[tuple[int, bytes]]:
        """Motor and packet of each answer."""
        raise NotImplementedError

    def place(self, ticks: dict[int, int]) -> None:
        """Turn motors to where they give these ticks."""
        raise NotImplementedError

    def ticks(self, motor: int) -> int:
        """What a motor gives now."""
        raise NotImplementedError

    def hold(self, motor: int, offset: int) -> None:
        """Put a homing offset into a motor."""
        raise NotImplementedError

    def _serve(self) -> None:
        buffer = bytearray()
        while not self._stopping.is_set():
            readable, _, _ = select.select([self._master], [], [], 0.005)
            if not readable:
                continue
            with contextlib.suppress(OSError):
                buffer += os.read(self._master, 4096)
            for motor, instruction, parameters in self.packets(buffer):
                for answering, packet in self.answers(motor, instruction, parameters):
                    self._send(answering, packet)

    def _send(self, motor: int, packet: bytes) -> None:
        if motor in self.dead or motor not in self.registers:
            return
        if self.corrupt.get(motor, 0) > 0:
            self.corrupt[motor] -= 1
            packet = packet[:-1] + bytes([packet[-1] ^ 0x55])
        if self.slow:
            self._held_back += packet
            return
        if self.noise:
            packet = bytes(range(1, 200)) * 4
        os.write(self._master, self.garbage + packet)
