"""The studio in a headset, with nothing but the hands: a real runtime, the learned world, the recorded session."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot
from scipy.spatial.transform import Rotation

from app.application import Application
from app.opening.config import Config
from app.window.settings import WindowSettings
from devices import hotplug as plugged
from devices import watcher
from devices.openxr import thread as module
from devices.openxr.frame import BASE_OF_XR
from tests.monado import Rig, rig_fixture

pytestmark = pytest.mark.openxr
rig = rig_fixture()
PATIENCE_MS = 60_000
Open = Callable[..., "Sitting"]


class Sitting:
    """Somebody with a headset in front of a running studio."""

    def __init__(self, studio: Application, rig: Rig, qtbot: QtBot) -> None:
        assert studio.headset is not None
        self.studio, self.rig, self.qtbot, self.xr = studio, rig, qtbot, studio.headset.xr

    def wait(self, done: Callable[[], Any]) -> None:
        self.qtbot.waitUntil(lambda: bool(done()), timeout=PATIENCE_MS)

    @property
    def phase(self) -> str:
        return self.studio.session.status.phase if self.studio.session.status is not None else ""

    @property
    def target(self) -> NDArray[np.float64]:
        assert self.studio.session.status is not None
        assert self.studio.session.status.target is not None
        return self.studio.session.status.target

    def presses(self, button: str) -> int:
        reading = self.studio.hands.plugged.readings().get("openxr:controllers")
        return reading.presses[button] if reading is not None else -1

    def press(self, button: str, **changes: Any) -> None:
        """Press and let go, each long enough to be seen."""
        side, before = button.partition("_")[0], self.presses(button)
        rest = self.rig.controller(side)
        self.rig.hand(side, **changes)
        self.wait(lambda: self.presses(button) > before)
        self.rig.hand(side, **{name: getattr(rest, name) for name in changes})
        until = time.monotonic() + 0.2
        self.wait(lambda: time.monotonic() > until)

    def a(self, side: str) -> None:
        self.press(f"{side}_primary", pressed=frozenset({"a"}))

    def b(self, side: str) -> None:
        self.press(f"{side}_secondary", pressed=frozenset({"b"}))

    def stick(self, side: str, way: str) -> None:
        push = {"up": (0.0, 1.0), "down": (0.0, -1.0), "left": (-1.0, 0.0), "right": (1.0, 0.0)}[way]
        self.press(f"{side}_stick_{way}", stick=push)

    def push(self, side: str, by: tuple[float, float, float], turn: tuple[float, float, float]) -> None:
        """Squeeze, carry the hand by so many metres and radians (OpenXR axes), let go."""
        arm = 0 if side == "left" else 1
        rest, begin = self.rig.controller(side), self.target.copy()
        self.rig.hand(side, squeeze=1.0)
        self.wait(lambda: self.studio.session.status is not None and self.studio.session.status.clutch[arm])
        for share in np.linspace(0.0, 1.0, 40):
            at = np.asarray(rest.position) + share * np.asarray(by)
            quaternion = Rotation.from_rotvec(share * np.asarray(turn)).as_quat()
            self.rig.hand(side, position=tuple(at), orientation=tuple(quaternion))
            self.qtbot.wait(25)
        expected = begin[7 * arm : 7 * arm + 3] + BASE_OF_XR @ np.asarray(by)
        self.wait(lambda: np.linalg.norm(self.target[7 * arm : 7 * arm + 3] - expected) < 1e-3)
        self.rig.hand(side, squeeze=0.0)
        self.wait(lambda: self.studio.session.status is not None and not self.studio.session.status.clutch[arm])
        self.rig.hand(side, position=rest.position, orientation=rest.orientation)  # free of the clutch: nothing moves

    def frames(self, count: int = 12) -> None:
        """Let so many frames go by."""
        end = len(self.xr.frames) + count
        self.wait(lambda: len(self.xr.frames) >= end)

    def panel(self, name: str) -> QImage:
        assert self.studio.headset is not None
        return self.studio.headset.painter.painted[name].panel.image


@pytest.fixture(scope="module", autouse=True)
def zarr_threads() -> Iterator[None]:
    """Zarr keeps its threads for ever: here one, and before any test counts threads."""
    with zarr.config.set({"threading.max_workers": 1}):
        zarr.create_array(zarr.storage.MemoryStore(), shape=(4,), dtype="i4")[:] = 1
        yield


@pytest.fixture
def sit(qtbot: QtBot, qapp: object, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A studio that finds the headset by itself."""
    monkeypatch.setattr(plugged, "RETRY", 0.1)
    monkeypatch.setattr(watcher, "EVERY", 0.1)
    monkeypatch.setattr(module, "FIRST_RETRY", 0.1)
    monkeypatch.setattr(module, "LAST_RETRY", 0.3)
    rig.rest()
    made: list[Application] = []

    def make(**changes: Any) -> Sitting:
        values: dict[str, Any] = {"world": "toy", "sessions": tmp_path / "sessions", "device": "auto",
                                  "hardware": True, "headset": "auto", **changes}  # fmt: skip
        studio = Application(Config(**values), WindowSettings(tmp_path / "window.ini"), {})
        made.append(studio)
        studio.start()
        sitting = Sitting(studio, rig, qtbot)
        sitting.wait(lambda: studio.session.status is not None)
        sitting.wait(lambda: studio.hands.assigned == "openxr" and studio.session.status.device_connected)
        return sitting

    yield make
    for studio in made:
        studio.dispose()


def corrections(folder: Path) -> list[tuple[NDArray[np.float32], NDArray[np.float64]]]:
    """Per branch with steps of the operator, in order: their actions (N, 14) and hands (N, 2, 18)."""
    (session,) = folder.iterdir()
    found = zarr.open_group(str(session), mode="r")
    operator = list(found.attrs["sources"]).index("operator")
    branch, index = found["nodes/branch"][:], found["nodes/index"][:]
    drove, actions = found["nodes/source"][:] == operator, found["nodes/action"][:]
    layout = found["nodes/layout"][:]
    out = []
    for number in np.unique(branch[drove]):
        rows = np.flatnonzero(drove & (branch == number))
        rows = rows[np.argsort(index[rows])]
        hands = np.stack([found[f"states/control/{layout[row, 2]}/input_hands"][row] for row in rows])
        out.append((actions[rows], hands))
    return out


def angle(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Degrees between two rotations."""
    return float(np.degrees((Rotation.from_rotvec(a) * Rotation.from_rotvec(b).inv()).magnitude()))


PUSHES = (
    ("left", (0.02, 0.01, -0.05), (0.0, 0.3, 0.0)),
    ("left", (0.05, 0.02, 0.02), (0.0, -0.2, 0.0)),
    ("right", (-0.04, 0.02, -0.03), (0.0, 0.25, 0.1)),
)


def test_a_failing_rollout_is_corrected_thrice_without_taking_the_headset_off(sit: Open, tmp_path: Path) -> None:
    me = sit(world="transport", policy="hold")
    me.wait(lambda: "timeline" in me.studio.headset.painter.painted)
    looks = [me.panel("timeline")]
    me.b("right")  # run
    me.wait(lambda: me.phase == "AUTONOMOUS" and me.studio.session.head.index > 25)
    me.stick("right", "down")  # it fails
    me.wait(lambda: any(m.kind == "failure" for b in me.studio.session.tree.branches.values() for m in b.markers))
    for number, push in enumerate(PUSHES):
        me.a("left")  # to the failure
        me.wait(lambda: me.phase == "PAUSED")
        if number:
            me.b("left")  # branch
            me.wait(lambda number=number: len(me.studio.session.tree.branches) == 2 + number)
        looks.append(me.panel("timeline"))
        me.a("right")  # take over
        me.wait(lambda: me.phase == "CORRECTING")
        me.push(*push)
    me.stick("right", "up")  # it succeeded
    me.wait(lambda: any(b.outcome == "success" for b in me.studio.session.tree.branches.values()))
    me.a("right")  # hand back
    me.wait(lambda: me.phase == "AUTONOMOUS")
    me.b("right")
    me.wait(lambda: me.phase == "PAUSED")
    me.wait(lambda: me.panel("timeline") != looks[-1])
    looks.append(me.panel("timeline"))
    assert all(a != b for i, a in enumerate(looks) for b in looks[:i]), "head and branches show on the timeline"
    me.studio.close()

    found = corrections(tmp_path / "sessions")
    assert len(found) == 3
    for (actions, hands), (side, by, turn) in zip(found, PUSHES, strict=True):
        arm = 0 if side == "left" else 1
        pose = actions[:, 7 * arm : 7 * arm + 6].astype(np.float64)
        assert np.linalg.norm(pose[-1, :3] - pose[0, :3] - BASE_OF_XR @ by) < 1e-3
        commanded = Rotation.from_rotvec(BASE_OF_XR @ turn) * Rotation.from_rotvec(pose[0, 3:])
        assert angle(pose[-1, 3:], commanded.as_rotvec()) < 0.5
        other = actions[:, 7 * (1 - arm) : 7 * (1 - arm) + 6]
        assert np.ptp(other, axis=0).max() < 1e-6, "the hand that was not squeezed moved nothing"
        clutched = hands[:, arm, 16] > 0.5
        hand = hands[:, arm, 1:4]
        first = int(np.flatnonzero(clutched)[0])
        for step in np.flatnonzero(clutched):  # and on the way, step by step
            assert np.linalg.norm((pose[step, :3] - pose[first, :3]) - (hand[step] - hand[first])) < 1e-3


def test_scrubbing_scaling_and_recentring(sit: Open) -> None:
    me = sit(speed=4.0)
    me.b("right")
    me.wait(lambda: me.studio.session.head.index > 20)
    me.b("right")
    me.wait(lambda: me.phase == "PAUSED")
    stood = me.studio.session.head.index
    me.stick("left", "left")
    me.wait(lambda: me.studio.session.head.index < stood)
    me.press("right_stick", pressed=frozenset({"stick"}))
    me.wait(lambda: me.studio.hands.control.scale == 1.5)
    before = me.studio.headset._hanging.arrangement.anchor
    scene = me.rig.hands.scene
    me.rig.hands.send(replace(scene, gaze=tuple(Rotation.from_euler("y", 0.6).as_quat()), head=(0.1, 1.5, 0.2)))
    me.press("left_menu", trackpad_force=1.0)
    me.wait(lambda: me.studio.headset._hanging.arrangement.anchor != before)
    anchor = me.studio.headset._hanging.arrangement.anchor
    assert np.allclose(anchor.orientation, Rotation.from_euler("y", 0.6).as_quat(), atol=1e-3)


def test_a_panel_is_carried_and_its_place_is_remembered(sit: Open, tmp_path: Path) -> None:
    me = sit(profile=tmp_path / "operator.toml")
    me.wait(lambda: "status" in me.studio.headset.painter.painted)
    places = me.studio.headset._hanging.arrangement.places
    me.rig.hand("right", position=(0.25, 1.6, -0.3))  # points at the right camera
    me.frames()
    me.rig.hand("right", trigger=1.0)
    me.frames()
    me.rig.hand("right", position=(0.45, 1.7, -0.3), stick=(0.0, -1.0))  # its stick is the panel's: nothing is marked
    me.frames()
    me.rig.hand("right", trigger=0.0)
    me.wait(lambda: me.studio.headset._hanging.arrangement.places != places)
    me.wait((tmp_path / "operator.headset.toml").exists)
    me.frames()
    assert not me.presses("right_stick_down")
    assert "camera 1" in (tmp_path / "operator.headset.toml").read_text()


def test_a_runtime_that_is_killed_in_mid_correction_pauses_and_loses_nothing(sit: Open, rig: Rig) -> None:
    me = sit()
    me.a("right")
    me.wait(lambda: me.phase == "CORRECTING")
    me.push("left", (0.02, 0.0, -0.03), (0.0, 0.0, 0.0))
    rig.hand("left", squeeze=1.0)
    me.wait(lambda: me.studio.session.status.clutch[0])
    head = me.studio.session.head
    rig.kill()
    me.wait(lambda: me.phase == "PAUSED")
    said = lambda: " ".join(card.message.text for card in me.studio.window.toasts.cards)  # noqa: E731
    me.wait(lambda: "Monado ended or crashed" in said() and "take over again" in said())
    stood = me.target.copy()
    assert me.studio.session.head.index >= head.index
    me.wait(lambda: me.studio.session.status.recorded >= me.studio.session.head.index)
    rig.revive()
    me.wait(lambda: me.studio.session.status.device_connected)
    me.wait(lambda: me.xr.state.drawing)  # and the picture is back
    assert me.phase == "PAUSED", "it waits for the operator"
    me.a("right")
    me.wait(lambda: me.phase == "CORRECTING")
    me.push("left", (0.0, 0.02, 0.0), (0.0, 0.0, 0.0))
    assert np.allclose(me.target[:3], stood[:3] + np.array([0.0, 0.0, 0.02]), atol=2e-3), "no jump"


def test_a_hand_that_is_lost_while_it_drives_pauses(sit: Open, rig: Rig) -> None:
    me = sit(headset="controllers")
    assert not me.xr.state.drawing
    me.a("right")
    me.wait(lambda: me.phase == "CORRECTING")
    rig.hand("left", squeeze=1.0)
    me.wait(lambda: me.studio.session.status.clutch[0])
    rig.hand("left", active=False)
    me.wait(lambda: me.phase == "PAUSED")
    me.wait(lambda: any("left VR controller" in card.message.text for card in me.studio.window.toasts.cards))
    rig.hand("left", active=True, squeeze=0.0)
    me.wait(lambda: me.studio.session.status.device_connected)
    me.a("right")
    me.wait(lambda: me.phase == "CORRECTING")


def test_the_window_does_not_wait_for_a_runtime(
    qtbot: QtBot, qapp: object, rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", 0.1)
    rig.kill()
    config = Config(world="toy", sessions=None, device="auto", hardware=True, headset="auto")
    studio = Application(config, WindowSettings(tmp_path / "window.ini"), {})
    try:
        studio.start()
        qtbot.waitUntil(lambda: studio.session.status is not None, timeout=PATIENCE_MS)
        assert studio.session.status.device == "keyboard"
        rig.revive()
        qtbot.waitUntil(lambda: studio.hands.assigned == "openxr", timeout=PATIENCE_MS)
    finally:
        studio.dispose()


def test_pictures_also_go_through_glx_as_steamvr_needs(sit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.xr import gl_context, picture

    monkeypatch.setattr(picture, "needed", lambda offered: (gl_context.OPENGL,))
    me = sit()
    me.wait(lambda: me.xr.state.drawing)
    me.wait(lambda: "timeline" in me.studio.headset.painter.painted)
    me.frames()
    assert not me.xr.state.why


def test_a_headset_that_shows_another_program_gives_no_hands(sit: Open, rig: Rig) -> None:
    """The session goes on without the focus, as when another program is chosen in the headset."""
    me = sit()
    me.a("right")
    me.wait(lambda: me.phase == "CORRECTING")
    with other_program(rig):
        me.wait(lambda: me.phase == "PAUSED")
        assert "another program" in me.xr.state.why
        assert me.xr.state.drawing
    me.wait(lambda: not me.xr.state.why)
    me.wait(lambda: me.studio.session.status.device_connected)
    assert me.phase == "PAUSED"


OTHER = """
import sys, time
from app.xr.arrangement import default
from app.xr.hanging import Hanging
from app.xr.picture import PanelPicture
from devices.openxr.thread import XrThread
thread = XrThread(lambda: PanelPicture(dict, Hanging(default()), lambda: False, lambda hanging: None))
thread.start()
while not thread.state.drawing:
    time.sleep(0.01)
print("there", flush=True)
sys.stdin.read()
thread.stop()
"""


@contextmanager
def other_program(rig: Rig) -> Iterator[None]:
    """Another program in front, in a separate process."""
    through = [os.environ["HI_WM_MONADO_LOADER"], "--library-path", os.environ["HI_WM_MONADO_LIBRARIES"]]
    pipe = subprocess.PIPE
    with subprocess.Popen([*through, sys.executable, "-c", OTHER], stdin=pipe, stdout=pipe) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"there\n"
        try:
            rig.service.bring_to_front(other.pid)
            yield
        finally:
            other.stdin.close()
            other.wait(30)
