"""Every panel of the headset from a real session: `python -m tests.app.xr_gallery [FOLDER] [--world reference]`.

Plays the beginning of the scripted demo, and at each of its pictures writes the panels and what the head sees of them.
"""

import argparse
import math
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from PyQt6.QtGui import QImage

from app.application import Application
from app.command.screen import VirtualScreen
from app.demo.driver import DemoDriver
from app.demo.script import Told, correct, let_it_fail, operators_of
from app.opening.config import Config
from app.qt import make_qt
from app.timeline.words import with_labels
from app.window.settings import WindowSettings
from app.xr.arrangement import Arrangement, default, place, recentred
from app.xr.controllers import Controllers
from app.xr.panels import Panel, panels
from app.xr.pose import Pose, about
from app.xr.state import PanelState
from app.xr.timeline_view import view_of
from core.action import POSITION
from core.branch_tree import Head
from models.tasks.push_t.geometry import LIMITS
from tests.app.xr.seen import seen

TOUCH = Controllers(
    "/interaction_profiles/meta/touch_plus_controller",
    {
        "clutch": ("left/squeeze", "right/squeeze"), "gripper": ("left/trigger", "right/trigger"),
        "take_over": ("left/x",), "hand_back": ("left/x",), "run": ("left/y",), "pause": ("left/y",),
        "to_failure": ("right/b",), "branch_here": ("right/a",), "mark_success": ("right/thumbstick_up",),
        "mark_failure": ("right/thumbstick_down",), "scrub": ("left/thumbstick_left", "left/thumbstick_right"),
        "recentre": ("left/menu",),
    },
)  # fmt: skip
EYE = Pose((0.2, 1.55, 0.4))
SIZE, FOV = (2000, 1500), math.radians(94)


class Gallery(DemoDriver):
    """A stage hand whose pictures are those of the headset."""

    _said = 0
    """Messages that were shown already: old words do not stay."""

    def state(self) -> PanelState:
        studio = self.studio
        message = self.messages[-1] if len(self.messages) > self._said else None
        self._said = len(self.messages)
        model = studio.timeline.model
        return PanelState(
            cameras=studio.viewport.view.cameras, frames=self.status.observation.frames, status=self.status,
            limits=LIMITS, recording=True, timeline=view_of(model), plan=studio.viewport.view.plan,
            message=replace(message, text=with_labels(message.text, model)) if message is not None else None,
            hands=("left controller", "right controller"),
        )  # fmt: skip

    def picture(self, name: str) -> None:
        self.wait(0.3)
        self.write(name, self.state())

    def write(self, name: str, state: PanelState, arrangement: Arrangement | None = None) -> None:
        folder = self._pictures / f"{len(self.saved) + 1:02d}-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        shown = panels(state)
        for panel, picture in shown.items():
            picture.image.save(str(folder / f"{panel.replace(' ', '-')}.png"))
        view(shown, arrangement or recentred(default(len(state.cameras)), EYE)).save(str(folder / "seen.png"))
        self.saved.append(str(folder))
        self.say(f"  {folder}")

    def made_up(self) -> None:
        """States that no short session runs into, on its last pictures."""
        state, status = self.state(), self.status
        target = np.array(status.target if status.target is not None else status.observation.ee_state, np.float64)
        target[POSITION] += (0.06, 0.03, 0.02)
        pulled = replace(status, phase="CORRECTING", target=target, clutch=(True, False), trust=0.31, driver="operator")
        self.write("low-trust", replace(state, status=pulled))
        ee = np.array(status.observation.ee_state)
        ee[[0, 7]] = 0.775, 0.30
        edge = replace(pulled, trust=0.9, limit_hits=(True, False), clutch=(True, True),
                       observation=replace(status.observation, ee_state=ee))  # fmt: skip
        self.write("edge-help", replace(state, status=edge, help=TOUCH))
        self.write("lost", replace(state, status=replace(pulled, trust=math.nan), tracked=(True, False)))
        older = Head(status.head.branch, max(0, status.head.index - 12))
        self.write("preview", replace(
            state, preview=f"step {older.index} of {self.studio.timeline.model.label(older.branch)}",
            timeline=view_of(self.studio.timeline.model, older),
        ))  # fmt: skip
        flat = replace(recentred(default(2), EYE), curved=False)
        self.write("flat", replace(state, help=TOUCH), flat)
        self.write("empty", PanelState(cameras=state.cameras))


def view(shown: Mapping[str, Panel], arrangement: Arrangement) -> QImage:
    """What the head sees: a little lowered, as heads are, and turned to the help card while that is there."""
    layers = {name: place(arrangement, name, panel.size) for name, panel in shown.items()}
    turn = Pose((0, 0, 0), about((0, 1, 0), -math.radians(28 if "help" in shown else 0)))
    nod = Pose((0, 0, 0), about((1, 0, 0), -math.radians(8)))
    return seen(shown, layers, arrangement.anchor * turn * nod, SIZE, FOV)


def play(folder: Path, world: str) -> None:
    """The beginning of the demo: a failure and two corrections."""
    qt = make_qt()
    with tempfile.TemporaryDirectory() as temporary:
        config = Config(world=world, sessions=Path(temporary) / "sessions", speed=4.0)
        studio = Application(config, WindowSettings(Path(temporary) / "window.ini"))
        studio.start()
        hand = Gallery(studio, folder, print)
        hand.until(lambda: studio.session.status is not None, "a session", 180.0)
        told = Told()
        hand.picture("ready")
        let_it_fail(hand, told)
        hand.command("to_failure")
        hand.until(lambda: hand.status.head != told.failure, "the head to move back")
        told.fork = hand.status.head
        hand.picture("rolled-back")
        for number, operator in enumerate(operators_of("push_t")[:2]):
            correct(hand, told, operator, number, last=False)
        hand.made_up()
        studio.dispose()
        qt.processEvents()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("out/xr"))
    parser.add_argument("--world", default="auto", help="transport, reference; auto takes the best that is here")
    chosen = parser.parse_args()
    with VirtualScreen(1280, 800):
        play(chosen.folder, chosen.world)
