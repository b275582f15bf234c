from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.timeline.model import TimelineModel
from app.viewport.drawing import Box
from app.viewport.overlay import View, arrange, compose
from app.viewport.projected import project
from app.viewport.text_image import text_image
from app.widgets import theme
from core.branch_tree import Head
from models.tasks.push_t.geometry import CAMERAS
from tests.app.made_up_session import MadeUp

SIZE = (1000, 520)


@pytest.fixture
def view(qtbot: QtBot) -> View:  # the words are drawn with Qt's fonts
    made = MadeUp(TimelineModel(), pictures=False)
    return View(CAMERAS, made.last.frames, made.status(Head(0, 0)), recording=True)


def words(view: View, size: tuple[int, int] = SIZE) -> list[str]:
    """All words of a drawing; a sprite's slot begins with "text" and holds its words before size and colour."""
    return [" ".join(s.slot.split(" ")[1:-4]) for s in compose(view, size).sprites]


@pytest.mark.parametrize("size", [(1000, 520), (520, 1000), (3840, 1500), (330, 180), (1, 1)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_pictures_keep_their_aspect_inside_the_widget(size: tuple[int, int], count: int) -> None:
    boxes = arrange(size, (CAMERAS * 2)[:count])
    assert len(boxes) == count
    for area in boxes:
        assert area.width == pytest.approx(area.height, abs=1)
        if min(size) > 100:
            assert area.x >= 0
            assert area.y >= 0
            assert area.x + area.width <= size[0]
            assert area.y + area.height <= size[1]


def test_two_pictures_stand_side_by_side_or_one_above_the_other() -> None:
    wide, tall = arrange((1000, 520), CAMERAS), arrange((520, 1000), CAMERAS)
    assert wide[0].y == wide[1].y
    assert tall[0].x == tall[1].x


def test_every_state_has_its_sign(view: View) -> None:
    status = view.status
    assert status is not None
    assert "PAUSED" in words(view)
    correcting = replace(view, status=replace(status, phase="CORRECTING", frozen=True))
    assert any(w.startswith("FROZEN") for w in words(correcting))
    assert any(w.startswith("SEEKING") for w in words(replace(view, seeking="step 3")))
    assert "PAUSED" in words(replace(view, seeking="step 3")), "seeking and paused are two signs"
    assert any(w.startswith("PREVIEW") for w in words(replace(view, preview="A step 3")))
    running = replace(view, status=replace(status, phase="AUTONOMOUS"))
    assert not {"PAUSED", "SUCCESS"} & set(words(running))


def test_each_arm_shows_its_driver_and_what_holds_it_back(view: View) -> None:
    assert view.status is not None
    status = replace(view.status, phase="CORRECTING", clutch=(False, True), limit_hits=(False, True))
    seen = words(replace(view, status=status))
    assert seen.count("you") == 2
    assert seen.count("clutch open") == 1
    assert seen.count("▲ limit") == 1
    assert {"L", "R"} <= set(seen)
    lost = words(replace(view, status=replace(status, device_connected=False)))
    assert lost.count("keyboard lost") == 2
    assert words(replace(view, status=replace(status, phase="AUTONOMOUS"))).count("policy") == 2


def test_each_arm_shows_its_height(view: View) -> None:
    """From above, a hand that passes over an object looks like one that pushes it."""
    assert view.status is not None
    ee = np.array(view.status.observation.ee_state)
    ee[2], ee[9] = 0.123, np.nan
    there = replace(view, status=replace(view.status, observation=replace(view.status.observation, ee_state=ee)))
    assert {"z 12 cm", "z unknown"} <= set(words(there))


def test_what_is_recorded_is_counted(view: View) -> None:
    assert view.status is not None
    counted = replace(view, status=replace(view.status, recorded=12345))
    assert "12 345 recorded" in words(counted)
    assert not any("recorded" in w for w in words(replace(counted, recording=False)))


def test_recording_has_a_separate_sign_while_steps_are_taken(view: View) -> None:
    assert view.status is not None
    runs = replace(view, status=replace(view.status, phase="AUTONOMOUS", recorded=12345), seeking="step 3 of A")
    assert {"RECORDING", "12 345"} <= set(words(runs))
    assert any("SEEKING" in w for w in words(runs))
    assert "RECORDING" not in words(replace(runs, status=replace(runs.status, phase="PAUSED")))  # type: ignore[type-var]


def test_a_marked_failure_outweighs_the_verdict_of_the_task(view: View) -> None:
    assert view.status is not None
    solved = replace(view, status=replace(view.status, phase="PAUSED", success=True))
    assert any("SUCCESS" in w for w in words(solved))
    failed = words(replace(solved, verdict="failure"))
    assert any("FAILURE" in w for w in failed)
    assert not any("SUCCESS" in w for w in failed)
    said = replace(solved, status=replace(solved.status, success=False), verdict="success")  # type: ignore[type-var]
    assert any("SUCCESS" in w for w in words(said))


def test_signs_do_not_cover_names_or_badges(view: View) -> None:
    """No two lines of words overlap, at the smallest window and at a large one, in the wordiest state."""
    assert view.status is not None
    status = replace(view.status, phase="CORRECTING", frozen=True, clutch=(False, False), limit_hits=(True, True))
    wordy = replace(view, status=replace(status, success=True, recorded=123456), seeking="step 1234 of A12")
    for size in ((1000, 470), (2000, 1000)):
        boxes = [s.box for s in compose(wordy, size).sprites]
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
                assert apart


@pytest.mark.parametrize("size", [(1000, 520), (900, 460), (640, 320), (500, 260)])
@pytest.mark.parametrize("device", ["", "Scripted operator"])
def test_the_name_of_a_camera_and_the_badge_of_an_arm_never_lie_over_each_other(
    view: View, size: tuple[int, int], device: str
) -> None:
    assert view.status is not None
    if device:
        view = replace(view, hands=(device, device), status=replace(view.status, phase="CORRECTING"))
    sprites = [s for s in compose(view, size).sprites if s.slot.startswith("text ")]
    names = [s for s in sprites if s.slot.split(" ")[1] in ("top", "front")]
    assert len(names) == 2
    for a in (name.box for name in names):
        for b in (other.box for other in sprites if other not in names):
            apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart


def test_without_frames_there_are_words_instead(view: View) -> None:
    empty = View(CAMERAS, empty=("Nothing here", "Do this."))
    assert words(empty) == ["Nothing here", "Do this."]
    assert compose(empty, SIZE).pictures == []


def test_a_camera_without_a_frame_leaves_its_slot_empty(view: View) -> None:
    drawing = compose(replace(view, frames={"top": view.frames["top"]}), SIZE)
    assert [p.slot for p in drawing.pictures] == ["camera top"]


def test_base_frame_points_land_on_their_pixels() -> None:
    camera, area = CAMERAS[0], Box(100, 50, 512, 512)
    place = project(camera, area, np.array([[0.5, 0.0, 0.0], [0.5, 0.1, 0.0], [0.6, 0.0, 0.0]], np.float32))
    assert place[0] == pytest.approx((100 + 256, 50 + 256), abs=0.01)
    assert place[1, 0] < place[0, 0], "left is +y"
    assert place[2, 1] < place[0, 1], "up is +x"
    assert np.isnan(project(camera, area, np.array([[0.5, 0.0, 5.0]], np.float32))).all(), "behind the camera"


def test_plans_stay_inside_their_pictures(view: View) -> None:
    assert view.status is not None
    plain = len(compose(view, SIZE).shapes)
    plan = np.tile(view.status.observation.ee_state, (8, 1))
    plan[:, 0] += np.linspace(0, 0.1, 8)
    plan[:, 7] += 10.0
    shown = compose(replace(view, plan=plan), SIZE).shapes
    assert len([s for s in shown if s.kind == "segment"]) == 2 * 7, (
        "the left arm in both pictures, the right one is away"
    )
    assert len(shown) == plain + 2 * 7
    boxes = arrange(SIZE, CAMERAS)
    for shape in (s for s in shown if s.kind == "segment"):
        assert any(b.x <= shape.a[0] <= b.x + b.width and b.y <= shape.a[1] <= b.y + b.height for b in boxes)


def test_words_are_drawn_sharp_at_any_scale(qtbot: QtBot) -> None:
    once, twice = text_image("Paused", 12, theme.TEXT), text_image("Paused", 12, theme.TEXT, scale=2.0)
    assert abs(twice.shape[1] - 2 * once.shape[1]) <= 4
    assert once[..., 3].max() == 255
    assert np.all(once[..., :3] <= once[..., 3:]), "premultiplied"


def test_nothing_is_projected_into_a_camera_without_a_calibration() -> None:
    area = Box(0, 0, 100, 100)
    assert np.isnan(project(CAMERAS[0].uncalibrated(), area, np.array([[0.5, 0.0, 0.0]], np.float32))).all()
