import math

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from app.playback.curves import action_curves, gauge_curves, span, words_at
from app.playback.plot_panel import PlotPanel
from app.playback.tracks import Track
from core.action import ACTION_DIM


def track(nodes: int, fork: int = 0, trust: bool = True, branch: int = 0) -> Track:
    t = np.arange(nodes, dtype=np.float32)
    action = np.tile(0.3 + 0.1 * np.sin(t / 20)[:, None], (1, 14)).astype(np.float32)
    action[0] = np.nan
    gauge = np.linspace(0, 1, nodes)
    unknown = np.full(nodes, np.nan)
    return Track(branch, fork, action, action, gauge if trust else unknown, gauge, np.zeros(nodes, np.int8))


@pytest.fixture
def panel(qtbot: QtBot) -> PlotPanel:
    panel = PlotPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    return panel


def test_curves_are_in_units_that_people_read() -> None:
    found = track(50)
    position, rotation, gripper = (action_curves(found, group) for group in ("Position", "Rotation", "Gripper"))
    assert [curve.name for curve in position] == ["L x", "y", "z", "R x", "y", "z"]
    assert position[0].values[10] == pytest.approx(100 * found.action[10, 0])
    assert rotation[3].values[10] == pytest.approx(math.degrees(found.action[10, 10]))
    assert gripper[1].values[10] == pytest.approx(100 * found.action[10, 13])
    assert words_at(position[0], 0) == "L x unknown"
    assert words_at(gauge_curves(found)[0], 49).split() == ["progress", "100", "%"]


def test_a_flat_curve_is_not_blown_up_and_an_unknown_one_has_a_span() -> None:
    low, high = span([curve for curve in gauge_curves(track(50, trust=False)) if not curve.known], 4.0)
    assert (low, high) == (0.0, 4.0)
    still = track(50)
    still.action[1:] = 0.3
    low, high = span(action_curves(still, "Position"), 4.0)
    assert high - low > 4.0


def test_head_and_hover_are_shown_as_values(panel: PlotPanel) -> None:
    panel.show_track(track(101, fork=40))
    panel.set_head(50)
    assert "Step 50" in panel.readout.words
    assert "trust 50" in panel.readout.words
    panel.show_group("Gripper")
    assert "L open" in panel.readout.words
    panel.next_group()
    assert panel.group == "Position"


def test_a_click_requests_the_node_under_it(panel: PlotPanel, qtbot: QtBot) -> None:
    panel.show_track(track(101))
    qtbot.waitExposed(panel)
    box = panel._gauges.getViewBox()
    scene = box.mapViewToScene(QPointF(70.0, 50.0))
    place = panel._canvas.mapFromScene(scene)
    with qtbot.waitSignal(panel.sought, timeout=5000) as sought:
        qtbot.mouseClick(panel._canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
    assert sought.args is not None
    assert abs(sought.args[0] - 70) <= 1


def test_a_path_that_grows_keeps_its_zoom_and_another_one_is_shown_whole(panel: PlotPanel) -> None:
    panel.show_track(track(101))
    assert panel.shown_range == pytest.approx((0, 100))
    panel.show_track(track(121))
    assert panel.shown_range == pytest.approx((0, 120)), "the end was seen, so it follows"
    panel._gauges.setXRange(20, 40, padding=0)
    panel.show_track(track(131))
    assert panel.shown_range == pytest.approx((20, 40))
    panel.show_track(track(60, branch=1), 30)
    assert panel.shown_range == pytest.approx((30, 59))


def test_a_hundred_thousand_steps_are_drawn_with_as_many_points_as_there_are_pixels(panel: PlotPanel) -> None:
    panel.show_track(track(100_001))
    panel.grab()
    for line in (*panel._gauge_lines, *panel._action_lines.values()):
        x, _ = line.getData()
        assert x is not None
        assert 100 < len(x) < 6 * panel.width()


def test_unknown_trust_and_an_empty_path_are_drawn_without_a_word_of_warning(panel: PlotPanel) -> None:
    panel.show_track(track(30, trust=False))
    panel.grab()
    assert "trust unknown" in panel.readout.words
    nothing, wide = np.empty(0), np.empty((0, ACTION_DIM), np.float32)
    panel.show_track(Track(0, 0, wide, wide, nothing, nothing, np.empty(0, np.int8)))
    panel.grab()
    assert panel.readout.words == "No steps"
    panel.show_track(None)
    panel.grab()
