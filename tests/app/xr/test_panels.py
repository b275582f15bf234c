"""Pixels of the panels: what changes when the session does, and what stays the very same object."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from app.timeline.model import TimelineModel
from app.viewport.projected import ARM_COLOURS, project
from app.widgets import theme
from app.xr.camera_panel import AREA, picture_area
from app.xr.canvas import array
from app.xr.controllers import Controllers
from app.xr.guidance import guides, path, walls
from app.xr.panels import Panel, panels
from app.xr.sizes import CAMERA, DENSITY, EDGE, TIMELINE
from app.xr.state import PanelState
from app.xr.timeline_view import TRACKS, view_of
from core.action import POSITION, arm_slice
from core.branch_tree import Head
from core.events import Message
from tests.app.made_up_session import MadeUp, three_failures

Changed = Callable[..., PanelState]


def pixels(panel: Panel) -> NDArray[np.int64]:
    return array(panel.image).astype(np.int64)


def rgb(colour: str) -> NDArray[np.int64]:
    return np.array([round(255 * part) for part in theme.rgba(colour)[:3]])


def with_status(state: PanelState, **values: object) -> PanelState:
    assert state.status is not None
    return replace(state, status=replace(state.status, **values))  # type: ignore[arg-type]


def with_tools(state: PanelState, **arms: tuple[float, float, float]) -> PanelState:
    assert state.status is not None
    ee = state.status.observation.ee_state.copy()
    for arm, at in arms.items():
        ee[arm_slice(("left", "right").index(arm))][POSITION] = at
    there = replace(state.status.observation, ee_state=ee)
    return with_status(state, observation=there, target=ee.astype(float))


def differs(a: Panel, b: Panel) -> NDArray[np.bool_]:
    """(H, W) where two pictures differ."""
    return np.asarray((pixels(a) != pixels(b)).any(-1))


def test_every_panel_is_there_in_its_size_and_format(state: PanelState) -> None:
    shown = panels(replace(state, help=Controllers("")))
    assert list(shown) == ["camera 0", "camera 1", "status", "timeline", "help"]
    for name, panel in shown.items():
        assert panel.image.format() == QImage.Format.Format_RGBA8888_Premultiplied
        assert (panel.image.width(), panel.image.height()) == tuple(side * DENSITY for side in panel.size), name
        alpha = pixels(panel)[..., 3]
        assert alpha[0, 0] == 0, "rounded corners let what is behind through"
        assert alpha[20:-20, 20:-20].min() == 255
        assert (pixels(panel)[..., :3] <= alpha[..., None]).all(), "premultiplied"
    assert "help" not in panels(state)


def test_nothing_is_painted_twice(state: PanelState, made: MadeUp) -> None:
    first = panels(state)
    assert state.status is not None
    again = panels(
        replace(state, status=replace(state.status, shown_at=7.0, step_ms=1.0), timeline=view_of(made.model)), first
    )
    assert all(again[name] is first[name] for name in first)
    frames = {name: frame.copy() for name, frame in state.frames.items()}
    moved = panels(replace(state, frames=frames), first)
    assert [name for name in first if moved[name] is not first[name]] == ["camera 0", "camera 1"]
    said = panels(replace(state, message=Message("warning", "Careful.")), first)
    assert [name for name in first if said[name] is not first[name]] == ["status"]


def test_work_can_be_spread_over_frames_and_every_panel_has_its_turn(state: PanelState) -> None:
    shown, painted = panels(state), []
    for turn in range(8):
        now = with_status(replace(state, frames={n: f.copy() for n, f in state.frames.items()}), recorded=500 + turn)
        after = panels(now, shown, most=1)
        painted += [name for name in shown if after[name] is not shown[name]]
        assert len(painted) == turn + 1
        shown = after
    assert painted[:3] == ["camera 0", "camera 1", "status"]
    assert all(painted.count(name) >= 2 for name in ("camera 0", "camera 1", "status"))
    assert list(panels(replace(state, help=Controllers("")), shown, most=0)) == [*shown, "help"]


def test_panels_are_the_same_from_another_thread(state: PanelState) -> None:
    asked = replace(state, help=Controllers("/interaction_profiles/htc/vive_controller", {"run": ("left/menu",)}))
    here = panels(asked)
    with ThreadPoolExecutor(1, "painter") as pool:
        there = pool.submit(panels, asked).result()
    assert all(not differs(here[name], there[name]).any() for name in here)


def test_grippers_are_ringed_where_the_cameras_see_them(state: PanelState) -> None:
    """The middle of the ring's own pixels is within 2 px of the projected tool, in both views and for both arms."""
    for at in ((0.45, 0.12, 0.05), (0.40, 0.05, 0.12), (0.62, 0.16, 0.02)):
        for arm in (0, 1):
            side = ("left", "right")[arm]
            mirrored = (at[0], at[1] * (1 - 2 * arm), at[2])
            here = with_tools(state, **{side: mirrored})
            gone = with_tools(state, **{side: (math.nan, math.nan, math.nan)})
            for index, camera in enumerate(state.cameras):
                seen, without = panels(here)[f"camera {index}"], panels(gone)[f"camera {index}"]
                want = (
                    project(camera, picture_area(camera.width, camera.height), np.array([mirrored], np.float32))[0]
                    * DENSITY
                )
                new = differs(seen, without)
                own = np.abs(pixels(seen)[..., :3] - rgb(ARM_COLOURS[arm])).sum(-1) < 24
                y, x = np.nonzero(new & own)
                ring = np.abs(np.hypot(x - want[0], y - want[1]) - 16 * DENSITY) < 4
                assert ring.sum() > 200, "a ring"
                found = np.array([x[ring].min() + x[ring].max(), y[ring].min() + y[ring].max()]) / 2
                assert np.abs(found + 0.5 - want).max() < 2.0


def test_the_pull_points_to_the_last_command(state: PanelState) -> None:
    assert state.status is not None
    target = np.array(state.status.target)
    target[arm_slice(0)][POSITION] += (0.08, 0.0, 0.0)  # away from the robot: up in the picture of the top camera
    pulled = with_status(state, target=target)
    new = differs(panels(pulled)["camera 0"], panels(state)["camera 0"])
    y, x = np.nonzero(new)
    tool, end = (
        project(state.cameras[0], AREA, p[None].astype(np.float32))[0] * DENSITY
        for p in (state.status.observation.ee_state[POSITION], target[POSITION])
    )
    assert y.min() == pytest.approx(end[1], abs=5), "the tip is where it is pulled to"
    assert y.max() < tool[1], "all of the arrow lies on that side"
    assert abs(x.mean() - tool[0]) < 3
    assert guides(with_status(pulled, phase="AUTONOMOUS"), state.cameras[0], AREA)[0].pull is None
    assert guides(state, state.cameras[0], AREA)[0].pull is None, "nothing pulls"


def test_an_open_clutch_is_seen_without_colour(state: PanelState) -> None:
    """The ring has gaps where the clutch is open."""
    loose = with_status(state, clutch=(False, True))
    closed, open_ = (panels(s)["camera 0"] for s in (state, loose))
    at = project(state.cameras[0], AREA, loose.status.observation.ee_state[None, POSITION])[0] * DENSITY  # type: ignore[union-attr]
    turn = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    ring = np.round(at[1] + 20 * np.sin(turn)).astype(int), np.round(at[0] + 20 * np.cos(turn)).astype(int)
    for panel, whole in ((closed, True), (open_, False)):
        coloured = np.abs(pixels(panel)[ring][:, :3] - rgb(theme.LEFT)).sum(-1) < 90
        gaps = np.count_nonzero(coloured[1:] & ~coloured[:-1])
        assert (gaps <= 1) if whole else (gaps >= 6)


def test_a_tool_out_of_sight_has_its_letter_on_the_rim(state: PanelState) -> None:
    away = with_tools(state, left=(0.5, 2.0, 0.1))
    guide = guides(away, state.cameras[0], AREA)[0]
    assert not guide.inside
    assert guide.at[0] == pytest.approx(22), "left is +y"
    assert differs(panels(away)["camera 0"], panels(state)["camera 0"])[:, :60].any()
    behind = guides(with_tools(state, left=(0.5, 0.0, 5.0)), state.cameras[0], AREA)[0]
    assert not behind.inside
    assert 0 < behind.at[1] < AREA.height


def test_the_workspace_edge_shows_where_it_is_near_and_strongest_where_it_stops(state: PanelState) -> None:
    camera = state.cameras[1]
    assert walls(state, camera, AREA) == ()
    near = with_tools(state, right=(0.765, -0.1, 0.1))
    (faint,) = walls(near, camera, AREA)
    (firm,) = walls(with_status(near, limit_hits=(False, True)), camera, AREA)
    assert 0 < faint.strength < firm.strength == 1.0
    assert firm.corners == faint.corners
    low = with_tools(state, right=(0.5, -0.1, 0.015))
    assert walls(low, camera, AREA) == (), "tools work close to the table"
    assert len(walls(with_status(low, limit_hits=(False, True)), camera, AREA)) == 1
    assert walls(with_status(near, phase="PAUSED"), camera, AREA) == ()
    assert (
        differs(panels(near)["camera 1"], panels(with_tools(state, right=(0.74, -0.1, 0.1)))["camera 1"]).sum() > 2000
    )


def test_low_trust_frames_the_picture_and_leaves_its_middle(state: PanelState) -> None:
    fine, low = panels(with_status(state, trust=0.41))["camera 0"], panels(with_status(state, trust=0.31))["camera 0"]
    new = differs(fine, low)
    edge = round(12 * DENSITY)
    assert new[edge, 40:-40].mean() > 0.9
    assert new[40:-200, edge].mean() > 0.9
    assert not new[round(80 * DENSITY) : round(500 * DENSITY), 100:-100].any()
    unknown = panels(with_status(state, trust=math.nan))["camera 0"]
    assert not differs(fine, unknown).any(), "unknown is not low"


def test_a_camera_without_a_calibration_has_no_guidance(state: PanelState) -> None:
    unknown = state.cameras[0].uncalibrated()
    plan = replace(state, plan=np.zeros((4, 14), np.float32))
    assert (guides(state, unknown, AREA), walls(state, unknown, AREA)) == ((), ())
    assert path(plan, unknown, AREA) == ((), ())


def test_a_preview_has_no_guidance_of_the_head(state: PanelState) -> None:
    assert guides(state, state.cameras[0], AREA)
    scrubbed, moved = (
        replace(state, preview="step 3 of A"),
        with_tools(replace(state, preview="step 3 of A"), left=(0.6, 0.0, 0.1)),
    )
    assert not differs(panels(scrubbed)["camera 0"], panels(moved)["camera 0"]).any()
    assert differs(panels(scrubbed)["camera 0"], panels(state)["camera 0"]).any()


def test_without_a_frame_a_camera_shows_a_message(state: PanelState) -> None:
    empty = panels(replace(state, frames={}))["camera 0"]
    assert not differs(empty, panels(replace(state, frames={}))["camera 1"])[: round(AREA.height * DENSITY) - 8].any()
    assert differs(empty, panels(state)["camera 0"]).any()
    assert list(panels(PanelState())) == ["status", "timeline"]
    assert empty.size == CAMERA


@pytest.mark.parametrize(
    ("values", "other"),
    [
        ({"phase": "PAUSED"}, {"phase": "AUTONOMOUS"}),
        ({"phase": "AUTONOMOUS"}, {"phase": "CORRECTING"}),
        ({"phase": "AUTONOMOUS", "driver": "policy"}, {"phase": "AUTONOMOUS", "driver": "replay"}),
        ({"trust": 0.9}, {"trust": 0.2}),
        ({"trust": 0.9}, {"trust": math.nan}),
        ({"rate_hz": 10.0}, {"rate_hz": 31.0}),
        ({"speed": 1.0}, {"speed": 2.0}),
        ({"recorded": 100}, {"recorded": 101}),
        ({"device_connected": True}, {"device_connected": False}),
        ({"frozen": True}, {"frozen": False}),
    ],
)
def test_the_status_strip_follows(state: PanelState, values: dict[str, object], other: dict[str, object]) -> None:
    one, two = (panels(with_status(state, **v))["status"] for v in (values, other))
    assert one.key != two.key
    assert differs(one, two).sum() > 40


def test_the_driver_is_also_shown_by_words_and_icon(state: PanelState) -> None:
    """Phases differ in shape where their colours are taken away."""
    grey = [
        pixels(panels(with_status(state, phase=phase))["status"])[..., :3].max(-1) > 90
        for phase in ("PAUSED", "AUTONOMOUS", "CORRECTING")
    ]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert (grey[a] != grey[b]).sum() > 800


def test_a_current_problem_is_shown_before_the_last_message(state: PanelState) -> None:
    said = replace(state, message=Message("info", "Marked success."))
    lost = replace(said, tracked=(True, False))
    assert panels(said)["status"].key.words == "Marked success."  # type: ignore[attr-defined]
    assert "right controller is not tracked" in panels(lost)["status"].key.words  # type: ignore[attr-defined]
    assert panels(lost)["status"].key.level == "warning"  # type: ignore[attr-defined]


def test_long_words_and_large_numbers_stay_inside(state: PanelState) -> None:
    """Nothing is painted within 10 dmm of the right edge, and no two facts run into each other."""
    wordy = with_status(state, recorded=1234567, rate_hz=240.0, speed=0.25, phase="AUTONOMOUS", trust=0.11)
    wordy = replace(wordy, message=Message("error", "The disk is full. " * 20))
    strip = pixels(panels(wordy)["status"])[..., :3]
    blank = np.abs(strip - rgb(theme.PANEL)).sum(-1) < 12
    assert blank[20:-20, -round(16 * DENSITY) :].all()
    line = blank[6 : round(60 * DENSITY)].all(0)
    assert np.flatnonzero(~line).size > 300
    edges = np.flatnonzero(np.diff(line.astype(int)))
    gaps = np.diff(edges)[1::2] if line[0] else np.diff(edges)[::2]
    assert (gaps > round(14 * DENSITY)).sum() >= 3, "phase, trust, rate and count stand apart"


def test_the_timeline_follows_head_and_branch(state: PanelState, made: MadeUp) -> None:
    model = TimelineModel()
    session = three_failures(model, pictures=False)
    here = panels(replace(state, timeline=view_of(model)))["timeline"]
    live = model.head
    assert live is not None
    session.tell(live.branch, live.index - 30)
    back = panels(replace(state, timeline=view_of(model)))["timeline"]
    new = differs(here, back)
    zoom, origin = view_of(model).zoom, TIMELINE[0] - EDGE - TRACKS
    for node in (live.index, live.index - 30):
        column = round((origin + (node - view_of(model).first) * zoom) * DENSITY)
        assert new[200:-40, column - 2 : column + 3].any(0).any(), "the head's line went from here to there"
    sibling = next(lane.branch for lane in view_of(model).lanes if lane.branch != live.branch)
    session.tell(sibling, session.tree[sibling].length)
    other = panels(replace(state, timeline=view_of(model)))["timeline"]
    assert other.key != back.key
    rows = differs(other, back)[:, round(8 * DENSITY) : round(14 * DENSITY)].any(1)
    assert np.count_nonzero(np.diff(rows.astype(int)) == 1) >= 2, "the light left one lane and came to another"


def test_a_branch_and_an_outcome_change_the_timeline(state: PanelState) -> None:
    model = TimelineModel()
    session = three_failures(model, pictures=False)
    live = model.head
    assert live is not None
    before = panels(replace(state, timeline=view_of(model)))["timeline"]
    session.finish(live.branch, "success")
    won = panels(replace(state, timeline=view_of(model)))["timeline"]
    assert differs(before, won).any()
    child = session.branch(1, live.branch, live.index - 5, "correction", "a new try")
    view = view_of(model)
    assert child in [lane.branch for lane in view.lanes]
    assert differs(panels(replace(state, timeline=view))["timeline"], won).any()
    assert next(lane for lane in view.lanes if lane.branch == child).current


def test_a_scrub_shows_beside_the_head(state: PanelState, made: MadeUp) -> None:
    head = made.model.head
    assert head is not None
    scrubbed = view_of(made.model, Head(head.branch, head.index - 40))
    shown = panels(replace(state, timeline=scrubbed))["timeline"]
    new = differs(shown, panels(state)["timeline"])
    column = round((TIMELINE[0] - EDGE - TRACKS + (scrubbed.scrub or 0)) * DENSITY)
    assert new[200:-40, column - 1 : column + 2].any()
    assert not new[200:-40, column + 30 :].any(), "the head's line stays"


def test_outcomes_differ_in_shape(state: PanelState, made: MadeUp) -> None:
    """Success and failure of the same lane differ where colours are taken away."""
    view = view_of(made.model)
    grey = []
    for outcome in ("success", "failure", "timeout", "open"):
        lanes = (replace(view.lanes[0], outcome=outcome, marks=()), *view.lanes[1:])  # type: ignore[arg-type]
        shown = pixels(panels(replace(state, timeline=replace(view, lanes=lanes)))["timeline"])
        grey.append(
            shown[round(136 * DENSITY) : round(188 * DENSITY), round(240 * DENSITY) : round(340 * DENSITY), :3].max(-1)
            > 120
        )
    for i in range(4):
        for j in range(i):
            assert (grey[i] != grey[j]).sum() > 60
