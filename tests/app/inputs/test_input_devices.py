"""Hardware in the running application: it appears, drives, is pulled and comes back, and its buttons are commands."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.application import Application
from app.inputs.input_devices import InputDevices
from app.opening import opener
from app.opening.config import Config
from app.window.settings import WindowSettings
from devices import hotplug as plugged
from devices import watcher
from devices.combine import Assignment
from devices.profile import Profile, load, save
from tests.devices.scripted import Scripted
from tests.devices.virtual import VirtualDevice, drivers_of

PATIENCE_MS = 30_000
Open = Callable[..., Application]


@pytest.fixture
def sit(qtbot: QtBot, qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """An application on the toy world with these devices, ready to be driven."""
    monkeypatch.setattr(plugged, "RETRY", 0.02)
    monkeypatch.setattr(watcher, "EVERY", 0.02)
    made: list[Application] = []

    def make(*devices: VirtualDevice, drivers: dict | None = None, profile: Path | None = None) -> Application:
        config = Config(
            world="toy", sessions=tmp_path / "sessions", speed=4.0, device="auto", hardware=True, profile=profile
        )
        studio = Application(config, WindowSettings(tmp_path / "window.ini"), drivers or drivers_of(*devices))
        made.append(studio)
        studio.start()
        qtbot.waitUntil(lambda: studio.session.status is not None, timeout=PATIENCE_MS)
        return studio

    yield make
    for studio in made:
        studio.dispose()


def device(studio: Application) -> str:
    return (
        studio.session.status.device
        if studio.session.status is not None and studio.session.status.device_connected
        else ""
    )


def phase(studio: Application) -> str:
    return studio.session.status.phase if studio.session.status is not None else ""


def kinds(studio: Application) -> set[str]:
    return {branch.kind for branch in studio.session.tree.branches.values()}


def said(studio: Application) -> str:
    return " ".join(card.message.text for card in studio.window.toasts.cards)


def x(studio: Application, arm: int = 0) -> float:
    assert studio.session.status is not None
    return float(studio.session.status.observation.ee_state[7 * arm])


def test_a_pad_that_is_plugged_in_drives_by_itself_and_all_its_buttons_are_commands(sit: Open, qtbot: QtBot) -> None:
    pad = VirtualDevice()
    studio = sit(pad)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    assert "is connected" in said(studio)
    pad.press("back")
    qtbot.waitUntil(lambda: phase(studio) == "AUTONOMOUS", timeout=PATIENCE_MS)
    pad.press("b")
    qtbot.waitUntil(lambda: any(m.kind == "failure" for b in studio.session.tree.branches.values() for m in b.markers))
    pad.press("start")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    # a tap; on a busy machine the pad may miss a deadline, and the knocks of a device problem suppress the tap
    qtbot.waitUntil(lambda: not {0.6, 1.0}.isdisjoint(pad.rumbled), timeout=PATIENCE_MS)
    before = x(studio)
    pad.push(1.0, 0.0, 0.0)
    qtbot.waitUntil(lambda: x(studio) > before + 0.02, timeout=PATIENCE_MS)
    pad.let_go()
    pad.press("start")
    qtbot.waitUntil(lambda: phase(studio) == "AUTONOMOUS", timeout=PATIENCE_MS)
    assert any(branch.kind == "correction" for branch in studio.session.tree.branches.values())


def test_unplugging_in_mid_motion_pauses_with_a_message_and_waits_after_the_replug(sit: Open, qtbot: QtBot) -> None:
    pad = VirtualDevice(words="Xbox pad")
    studio = sit(pad)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    studio.window.run_command("take_over")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    pad.push(1.0, 0.0, 0.0)
    before = x(studio)
    qtbot.waitUntil(lambda: x(studio) > before, timeout=PATIENCE_MS)
    pad.plugged = False
    qtbot.waitUntil(lambda: phase(studio) == "PAUSED", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "Xbox pad" in said(studio) and "take over again" in said(studio), timeout=PATIENCE_MS)
    stood = x(studio)
    pad.plugged = True
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    assert phase(studio) == "PAUSED"
    assert x(studio) == stood
    studio.window.run_command("take_over")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    pad.let_go()
    pad.push(-1.0, 0.0, 0.0)
    qtbot.waitUntil(lambda: x(studio) != stood or not studio.hands.seat.waiting, timeout=PATIENCE_MS)


def test_a_second_pad_takes_the_right_arm_but_not_in_the_middle_of_a_correction(sit: Open, qtbot: QtBot) -> None:
    first, second = VirtualDevice(key="a"), VirtualDevice(key="b")
    drivers = drivers_of(first, second)
    second.plugged = False
    studio = sit(drivers=drivers)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    studio.window.run_command("take_over")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    second.plugged = True
    qtbot.waitUntil(lambda: len(studio.hands.plugged.connected()) == 2, timeout=PATIENCE_MS)
    assert studio.hands.seat.assignment.driving == (first.key,)
    studio.window.run_command("pause")
    both = (first.key, second.key)
    qtbot.waitUntil(lambda: studio.hands.seat.assignment.driving == both, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)


def test_the_scripted_operator_drives_a_correction_from_take_over_to_success(
    qtbot: QtBot, qapp: object, tmp_path: Path
) -> None:
    studio = Application(Config(world="toy", sessions=None, speed=4.0, device="operator"),
                         WindowSettings(tmp_path / "window.ini"), {})  # fmt: skip
    try:
        studio.start()
        qtbot.waitUntil(lambda: device(studio) == "operator", timeout=PATIENCE_MS)
        studio.window.run_command("take_over")
        driver = studio.window.side_panel.driver
        qtbot.waitUntil(lambda: driver.text() == "The scripted operator drives", timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: "correction" in kinds(studio), timeout=PATIENCE_MS)
        qtbot.waitUntil(
            lambda: studio.session.status is not None and studio.session.status.success, timeout=PATIENCE_MS
        )
        qtbot.waitUntil(lambda: phase(studio) == "PAUSED", timeout=PATIENCE_MS)
        solved = [branch for branch in studio.session.tree.branches.values() if branch.outcome == "success"]
        assert [branch.kind for branch in solved] == ["correction"]
        assert "gives no readings" not in said(studio)
    finally:
        studio.dispose()


def test_one_device_that_cannot_be_closed_does_not_keep_the_others_open(caplog: pytest.LogCaptureFixture) -> None:
    class Torn(Scripted):
        def disconnect(self) -> None:
            raise OSError("its driver is torn")

    torn, last = Torn([], "torn"), Scripted([], "last")
    hands = InputDevices(None, {})
    hands.add("torn", torn)
    hands.add("last", last)
    last.connect()
    with caplog.at_level("CRITICAL", logger="app.inputs.input_devices"):
        hands.close()
    assert not last.connected


def test_another_assignment_in_the_middle_of_a_correction_is_a_pause_and_no_loss(sit: Open, qtbot: QtBot) -> None:
    pad = VirtualDevice()
    studio = sit(pad)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    studio.window.run_command("take_over")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    studio.input_controller.assign(Assignment(pad.key, pad.key, "left", "right", mirror=True))
    assert phase(studio) == "CORRECTING", "only who drives makes a pause"
    studio.input_controller.assign(
        Assignment(pad.key, pad.key, "right", "right")
    )  # the pad is opened again, with one hand
    qtbot.waitUntil(lambda: phase(studio) == "PAUSED", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    assert "take over again" not in said(studio)


def test_a_button_of_a_device_drives_with_a_stand_in_only_after_its_reason_was_shown(
    sit: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pad, load, why = VirtualDevice(), opener.load_policy, "Stand-in: it rests."
    monkeypatch.setattr(opener, "load_policy", lambda *given: (load(*given)[0], why))
    studio = sit(pad)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    shown: list[str] = []
    studio.session.stand_in.connect(shown.append)
    pad.press("back")
    qtbot.waitUntil(lambda: len(shown) == 1, timeout=PATIENCE_MS)
    assert shown[0].startswith(why)
    assert phase(studio) == "PAUSED"
    pad.press("back")
    qtbot.waitUntil(lambda: phase(studio) == "AUTONOMOUS", timeout=PATIENCE_MS)


def test_what_the_user_chose_stays(sit: Open, qtbot: QtBot) -> None:
    pad = VirtualDevice()
    pad.plugged = False
    studio = sit(pad)
    qtbot.waitUntil(lambda: device(studio) == "keyboard", timeout=PATIENCE_MS)
    studio.input_controller.choose_device("keyboard")
    pad.plugged = True
    qtbot.waitUntil(lambda: len(studio.hands.plugged.connected()) == 1, timeout=PATIENCE_MS)
    studio.input_polling.look()
    assert studio.hands.assigned == "keyboard"
    studio.input_controller.choose_device("auto")
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)


def test_keyboard_and_puck_drive_an_arm_each_as_in_the_profile_and_it_is_kept(
    sit: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    puck, file = VirtualDevice("spacemouse", hands=1), tmp_path / "operator.toml"
    save(Profile(assignment=Assignment("keyboard", puck.key)), file)
    studio = sit(puck, profile=file)
    qtbot.waitUntil(lambda: device(studio) == "keyboard + spacemouse", timeout=PATIENCE_MS)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=PATIENCE_MS)
    studio.window.run_command("take_over")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    left, right = x(studio, 0), x(studio, 1)
    puck.push(1.0, 0.0, 0.0)
    qtbot.keyPress(studio.window, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: x(studio, 0) > left + 0.01 and x(studio, 1) > right + 0.01, timeout=PATIENCE_MS)
    qtbot.keyRelease(studio.window, Qt.Key.Key_W)
    studio.hands.assign_arms(Assignment(puck.key, "keyboard"))
    assert load(file).assignment == Assignment(puck.key, "keyboard")


def test_a_torn_profile_is_reported_and_the_default_one_is_used(sit: Open, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "operator.toml"
    file.write_text("clutch = 'sometimes'\n")
    studio = sit(VirtualDevice(), profile=file)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    assert "clutch" in studio.hands.trouble


def test_a_device_without_permission_is_reported_with_the_fix(sit: Open, qtbot: QtBot) -> None:
    puck = VirtualDevice("spacemouse", hands=1)
    puck.refusal = "It belongs to another user. Run `sudo udevadm trigger`."
    studio = sit(puck)
    qtbot.waitUntil(lambda: "sudo udevadm" in said(studio), timeout=PATIENCE_MS)
    assert device(studio) == "keyboard"


def test_a_leader_arm_moves_only_while_the_pedal_is_held(sit: Open, qtbot: QtBot) -> None:
    leader = VirtualDevice("so101", hands=1, kind="position")
    studio = sit(leader)
    qtbot.waitUntil(lambda: device(studio) == "so101", timeout=PATIENCE_MS)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=PATIENCE_MS)
    studio.window.run_command("take_over")
    qtbot.waitUntil(lambda: phase(studio) == "CORRECTING", timeout=PATIENCE_MS)
    assert studio.hands.seat.active_arm == 1
    before = x(studio, 1)
    leader.move(0.03, 0.0, 0.0)
    at = studio.session.head.index if studio.session.head is not None else 0
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index > at + 5, timeout=PATIENCE_MS)
    assert x(studio, 1) == before
    qtbot.keyPress(studio.window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.clutch[1], timeout=PATIENCE_MS)
    leader.move(0.06, 0.0, 0.0)
    qtbot.waitUntil(lambda: x(studio, 1) > before + 0.02, timeout=PATIENCE_MS)
    qtbot.keyRelease(studio.window, Qt.Key.Key_C)
    qtbot.waitUntil(
        lambda: studio.session.status is not None and not studio.session.status.clutch[1], timeout=PATIENCE_MS
    )
    qtbot.keyClick(studio.window, Qt.Key.Key_Tab)
    assert studio.hands.seat.active_arm == 0


def test_hands_move_the_tools_more_or_less_and_that_is_kept(sit: Open, qtbot: QtBot, tmp_path: Path) -> None:
    file, pad = tmp_path / "operator.toml", VirtualDevice()
    studio = sit(pad, profile=file)
    qtbot.waitUntil(lambda: device(studio) == "gamepad", timeout=PATIENCE_MS)
    scales = []
    for name in ("larger", "larger", "larger", "smaller"):
        studio.window.run_command(name)
        scales.append(studio.hands.control.scale)
    assert scales == [1.5, 2.0, 2.0, 1.5]
    assert "15 cm" in said(studio)
    assert load(file).feel_of(pad.key).scale == 1.5


def test_the_devices_of_the_application_load_without_qt() -> None:
    program = "import sys, app.inputs.input_devices; print([name for name in sys.modules if name.startswith('PyQt6')])"
    root = Path(__file__).resolve().parents[3]
    found = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
