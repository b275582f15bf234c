"""The settings of the hands in a window: changes apply at once and are saved, or reported if they cannot be."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from app.application import Application
from app.inputs.settings_window import InputSettings
from core.control import ControlConfig
from devices.leader.settings import PortSettings, load_leaders, save_leader
from devices.operators import chosen
from devices.profile import Profile, load, save, usual_feel
from tests.app.inputs.test_input_devices import PATIENCE_MS, Open, device, phase, sit
from tests.app.inputs.test_panel import click, open_page
from tests.devices.virtual import VirtualDevice

__all__ = ["sit"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "hi-wm" / "operator.toml"


def settings(studio: Application, qtbot: QtBot, wanted: str = "") -> InputSettings:
    dialog = studio.input_controller.show_settings(wanted)
    qtbot.waitUntil(dialog.isVisible, timeout=PATIENCE_MS)
    return dialog


def control(studio: Application) -> ControlConfig:
    assert studio.session.opened is not None
    return studio.session.opened.runtime._session.control_config


def test_a_slider_is_felt_while_the_hand_drives_and_kept_when_the_window_closes(
    sit: Open, qtbot: QtBot, file: Path
) -> None:
    pad = VirtualDevice(words="Xbox pad (USB 1-3)")
    studio = sit(pad, profile=file)
    panel = open_page(studio, qtbot, pad.key)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    studio.window.run_command("take_over")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    click(qtbot, panel.cards[pad.key].tune)
    dialog = studio.input_controller.settings
    assert dialog is not None
    assert dialog.feel.key == "gamepad"
    dialog.feel.rows["linear_speed"].slider.setValue(900)
    speed = dialog.feel.rows["linear_speed"].value
    assert speed > usual_feel("gamepad").linear_speed
    qtbot.waitUntil(lambda: control(studio).linear_speed == pytest.approx(speed), timeout=PATIENCE_MS)
    dialog.feel.rows["dead_zone"].number.setValue(30.0)
    qtbot.waitUntil(lambda: control(studio).dead_zone == pytest.approx(0.3), timeout=PATIENCE_MS)
    assert phase(studio) == "CORRECTING", "the correction continues"
    pad.push(0.5, 0.0, 0.0)
    qtbot.waitUntil(lambda: dialog.feel.curve.now == 0.5, timeout=PATIENCE_MS)
    dialog.close()
    assert load(file).feel_of(pad.key).dead_zone == pytest.approx(0.3)
    assert studio.input_controller.settings is None
    dialog = settings(studio, qtbot)
    click(qtbot, dialog.restore)
    qtbot.waitUntil(lambda: control(studio) == usual_feel("gamepad"), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not load(file).feel, timeout=PATIENCE_MS)
    dialog.reject()


def test_a_button_is_pressed_to_be_learned_and_carries_out_nothing_by_that(sit: Open, qtbot: QtBot, file: Path) -> None:
    pad, puck = VirtualDevice(), VirtualDevice("spacemouse", hands=1)
    studio = sit(pad, puck, profile=file)
    qtbot.waitUntil(lambda: device(studio) == "spacemouse", timeout=PATIENCE_MS)
    dialog = settings(studio, qtbot)
    dialog.turn_to(1)
    page = dialog.buttons
    click(qtbot, page.adders["mark_failure",])
    assert page.learner.listening
    pad.press("back")  # runs and pauses
    qtbot.waitUntil(lambda: "Run" in page.words.text() or "Pause" in page.words.text(), timeout=PATIENCE_MS)
    assert "gamepad/back" in studio.hands.profile.bindings["run"], "it was asked first"
    click(qtbot, page.instead)
    assert "gamepad/back" in studio.hands.profile.bindings["mark_failure"]
    assert "gamepad/back" not in studio.hands.profile.bindings["run"]
    qtbot.waitUntil(lambda: not studio.hands.listening, timeout=PATIENCE_MS)
    assert phase(studio) == "PAUSED", "the press was for the settings"
    pad.press("back")
    qtbot.waitUntil(lambda: any(b.markers for b in studio.session.tree.branches.values()), timeout=PATIENCE_MS)
    click(qtbot, page.adders["switch_arm",])
    puck.press("left")
    puck.press("switch")
    qtbot.waitUntil(lambda: studio.hands.profile.switch == "spacemouse/switch", timeout=PATIENCE_MS)
    click(qtbot, page.adders["discard",])
    pad.press("left_shoulder")
    qtbot.waitUntil(lambda: "changes what a stick moves" in page.words.text(), timeout=PATIENCE_MS)
    dialog.reject()
    assert "gamepad/back" in load(file).bindings["mark_failure"]


def test_keys_are_learned_too_and_the_menus_follow_until_the_usual_ones_are_restored(
    sit: Open, qtbot: QtBot, file: Path
) -> None:
    studio = sit(VirtualDevice(), profile=file)
    dialog = settings(studio, qtbot)
    dialog.turn_to(1)
    page, action = dialog.buttons, studio.window.command_actions["branch_here"]
    usual = action.shortcuts()

    def learn(*keys: Qt.Key) -> None:
        click(qtbot, page.adders["branch_here",])
        for key in keys:
            qtbot.keyClick(dialog, key)

    learn(Qt.Key.Key_Escape)
    assert not page.learner.listening
    assert dialog.isVisible(), "Escape only ends the learning"
    learn(Qt.Key.Key_W)
    assert "moves the left arm forward" in page.words.text()
    learn(Qt.Key.Key_F1)
    assert "usual keys stay" in page.words.text(), "another command of the window has it"
    learn(Qt.Key.Key_F13)
    assert QKeySequence("F13") in action.shortcuts()
    click(qtbot, page.chips[("branch_here",), "key/f13"])
    assert action.shortcuts() == usual
    learn(Qt.Key.Key_F13)
    click(qtbot, dialog.restore)
    assert action.shortcuts() == usual
    assert studio.hands.profile == Profile()
    dialog.reject()


def test_another_operator_brings_their_feel_and_keys_and_is_there_at_the_next_start(
    sit: Open, qtbot: QtBot, file: Path
) -> None:
    save(Profile("Ida", motion_keys={"t": "w"}), file)
    studio = sit(VirtualDevice(), profile=file)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    dialog = settings(studio, qtbot, "gamepad")
    assert dialog.operator.currentText() == "Ida"
    dialog.add_operator("Ida")
    assert "called 'Ida' already" in dialog.trouble.text()
    dialog.add_operator("Bo")
    assert dialog.operator.currentText() == "Bo"
    assert studio.hands.profile.name == "Bo"
    dialog.feel.rows["scale"].number.setValue(0.5)
    qtbot.waitUntil(lambda: control(studio).scale == 0.5, timeout=PATIENCE_MS)
    assert chosen(file.parent).stem == "Bo"
    dialog.operator.setCurrentIndex(0)
    dialog.operator.activated.emit(0)
    assert studio.hands.profile.name == "Ida"
    assert "t" in studio.hands.keyboard.keys
    qtbot.waitUntil(lambda: control(studio).scale == 1.0, timeout=PATIENCE_MS)
    assert load(file.parent / "operators" / "Bo.toml").feel["gamepad"]["scale"] == 0.5
    assert chosen(file.parent) == file
    dialog.reject()


def test_clutch_first_arm_and_mirror(sit: Open, qtbot: QtBot, file: Path) -> None:
    puck = VirtualDevice("spacemouse", hands=1)
    studio = sit(puck, profile=file)
    qtbot.waitUntil(lambda: device(studio) == "spacemouse", timeout=PATIENCE_MS)
    dialog = settings(studio, qtbot)
    dialog.turn_to(2)
    page = dialog.arms
    for box, value in ((page.clutch, "toggle"), (page.handedness, "left"), (page.shared, "both")):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    click(qtbot, page.mirror)
    seat = studio.hands.seat
    assert (seat.active_arm, seat.assignment.shared, seat.assignment.mirror) == (0, "both", True)
    dialog.reject()
    kept = load(file)
    assert (kept.clutch, kept.handedness, kept.assignment.mirror) == ("toggle", "left", True)


def test_a_leader_arm_has_a_clutch_and_a_place_on_the_table(sit: Open, qtbot: QtBot, file: Path) -> None:
    leader = VirtualDevice("so101", "/dev/serial/one", 1, "position")
    studio = sit(leader, profile=file)
    qtbot.waitUntil(lambda: device(studio) == "so101", timeout=PATIENCE_MS)
    save_leader(file.parent, "/dev/serial/one", PortSettings("so101"))
    dialog = settings(studio, qtbot, "so101")
    rows, box = dialog.feel.leader, dialog.feel.device
    assert rows.isVisible()
    assert not rows.yaw.slider.isVisible(), "of one arm, not of all"
    assert not dialog.feel.curve.isVisible(), "it says where, not how fast"
    box.setCurrentIndex(box.findData(leader.key))
    box.activated.emit(box.currentIndex())
    rows.yaw.number.setValue(90.0)
    rows.clutch.setCurrentIndex(rows.clutch.findData("motion"))
    rows.clutch.activated.emit(rows.clutch.currentIndex())
    dialog.reject()
    assert load_leaders(file.parent).ports["/dev/serial/one"] == PortSettings("so101", clutch="motion", yaw=90.0)


def test_a_profile_that_cannot_be_written_is_reported_and_still_applies(sit: Open, qtbot: QtBot, file: Path) -> None:
    studio = sit(VirtualDevice(), profile=file)
    dialog = settings(studio, qtbot, "gamepad")
    file.parent.parent.joinpath("hi-wm").write_text("no folder")
    dialog.feel.rows["scale"].number.setValue(0.5)
    qtbot.waitUntil(lambda: "could not be written" in dialog.trouble.text(), timeout=PATIENCE_MS)
    assert studio.hands.profile.feel["gamepad"]["scale"] == 0.5
    file.parent.unlink()
    dialog.reject()
    assert load(file).feel["gamepad"]["scale"] == 0.5, "it is tried again at the end"
