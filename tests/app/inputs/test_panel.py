"""The Devices page: what it shows of the hands, and what its buttons ask for."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.application import Application
from app.inputs.axis_bars import fractions
from app.inputs.calibration_dialog import CalibrationDialog, arms_of
from app.inputs.device_card import DeviceCard
from app.inputs.panel import DevicesPanel
from core.errors import BadConfig
from core.reading import ArmReading
from devices.combine import Assignment
from devices.discovery import Discovered
from devices.hotplug import HotplugDevices, Plugged
from devices.leader.calibrating import Step
from tests.app.inputs.test_input_devices import PATIENCE_MS, Open, device, sit
from tests.devices.virtual import VirtualDevice, VirtualReader

__all__ = ["sit"]


def open_page(studio: Application, qtbot: QtBot, *names: str) -> DevicesPanel:
    panel = studio.input_controller.panel
    studio.window.run_command("devices")
    qtbot.waitUntil(lambda: set(names) <= set(panel.cards) and panel.isVisible(), timeout=PATIENCE_MS)
    return panel


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    """When it can be clicked: the page looks at the devices now and then."""
    qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=PATIENCE_MS)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def checked(card: DeviceCard) -> list[str]:
    return [button.text() for button in card.arms if button.isChecked()]


def test_with_nothing_plugged_in_it_lists_what_could_be(sit: Open, qtbot: QtBot) -> None:
    studio = sit()
    panel = open_page(studio, qtbot, "keyboard")
    assert "SpaceMouse" in panel.empty.text()
    assert "doctor" in panel.empty.text()
    qtbot.waitUntil(panel.empty.isVisible, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: checked(panel.cards["keyboard"]) == ["Left", "Right", "Both"], timeout=PATIENCE_MS)
    assert panel.focusWidget() is None, "keys keep their meaning"


def test_cards_show_rate_and_age_and_bars_move_with_the_hands(sit: Open, qtbot: QtBot) -> None:
    pad = VirtualDevice(words="Xbox pad (USB 1)")
    studio = sit(pad)
    panel = open_page(studio, qtbot, pad.key)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: " Hz · " in panel.cards[pad.key].state.text(), timeout=PATIENCE_MS)
    all_of_it = ["Left", "Right", "Both"]
    qtbot.waitUntil(lambda: checked(panel.cards[pad.key]) == all_of_it, timeout=PATIENCE_MS)
    pad.push(0.5, 0.0, -0.25, arm=1, angular=(0.0, 0.0, 1.0))
    qtbot.waitUntil(lambda: panel.arms[1].bars.values == (0.5, 0.0, -0.25, 0.0, 0.0, 1.0), timeout=PATIENCE_MS)
    assert panel.arms[0].driver.toolTip() == "Xbox pad (USB 1)"
    click(qtbot, panel.cards[pad.key].test)
    assert pad.rumbled[-1] == 0.7, "a busy machine may have lost the pad for a moment, which is felt too"
    pad.plugged = False
    qtbot.waitUntil(lambda: "unplugged" in panel.cards[pad.key].state.text(), timeout=PATIENCE_MS)
    assert "same socket" in panel.cards[pad.key].why.text()


def test_arms_are_given_taken_swapped_mirrored_and_left_to_the_hardware_again(sit: Open, qtbot: QtBot) -> None:
    pad, puck = VirtualDevice(), VirtualDevice("spacemouse", hands=1)
    studio = sit(pad, puck)
    panel = open_page(studio, qtbot, pad.key, puck.key)
    seat = studio.hands.seat
    qtbot.waitUntil(lambda: seat.assignment.driving == (puck.key,), timeout=PATIENCE_MS)
    qtbot.waitUntil(panel.both.isVisible, timeout=PATIENCE_MS)
    click(qtbot, panel.both)
    assert seat.assignment.shared == "both"
    click(qtbot, panel.cards[pad.key].arms[0])
    assert seat.assignment.hands == ((pad.key, "left"), (puck.key, "right"))
    qtbot.waitUntil(lambda: device(studio) == "gamepad + spacemouse", timeout=PATIENCE_MS)
    click(qtbot, panel.swap)
    assert seat.assignment.hands == ((puck.key, "right"), (pad.key, "left"))
    click(qtbot, panel.mirror)
    assert seat.assignment.mirror
    click(qtbot, panel.cards[pad.key].arms[1])
    assert seat.assignment.hands[1] is None, "what it drives already, once more, is taken from it"
    click(qtbot, panel.auto)
    assert seat.assignment.driving == (puck.key,)
    click(qtbot, panel.cards["keyboard"].arms[2])
    qtbot.waitUntil(lambda: device(studio) == "keyboard", timeout=PATIENCE_MS)


def test_the_left_one_of_two_is_found_by_a_nudge(sit: Open, qtbot: QtBot) -> None:
    one, two = VirtualDevice("spacemouse", "1-1", 1), VirtualDevice("spacemouse", "1-2", 1)
    studio = sit(one, two)
    panel = open_page(studio, qtbot, one.key, two.key)
    qtbot.waitUntil(panel.nudge.isVisible, timeout=PATIENCE_MS)
    click(qtbot, panel.nudge)
    qtbot.waitUntil(lambda: "LEFT" in panel.question.text(), timeout=PATIENCE_MS)
    two.push(1.0, 0.0, 0.0)
    wanted = Assignment(two.key, one.key)
    qtbot.waitUntil(lambda: studio.hands.seat.assignment == wanted, timeout=PATIENCE_MS)
    assert not panel.question.isVisible()


def test_the_badges_on_the_pictures_say_what_drives_each_arm(sit: Open, qtbot: QtBot) -> None:
    puck = VirtualDevice("spacemouse", hands=1)
    studio = sit(puck)
    qtbot.waitUntil(lambda: studio.viewport.view.hands == ("", "SpaceMouse"), timeout=PATIENCE_MS)
    studio.window.run_command("switch_arm")
    qtbot.waitUntil(lambda: studio.viewport.view.hands == ("SpaceMouse", ""), timeout=PATIENCE_MS)


def test_axes_of_hands_that_say_where_and_of_lost_ones() -> None:
    turned = np.array([0.0, 0.0, np.sin(0.375), np.cos(0.375)])
    values = fractions(ArmReading(position=np.array([0.15, 0.0, -9.0]), orientation=turned))
    assert values == pytest.approx((0.5, 0.0, -1.0, 0.0, 0.0, 0.5))
    assert fractions(ArmReading(linear=np.zeros(3), valid=False)) is None
    assert fractions(None) is None


class FakeRun:
    """An arm that needs two presses, the first of which is too early."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.presses, self.closed = folder, 0, False

    @property
    def done(self) -> bool:
        return self.presses == 2

    @property
    def instruction(self) -> str:
        return "Sweep."

    @property
    def step(self) -> Step:
        return Step.SWEEP if self.presses < 2 else Step.DONE

    @property
    def steps(self) -> tuple[Step, ...]:
        return (Step.SWEEP, Step.FORWARD)

    @property
    def progress(self) -> Mapping[str, float]:
        return {"elbow_flex": 30.0, "gripper": 120.0}

    def look(self) -> bool:
        return True

    def next(self) -> None:
        self.presses += 1
        if self.presses == 1:
            raise BadConfig("elbow_flex was not swept.")

    def save(self) -> Path:
        return self.folder / "left.json"

    def close(self) -> None:
        self.closed = True


def test_a_calibration_reports_what_is_missing_saves_and_releases_the_arm(qtbot: QtBot, tmp_path: Path) -> None:
    leader = VirtualDevice("so101", hands=1, kind="position")
    one = Plugged(leader.key, leader.found, VirtualReader(leader, 1), 1, 1)
    plugged, run = HotplugDevices({}), FakeRun(tmp_path)
    dialog = CalibrationDialog(one, plugged, tmp_path, begin=lambda arm: run)
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.arm.currentData() == "so101"
    click(qtbot, dialog.forward)
    qtbot.waitUntil(lambda: dialog.words.text() == "Sweep.", timeout=PATIENCE_MS)
    assert dialog.stage.text() == "Sweep every joint · step 1 of 2"
    click(qtbot, dialog.forward)
    qtbot.waitUntil(lambda: "elbow flex was not swept" in dialog.trouble.text(), timeout=PATIENCE_MS)
    click(qtbot, dialog.forward)
    qtbot.waitUntil(lambda: "left.json" in dialog.words.text(), timeout=PATIENCE_MS)
    dialog.reject()
    assert run.closed


def test_an_arm_that_cannot_be_opened_is_reported(qtbot: QtBot, tmp_path: Path) -> None:
    found = Discovered("dynamixel", "/dev/nothing", "Leader", 1)
    leader = VirtualDevice("dynamixel", hands=1, kind="position")
    one = Plugged("dynamixel:/dev/nothing", found, VirtualReader(leader, 1), 1, 1)
    dialog = CalibrationDialog(one, HotplugDevices({}), tmp_path)
    qtbot.addWidget(dialog)
    dialog.open()
    click(qtbot, dialog.forward)
    qtbot.waitUntil(lambda: "/dev/nothing" in dialog.trouble.text(), timeout=PATIENCE_MS)
    dialog.reject()


def test_the_arms_of_a_bus_begin_with_the_commonest() -> None:
    assert arms_of("so101") == ["so101"]
    assert arms_of("dynamixel")[0] == "koch"
    assert "vx300s" not in arms_of("dynamixel"), "its maker homed it"
