"""Servo motors on a serial cable: what both kinds of bus share. Reads and torque off, never a goal.

A frame is one sync read of every motor. It is whole or it is dropped: no value of an earlier frame may pass as new,
which is what the SDKs do after a failed sync read. The SDKs spin on a port without a timeout and may read noise for
ever; here the port waits in the system, and every exchange has an end.
"""

import contextlib
import importlib
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from core.errors import DeviceLost, MissingPackage
from devices.leader.ports import open_trouble

try:
    from termios import error as TermiosError
except ImportError:  # Windows

    class TermiosError(Exception):  # type: ignore[no-redef]
        """Never raised."""


VANISHED: Final = (OSError, TermiosError)
"""What a port that went away raises; serial.SerialException is an OSError."""
READ_WAIT: Final = 0.002
"""Seconds that one read of the port waits in the system."""
SILENT_READS: Final = 17
"""Reads in a row that brought nothing, after which no answer comes any more: 34 ms, the SDKs' own patience. Counted in
reads and not by the clock, so that a machine that was busy elsewhere does not lose a motor whose answer lies there."""
DEADLINE: Final = 0.5
"""Seconds after which one exchange is given up, whatever comes in."""
TRIES: Final = 3
"""Of questions at the start, where nothing moves yet."""
TICKS: Final = 4096
"""Per turn, of every motor here."""


class FrameDropped(DeviceLost):
    """A frame was not whole: a motor is dead, or an answer was corrupt. The next one may be."""


class ServoBus:
    """An open bus. One thread uses it at a time."""

    library: ClassVar[str]
    """The SDK's module."""
    package: ClassVar[str]
    """Its name for pip."""
    protocol_version: ClassVar[float]
    position_register: ClassVar[tuple[int, int]]
    """Address and bytes."""
    offset_register: ClassVar[tuple[int, int]]
    torque_register: ClassVar[int]

    def __init__(self, path: str, baud: int, motors: Mapping[str, int]) -> None:
        """Open a port and switch the torque of the motors off.

        Args:
            path: of the port.
            baud: bits per second.
            motors: joint name -> id, in the order of the chain.

        Raises:
            DeviceLost: the port or a motor is not there, with the fix.
            MissingPackage: the SDK is not installed.
        """
        self.path, self.motors, self._baud = path, dict(motors), baud
        self._deadline, self._silence = 0.0, 0
        try:
            sdk = importlib.import_module(self.library)
        except ModuleNotFoundError as error:
            raise MissingPackage(
                f"Leader arms need the package {self.package!r}, which is not installed. Run `make env`."
            ) from error
        self._success: int = sdk.COMM_SUCCESS
        self._packet: Any = sdk.PacketHandler(self.protocol_version)
        self._port: Any = sdk.PortHandler(path)
        self._port.baudrate = baud
        self._open()
        try:
            self._find_motors()
            self._torque_off()
        except DeviceLost:
            self.close()
            raise

    # What the kinds of bus differ in

    def _decoded(self, raw: int, register: tuple[int, int]) -> int:
        """The number that a register holds, with its sign."""
        raise NotImplementedError

    def _ask(self, ids: list[int]) -> int:
        """Send one sync read of positions; the SDK's result."""
        raise NotImplementedError

    def reversed(self) -> dict[str, bool]:
        """Which motors count backwards because they are told so."""
        return dict.fromkeys(self.motors, False)

    # What they share

    def positions(self) -> dict[str, int]:
        """Ticks of every motor as it gives them, in one sync read.

        Raises:
            FrameDropped: an answer is missing or corrupt; the motor is named.
            DeviceLost: the port went away.
        """
        with self._exchange():
            self._port.ser.reset_input_buffer()  # a late answer to the last question is not an answer to this one
            if self._ask(list(self.motors.values())) != self._success:
                raise FrameDropped(f"The servo bus on {self.path} took no question. Check its cable and its power.")
            length, ticks = self.position_register[1], {}
            for name, motor in self.motors.items():
                data, result, _ = self._packet.readRx(self._port, motor, length)
                if result != self._success or len(data) != length:
                    raise FrameDropped(self._no_answer({name: motor}, self._packet.getTxRxResult(result)))
                ticks[name] = self._decoded(int.from_bytes(bytes(data), "little"), self.position_register)
            return ticks

    def offsets(self) -> dict[str, int]:
        """The homing offset that each motor holds, ticks.

        Raises:
            DeviceLost: a motor does not answer.
        """
        return {
            name: self._decoded(self._read(name, self.offset_register), self.offset_register) for name in self.motors
        }

    def close(self) -> None:
        """Close the port; a port that vanished is no error."""
        with contextlib.suppress(*VANISHED, AttributeError):
            self._port.closePort()

    def _open(self) -> None:
        try:
            if not self._port.openPort():
                raise DeviceLost(f"The serial port {self.path} does not know {self._baud} bits per second.")
            self._port.ser.timeout = READ_WAIT
            self._port.readPort = self._patient_read
            self._port.isPacketTimeout = lambda: self._silence >= SILENT_READS
            if os.name == "posix":
                self._port.ser.exclusive = True  # two programs on one bus would read each other's answers
        except VANISHED as error:
            self.close()
            raise DeviceLost(open_trouble(self.path, error)) from error

    def _patient_read(self, length: int) -> bytes:
        if time.monotonic() > self._deadline:
            raise FrameDropped(
                f"The servo bus on {self.path} gives noise instead of answers. Check its plugs, its power, and that "
                f"its motors speak {self._baud} bits per second."
            )
        data: bytes = self._port.ser.read(length)
        self._silence = 0 if data else self._silence + 1
        return data

    @contextlib.contextmanager
    def _exchange(self) -> Iterator[None]:
        """One question and its answers; a port that vanished becomes DeviceLost."""
        self._deadline, self._silence = time.monotonic() + DEADLINE, 0
        self._port.is_using = False  # the SDK leaves it set after an error
        try:
            yield
        except VANISHED as error:
            raise DeviceLost(
                f"The leader arm on {self.path} went away ({error}). Plug its USB cable in again; it "
                "reconnects by itself."
            ) from error

    def _find_motors(self) -> None:
        missing = {name: motor for name, motor in self.motors.items() if not self._pings(motor)}
        if len(missing) == len(self.motors):
            raise DeviceLost(
                f"No motor answers on {self.path}. Switch the arm's power supply on, check the cable to its first "
                f"motor, and that this is the right kind of arm ({self._baud} bits per second)."
            )
        if missing:
            raise DeviceLost(self._no_answer(missing, ""))

    def _pings(self, motor: int) -> bool:
        for _ in range(TRIES):
            with self._exchange():
                self._port.ser.reset_input_buffer()
                if self._packet.ping(self._port, motor)[1] == self._success:
                    return True
        return False

    def _torque_off(self) -> None:
        for name in self.motors:
            self._write(name, self.torque_register, 0)

    def _read(self, name: str, register: tuple[int, int]) -> int:
        address, length = register
        result = self._success
        for _ in range(TRIES):
            with self._exchange():
                self._port.ser.reset_input_buffer()
                data, result, _error = self._packet.readTxRx(self._port, self.motors[name], address, length)
                if result == self._success and len(data) == length:
                    return int.from_bytes(bytes(data), "little")
        raise DeviceLost(self._no_answer({name: self.motors[name]}, self._packet.getTxRxResult(result)))

    def _write(self, name: str, address: int, value: int) -> None:
        result = self._success
        for _ in range(TRIES):
            with self._exchange():
                self._port.ser.reset_input_buffer()
                result, _error = self._packet.write1ByteTxRx(self._port, self.motors[name], address, value)
                if result == self._success:
                    return
        raise DeviceLost(self._no_answer({name: self.motors[name]}, self._packet.getTxRxResult(result)))

    def _no_answer(self, missing: Mapping[str, int], said: str) -> str:
        who = ", ".join(f"{motor} ({name})" for name, motor in missing.items())
        plural = len(missing) > 1
        first = list(self.motors).index(next(iter(missing)))
        cable = f"the cable from {list(self.motors)[first - 1]}" if first else "the cable from the board"
        detail = f" ({said.strip()})" if said else ""
        return (
            f"Motor{'s' if plural else ''} {who} on {self.path} give{'' if plural else 's'} no answer{detail}. "
            f"Check {cable} to motor {next(iter(missing.values()))} and the power, then plug the arm in again."
        )
