"""What every device promises. Subclass DeviceContract and give it a connected `device` at rest."""

import numpy as np
import pytest

from core.action import ActionLimits
from core.control import ControlConfig, command, start
from core.reading import Device, DeviceReading

LIMITS = ActionLimits(np.full(14, -1, np.float32), np.full(14, 1, np.float32))


class DeviceContract:
    """A device at rest, and how to make it move."""

    @pytest.fixture
    def device(self) -> Device:
        """Connected, with a first reading, and not touched."""
        raise NotImplementedError

    def move(self, device: Device) -> None:
        """Make the left hand (or the only one) move, so that the next reading shows it."""
        raise NotImplementedError

    def reading(self, device: Device) -> DeviceReading:
        reading = device.read()
        assert reading is not None
        return reading

    def test_it_is_a_device(self, device: Device) -> None:
        assert isinstance(device, Device)
        assert device.connected
        assert device.kind in ("position", "rate")

    def test_readings_are_complete(self, device: Device) -> None:
        reading = self.reading(device)
        assert reading.device == device.name
        assert reading.kind == device.kind
        assert np.isfinite(reading.time)
        hands = [hand for hand in (reading.left, reading.right) if hand is not None]
        assert hands, "a device has at least one hand"
        for hand in hands:
            given = (hand.linear, hand.angular) if reading.kind == "rate" else (hand.position,)
            assert any(values is not None for values in given)
            for values in (hand.position, hand.linear, hand.angular):
                assert values is None or (values.shape == (3,) and np.isfinite(values).all())
            for rate in (hand.linear, hand.angular):
                assert rate is None or (np.abs(rate) <= 1.0).all()
            if hand.orientation is not None:
                assert np.isclose(np.linalg.norm(hand.orientation), 1.0)
            assert hand.gripper is None or 0.0 <= hand.gripper <= 1.0

    def test_reading_drains_nothing(self, device: Device) -> None:
        a, b = self.reading(device), self.reading(device)
        for one, two in ((a.left, b.left), (a.right, b.right)):
            assert (one is None) == (two is None)
            if one is None or two is None:
                continue
            for name in ("position", "orientation", "linear", "angular"):
                first, second = getattr(one, name), getattr(two, name)
                assert (first is None) == (second is None)
                assert first is None or np.array_equal(first, second)
        assert dict(a.presses) == dict(b.presses)

    def test_rest_is_exactly_zero(self, device: Device) -> None:
        state = start(np.zeros(14, np.float32), LIMITS)
        for _ in range(5):
            out = command(self.reading(device), state, ControlConfig(), LIMITS, 0.1)
            assert not out.delta.translation.any()
            assert not out.delta.rotation.any()
            assert not out.delta.gripper.any()
            assert not out.action.any()
            state = out.state

    def test_motion_shows(self, device: Device) -> None:
        state = start(np.zeros(14, np.float32), LIMITS)
        state = command(self.reading(device), state, ControlConfig(), LIMITS, 0.1).state
        self.move(device)
        out = command(self.reading(device), state, ControlConfig(), LIMITS, 0.1)
        assert out.delta.translation.any() or out.delta.rotation.any()

    def test_disconnecting_is_idempotent_and_ends_readings(self, device: Device) -> None:
        device.disconnect()
        device.disconnect()
        assert not device.connected
        assert device.read() is None

    def test_reconnecting_changes_the_epoch(self, device: Device) -> None:
        before = self.reading(device).epoch
        device.disconnect()
        device.connect()
        after = device.read()
        assert after is None or after.epoch != before
