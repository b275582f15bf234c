"""Pictures of the Devices page, for the eye: `python -m tests.app.hands_gallery [FOLDER]`. Starts its own screen."""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QCoreApplication

from app.application import Application
from app.command.screen import VirtualScreen
from app.inputs.calibration_worker import Shown, title_of
from app.opening.config import Config
from app.qt import make_qt
from app.window.settings import WindowSettings
from core.verbs import TakeOver
from devices.leader.calibrating import Step, begin, instruction
from devices.leader.table import arm_table
from tests.devices.virtual import VirtualDevice, drivers_of

PUCK = "SpaceMouse Wireless (USB 1-2)"


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        QCoreApplication.processEvents()
        time.sleep(0.002)
        if time.monotonic() > end:
            raise TimeoutError


def rest(seconds: float) -> None:
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end)


def shot(studio: Application, path: Path) -> None:
    rest(0.4)
    studio.viewport.repaint()
    studio.window.grab().save(str(path))
    print(path)


def stages(motors: dict[str, float]) -> list[Shown]:
    """What the calibration of an SO-101 says, step by step."""
    steps = (Step.SWEEP, Step.CENTRE, Step.FORWARD)
    state = begin(arm_table("so101"))
    sweep, centre = instruction(state), instruction(replace(state, step=Step.CENTRE))
    return [
        Shown(
            sweep, title_of(Step.SWEEP, steps), motors, "Not swept yet: elbow_flex (12 degrees), wrist_flex. Move it."
        ),
        Shown(centre, title_of(Step.CENTRE, steps)),
        Shown("Push the handle straight forward by 10 cm or more; hold it there.", title_of(Step.FORWARD, steps)),
        Shown(
            "Done. The arm drives as soon as it is assigned.", saved=Path("/home/me/.config/hi-wm/left.json"), over=True
        ),
    ]


def two_devices(studio: Application, puck: VirtualDevice, pad: VirtualDevice) -> None:
    until(lambda: len(studio.hands.plugged.connected()) == 2)

    studio.input_controller.panel._give(pad.key, 0)
    until(studio.hands.read)
    rest(0.5)
    studio.session.submit(TakeOver())
    until(lambda: studio.session.status is not None and studio.session.status.phase == "CORRECTING")
    rest(0.6)
    pad.push(0.6, -0.3, 0.0)
    puck.push(-0.4, 0.8, 0.2, angular=(0.0, 0.1, -0.5))
    rest(1.2)


def pictures(folder: Path, width: int, height: int) -> None:
    qt = make_qt()
    puck, pad = (
        VirtualDevice("spacemouse", "1-2", 1, words=PUCK),
        VirtualDevice("gamepad", words="Xbox Wireless Controller (USB 1-3)"),
    )
    leader = VirtualDevice(
        "so101", "/dev/serial/by-id/one", 1, "position", "SO-101 leader (USB Single Serial, /dev/ttyACM0)"
    )
    leader.refusal = "The SO-101 leader on /dev/ttyACM0 is not calibrated: there is no file yet. Calibrate it."
    assert qt is not None
    world = sys.argv[2] if len(sys.argv) > 2 else "toy"
    for name, devices in (("empty", ()), ("two", (puck, pad)), ("three", (puck, pad, leader))):
        for one in (puck, pad):
            one.let_go()
        with tempfile.TemporaryDirectory() as temporary:
            config = Config(world=world, sessions=None, size=(width, height), device="auto", hardware=True)
            studio = Application(config, WindowSettings(Path(temporary) / "window.ini"), drivers_of(*devices))
            studio.start()
            until(lambda studio=studio: studio.session.status is not None, 120)
            studio.window.run_command("devices")
            rest(1.0)
            shot(studio, folder / f"{width}-{name}-paused.png")
            if name == "two":
                two_devices(studio, puck, pad)
                shot(studio, folder / f"{width}-{name}-correcting.png")
            if name == "three":
                until(lambda studio=studio: studio.hands.plugged.all[leader.key].why)
                shot(studio, folder / f"{width}-{name}-trouble.png")
                dialog = studio.input_controller.calibrate(leader.key)
                assert dialog is not None
                rest(0.3)
                dialog.grab().save(str(folder / f"{width}-calibrate-1.png"))
                motors = {
                    "shoulder_pan": 104.0,
                    "shoulder_lift": 61.0,
                    "elbow_flex": 12.0,
                    "wrist_flex": 0.0,
                    "gripper": 3.0,
                }
                dialog.arm.hide()
                dialog.forward.setText("Next")
                for number, one in enumerate(stages(motors)):
                    dialog.show_progress(one)
                    rest(0.3)
                    dialog.adjustSize()
                    dialog.grab().save(str(folder / f"{width}-calibrate-{number + 2}.png"))
                dialog.reject()
            studio.dispose()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "out/hands")
    target.mkdir(parents=True, exist_ok=True)
    size = (2560, 1440) if "--large" in sys.argv else (1280, 800)
    sys.argv = [word for word in sys.argv if word != "--large"]
    with VirtualScreen(*size):
        pictures(target, *size)
