"""A correction by gamepad from take-over to hand-back, every verb on the pad: SDL -> seat -> control -> toy world."""

import queue
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from benchmarks.emulated.virtual_pad import VirtualPad
from core.errors import DeviceLost
from core.events import Event, Message, Status, Stepped
from core.reading import DeviceReading
from core.runtime import Runtime
from core.settings import Settings
from core.verbs import HandBack, Pause, RollBackToFailure, Run, SetSpeed, TakeOver, Verb
from core.verbs import Mark as MarkVerb
from devices.combine import COMBINED, Assignment, device_key
from devices.combined_device import CombinedDevice
from devices.gamepad.driver import GamepadDriver
from devices.gamepad.pad import Gamepad
from devices.profile import Profile
from devices.verb_bindings import verbs_pressed
from tests.core.driving import open_session

VERB: dict[str, Callable[[], Verb]] = {
    "take_over": TakeOver, "hand_back": HandBack, "run": Run, "pause": Pause, "to_failure": RollBackToFailure,
    "mark_failure": lambda: MarkVerb("failure"), "mark_success": lambda: MarkVerb("success"),
}  # fmt: skip
DEADLINE_S = 30.0


class Operator:
    """A running session whose only device is a pad, and an operator who watches it and presses buttons."""

    def __init__(self, driver: GamepadDriver, pad: VirtualPad) -> None:
        (found,) = driver.find()
        self.pad, self.device = pad, driver.device(found)
        self.device.connect()
        key = device_key(found)
        self.profile = Profile(assignment=Assignment(key, key))
        self.seat = CombinedDevice(lambda: {key: self.device.read()}, self.profile.assignment)
        self.seat.connect()
        self.session = open_session(settings=Settings(device=COMBINED), control_config=self.profile.control())
        self.events: queue.Queue[Event] = queue.Queue()
        self.runtime = Runtime(self.session, self.seat.read, self.events.put)
        self.runtime.submit(SetSpeed(4.0))
        self.runtime.start()
        self.status = self.wait(Status, lambda _: True)
        self._presses = dict(self.reading().presses)

    def reading(self) -> DeviceReading:
        reading = self.seat.read()
        assert reading is not None, self.seat.why
        return reading

    def wait(self, kind: type, wanted: Callable[..., bool]) -> Event:
        """The next event that is wanted; the newest status is kept."""
        end = time.monotonic() + DEADLINE_S
        while True:
            event = self.events.get(timeout=max(0.0, end - time.monotonic()))
            if isinstance(event, Status):
                self.status = event
            if isinstance(event, kind) and wanted(event):
                return event

    def press(self, button: str) -> None:
        """Press a button until the application has carried out what it means."""
        self.pad.press(button)
        end, names = time.monotonic() + DEADLINE_S, ()
        while not names:
            assert time.monotonic() < end, f"{button} means nothing"
            now = dict(self.reading().presses)
            names = verbs_pressed(self._presses, now, self.profile.bindings, self.status.phase)
            self._presses = now
            time.sleep(0.001)
        self.pad.release(button)
        for name in names:
            self.runtime.submit(VERB[name]())

    def close(self) -> None:
        self.runtime.stop()
        self.device.disconnect()


@pytest.fixture
def operator(driver: GamepadDriver, plugged: Callable[..., VirtualPad]) -> Iterator[Operator]:
    operator = Operator(driver, plugged())
    yield operator
    operator.close()


def test_a_correction_with_nothing_but_a_pad(operator: Operator) -> None:
    operator.press("back")
    operator.wait(Stepped, lambda step: step.source == "policy" and step.index >= 25)
    operator.press("b")
    operator.press("x")
    operator.wait(Status, lambda status: status.phase == "PAUSED")
    operator.press("start")
    operator.wait(Status, lambda status: status.phase == "CORRECTING")
    began = operator.status.observation.ee_state.copy()
    operator.pad.push(left_x=-1.0, right_y=-1.0)
    operator.wait(
        Status, lambda s: s.observation.ee_state[1] > began[1] + 0.02 and s.observation.ee_state[7] > began[7]
    )
    operator.pad.push(left_x=0.0, right_y=0.0)
    operator.press("start")
    operator.wait(Stepped, lambda step: step.source == "policy")
    kinds = {branch.kind for branch in operator.session.tree.branches.values()}
    assert "correction" in kinds


def test_pulling_the_pad_in_mid_motion_stops_the_arm_and_waits_for_the_operator(
    operator: Operator, driver: GamepadDriver
) -> None:
    operator.press("start")
    operator.pad.push(left_y=-1.0)
    operator.wait(Stepped, lambda step: step.source == "operator" and step.observation.ee_state[0] > 0.36)
    operator.pad.unplug()
    operator.wait(Message, lambda message: "gives no readings" in message.text)
    operator.wait(Status, lambda status: status.phase == "PAUSED" and not status.device_connected)
    assert "drives the left and right arm" in operator.seat.why
    stood = operator.session.node.observation.ee_state.copy()
    operator.pad.plug()
    reconnected(operator.device)
    operator.wait(Status, lambda status: status.device_connected)
    assert operator.status.phase == "PAUSED"
    assert np.array_equal(operator.session.node.observation.ee_state, stood)
    operator._presses = dict(operator.reading().presses)
    operator.press("start")
    operator.wait(Status, lambda status: status.phase == "CORRECTING")


def reconnected(device: Gamepad) -> None:
    """Connect as soon as SDL has seen the pad."""
    end = time.monotonic() + DEADLINE_S
    while not device.connected:
        try:
            device.connect()
        except DeviceLost:
            assert time.monotonic() < end
            time.sleep(0.005)
