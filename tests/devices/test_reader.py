import queue
import threading
import time

import numpy as np
import pytest

from core.errors import DeviceLost
from core.reading import ArmReading, Device, DeviceReading
from devices.reader import Reader
from tests.contracts.device_contract import DeviceContract

REST = DeviceReading("", "rate", 0.0, left=ArmReading(linear=np.zeros(3), angular=np.zeros(3)))
FAST = DeviceReading("", "rate", 0.0, left=ArmReading(linear=np.ones(3), angular=np.zeros(3)))


class Wire:
    """A source fed by the test."""

    def __init__(self, *first: DeviceReading | Exception) -> None:
        self.said: queue.SimpleQueue[DeviceReading | Exception] = queue.SimpleQueue()
        self.closed = 0
        for one in first:
            self.said.put(one)

    def poll(self, timeout: float) -> DeviceReading | None:
        try:
            said = self.said.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(said, Exception):
            raise said
        return said

    def close(self) -> None:
        self.closed += 1


def until(condition: object, seconds: float = 5.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)


class TestReader(DeviceContract):
    @pytest.fixture
    def device(self) -> Device:
        self.wires: list[Wire] = []

        def open_wire() -> Wire:
            self.wires.append(Wire(REST))
            return self.wires[-1]

        device = Reader("wire", "rate", open_wire)
        device.connect()
        yield device
        device.disconnect()

    def move(self, device: Device) -> None:
        self.wires[-1].said.put(FAST)
        until(lambda: device.read().left.linear.any())

    def test_a_loss_in_mid_motion_ends_the_motion_with_the_reason(self, device: Reader) -> None:
        self.move(device)
        self.wires[-1].said.put(DeviceLost("The wire was pulled. Plug it in again."))
        until(lambda: not device.connected)
        assert device.read() is None
        assert "pulled" in device.why
        until(lambda: self.wires[-1].closed == 1)
        device.connect()
        assert device.read().epoch == 2
        assert device.why == ""
        assert not device.read().left.linear.any()

    def test_an_error_of_a_library_is_a_loss_too(self, device: Reader) -> None:
        self.wires[-1].said.put(OSError("no such device"))
        until(lambda: not device.connected)
        assert "no such device" in device.why

    def test_the_thread_ends_with_the_connection(self, device: Reader) -> None:
        device.disconnect()
        assert self.wires[-1].closed == 1
        assert not any(thread.name == "device wire" for thread in threading.enumerate())


def test_missing_hardware_is_reported_at_once() -> None:
    def gone() -> Wire:
        raise DeviceLost("No puck at usb-1. Plug it in.")

    with pytest.raises(DeviceLost, match="No puck"):
        Reader("wire", "rate", gone).connect()


def test_hardware_that_is_lost_before_its_first_word(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(DeviceLost("The wire is torn."))
    with pytest.raises(DeviceLost, match="torn"):
        Reader("wire", "rate", lambda: wire).connect()
    assert wire.closed == 1
    monkeypatch.setattr("devices.reader.FIRST", 0.05)
    silent = Wire()
    with pytest.raises(DeviceLost, match="gives no data"):
        Reader("wire", "rate", lambda: silent).connect()
    assert silent.closed == 1


def test_the_rate_is_measured() -> None:
    wire = Wire(REST)
    device = Reader("wire", "rate", lambda: wire)
    assert device.rate_hz == 0.0
    device.connect()
    for _ in range(5):
        wire.said.put(REST)
    until(lambda: device.rate_hz > 0)
    device.disconnect()
