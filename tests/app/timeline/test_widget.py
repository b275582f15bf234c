import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.timeline.geometry import HEIGHTS, NAMES, ROW, RULER, TOP
from app.timeline.lanes import DRIVER, INSET
from app.timeline.model import TimelineModel
from app.timeline.thumbnails import Thumbnails
from app.timeline.widget import Timeline
from app.widgets import theme
from core.branch_tree import Head
from tests.app.made_up_session import MadeUp

LEFT = Qt.MouseButton.LeftButton


class Stage:
    """A shown timeline with a trunk of 40 steps (policy) and a correction of 20 steps from node 20."""

    def __init__(self, timeline: Timeline, made: MadeUp, trunk: int, child: int) -> None:
        self.timeline, self.made, self.trunk, self.child = timeline, made, trunk, child
        self.seeks: list[tuple[int, int]] = []
        self.previews: list[tuple[int, int]] = []
        timeline.seek_requested.connect(lambda b, n: self.seeks.append((b, n)))
        timeline.preview_requested.connect(lambda b, n: self.previews.append((b, n)))

    def at(self, branch: int, node: float) -> QPoint:
        row = self.made.model.row(branch)
        assert row is not None
        g = self.timeline.layout_now
        return QPoint(round(g.x(node)), g.row_top(row) + ROW // 2)

    def grab(self) -> QImage:
        return self.timeline.viewport().grab().toImage()


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    model = TimelineModel()
    made = MadeUp(model, pictures=False)
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 40)
    child = made.branch(0, trunk, 20, "correction")
    made.run(child, "operator", 20)
    made.finish(child, "failure", "slipped")
    timeline = Timeline(model)
    qtbot.addWidget(timeline)
    timeline.resize(900, 300)
    timeline.show()
    qtbot.waitExposed(timeline)
    return Stage(timeline, made, trunk, child)


def test_a_click_on_a_lane_requests_that_node(stage: Stage) -> None:
    QTest.mouseClick(stage.timeline.viewport(), LEFT, pos=stage.at(stage.trunk, 33))
    assert stage.seeks == [(stage.trunk, 33)]
    assert stage.previews == []


def test_a_click_behind_the_end_of_a_lane_requests_its_end(stage: Stage) -> None:
    QTest.mouseClick(stage.timeline.viewport(), LEFT, pos=stage.at(stage.trunk, 60))
    assert stage.seeks == [(stage.trunk, 40)]


def test_a_click_on_the_ruler_follows_the_heads_path(stage: Stage) -> None:
    x = round(stage.timeline.layout_now.x(7))
    QTest.mouseClick(stage.timeline.viewport(), LEFT, pos=QPoint(x, RULER // 2))
    assert stage.seeks == [(stage.child, 7)]


def test_a_drag_previews_and_its_end_sends_one_request(stage: Stage, qtbot: QtBot) -> None:
    canvas = stage.timeline.viewport()
    QTest.mousePress(canvas, LEFT, pos=stage.at(stage.trunk, 5))
    for node in (6, 8, 12):
        QTest.mouseMove(canvas, stage.at(stage.trunk, node))
    assert stage.timeline.selected_node() == Head(stage.trunk, 12)
    with qtbot.waitSignal(stage.timeline.preview_ended):
        QTest.mouseRelease(canvas, LEFT, pos=stage.at(stage.trunk, 12))
    assert stage.previews == [(stage.trunk, 6), (stage.trunk, 8), (stage.trunk, 12)]
    assert stage.seeks == [(stage.trunk, 12)]


def test_a_cancelled_drag_moves_nothing(stage: Stage) -> None:
    canvas = stage.timeline.viewport()
    QTest.mousePress(canvas, LEFT, pos=stage.at(stage.trunk, 5))
    QTest.mouseMove(canvas, stage.at(stage.trunk, 15))
    stage.timeline.cancel_scrub()
    QTest.mouseRelease(canvas, LEFT, pos=stage.at(stage.trunk, 15))
    assert stage.seeks == []
    assert stage.timeline.selected_node() == stage.made.model.head


def test_a_double_click_on_a_name_prompts_for_a_new_one(stage: Stage, qtbot: QtBot) -> None:
    place = QPoint(60, stage.at(stage.child, 0).y())
    with qtbot.waitSignal(stage.timeline.rename_requested) as asked:
        QTest.mouseDClick(stage.timeline.viewport(), LEFT, pos=place)
    assert asked.args == [stage.child]
    assert stage.seeks == []


def turn_wheel(stage: Stage, x: float, delta: int, modifiers: Qt.KeyboardModifier) -> None:
    canvas = stage.timeline.viewport()
    at = QPointF(x, TOP + 10)
    event = QWheelEvent(
        at, QPointF(canvas.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def test_the_wheel_zooms_around_the_pointer(stage: Stage) -> None:
    x = stage.timeline.layout_now.x(30)
    before = stage.timeline.layout_now.zoom
    turn_wheel(stage, x, 240, Qt.KeyboardModifier.NoModifier)
    after = stage.timeline.layout_now
    assert after.zoom == pytest.approx(before * 1.44)
    assert after.node(x) == pytest.approx(30)


def test_shift_and_wheel_pan(stage: Stage) -> None:
    for _ in range(4):
        stage.timeline.zoom_in()
    before = stage.timeline.layout_now
    turn_wheel(stage, NAMES + 100, 120, Qt.KeyboardModifier.ShiftModifier)
    after = stage.timeline.layout_now
    assert after.zoom == before.zoom
    assert after.first == pytest.approx(before.first - 120 / before.zoom)


def test_fit_shows_everything_again(stage: Stage) -> None:
    for _ in range(5):
        stage.timeline.zoom_in()
    assert not stage.timeline.layout_now.first <= 0 < 40 <= stage.timeline.layout_now.last
    stage.timeline.fit()
    assert stage.timeline.layout_now.first <= 0 < 40 <= stage.timeline.layout_now.last


def test_a_running_head_is_kept_in_view(stage: Stage) -> None:
    stage.timeline.resize(500, 300)
    for _ in range(6):
        stage.timeline.zoom_in()
    stage.made.model.status(stage.made.status(Head(stage.child, 3)))
    assert stage.timeline.layout_now.first <= 3 <= stage.timeline.layout_now.last
    stage.made.model.status(stage.made.status(Head(stage.child, 39)))
    assert stage.timeline.layout_now.first <= 39 <= stage.timeline.layout_now.last


def test_the_lane_of_a_new_head_is_scrolled_to(stage: Stage) -> None:
    made = stage.made
    for fork in range(1, 15):
        made.branch(0, stage.trunk, fork, "correction")
    row = made.model.row(made.model.lanes[-1].branch)
    assert row is not None
    assert row in stage.timeline.layout_now.visible_rows()


def test_who_drove_is_painted(stage: Stage) -> None:
    image = stage.grab()
    scale = image.devicePixelRatio()
    g = stage.timeline.layout_now

    def pixel(branch: int, node: float, y: int) -> QColor:
        row = stage.made.model.row(branch)
        assert row is not None
        return QColor(image.pixel(round(g.x(node) * scale), round((g.row_top(row) + INSET + y) * scale)))

    assert pixel(stage.trunk, 10.5, DRIVER - 2) == QColor(theme.POLICY)
    assert pixel(stage.trunk, 10.5, 1) != QColor(theme.POLICY), "the policy's bar is low"
    top_of_operator = {pixel(stage.child, 25 + i / 10, 1).name() for i in range(20)}
    assert QColor(theme.OPERATOR).name() in top_of_operator
    assert len(top_of_operator) > 1, "the operator's bar is striped"
    assert pixel(stage.child, 10.5, DRIVER - 2) != QColor(theme.OPERATOR), "nothing before the fork"


def test_the_cursor_moves_without_repainting_the_lanes(stage: Stage, qtbot: QtBot) -> None:
    stage.grab()
    before = dict(stage.timeline.layers.drawn)
    stage.made.model.status(stage.made.status(Head(stage.child, 22)))
    image = stage.grab()
    assert stage.timeline.layers.drawn == before
    x = round(stage.timeline.layout_now.x(22))
    assert QColor(image.pixel(x, TOP + 2 * ROW + 20)) != QColor(image.pixel(x + 8, TOP + 2 * ROW + 20))


def test_hovering_shows_a_card_with_the_driver(stage: Stage) -> None:
    canvas = stage.timeline.viewport()
    QTest.mouseMove(canvas, stage.at(stage.child, 29))
    QTest.mouseMove(canvas, stage.at(stage.child, 30))
    card = stage.timeline._card
    assert card.isVisible()
    assert "A1   step 30" in card.words
    assert "You drove" in card.words
    assert "Note: slipped" in card.words
    QTest.mouseMove(canvas, QPoint(60, stage.at(stage.child, 0).y()))
    assert "20 steps, correction from A at step 20" in card.words
    stage.timeline.hide()
    assert not card.isVisible()


def test_an_empty_timeline_explains_what_will_be_there(qtbot: QtBot) -> None:
    timeline = Timeline(TimelineModel())
    qtbot.addWidget(timeline)
    timeline.resize(900, 300)
    timeline.show()
    qtbot.waitExposed(timeline)
    timeline.zoom_in()
    assert timeline.selected_node() is None
    QTest.mouseClick(timeline.viewport(), LEFT, pos=QPoint(NAMES + 50, TOP + 50))
    image = timeline.viewport().grab().toImage()
    lit = sum(QColor(image.pixel(x, y)).lightness() > 120 for x in range(NAMES, 900, 2) for y in range(TOP, 300, 2))
    assert lit > 20, "there are words"


def test_one_more_step_draws_its_lane_and_no_other(stage: Stage, qtbot: QtBot) -> None:
    stage.grab()
    before = dict(stage.timeline.layers.drawn)
    stage.made.run(stage.child, "policy", 1)
    image = stage.grab()
    after = stage.timeline.layers.drawn
    assert (after["lanes"], after["names"], after["rows"]) == (before["lanes"], before["names"], before["rows"] + 1)
    stage.timeline.layers.revision = -1  # draw everything
    assert stage.grab() == image, "a lane drawn alone looks as among the others"


@pytest.mark.parametrize("turns", [-3, -2, -1, 1])
def test_lanes_of_every_height_show_who_drove_and_can_be_hit(stage: Stage, turns: int) -> None:
    for _ in range(abs(turns)):
        stage.timeline.change_height(1 if turns > 0 else -1)
    g = stage.timeline.layout_now
    row = stage.made.model.row(stage.child)
    assert row is not None
    assert g.row == HEIGHTS[max(0, HEIGHTS.index(ROW) + turns)]
    place = QPoint(round(g.x(30)), g.row_top(row) + g.row // 2)
    QTest.mouseClick(stage.timeline.viewport(), LEFT, pos=place)
    assert stage.seeks == [(stage.child, 30)]
    image = stage.grab()
    ys = range(g.row_top(row), g.row_top(row) + g.row)
    lane = {QColor(image.pixel(round(g.x(25)) + dx, y)).name() for y in ys for dx in range(8)}
    assert QColor(theme.OPERATOR).name() in lane


def test_a_requested_step_is_shown_beside_the_head_until_it_arrives(stage: Stage) -> None:
    stage.made.model.status(stage.made.status(Head(stage.child, 22)))
    plain = stage.grab()
    stage.timeline.show_requested(Head(stage.child, 35))
    stage.timeline.show_shown(32)
    both = stage.grab()
    g = stage.timeline.layout_now
    for node in (35, 32):
        columns = range(round(g.x(node)) - 1, round(g.x(node)) + 2)
        assert any(plain.pixel(x, y) != both.pixel(x, y) for x in columns for y in range(TOP)), node
    assert plain.pixel(round(g.x(22)), TOP + 2) == both.pixel(round(g.x(22)), TOP + 2), "the head stays"
    stage.timeline.show_requested(None)
    stage.timeline.show_shown(None)
    assert stage.grab() == plain


def test_missing_pictures_of_the_film_are_requested(stage: Stage, qtbot: QtBot) -> None:
    stage.made.model.thumbnails = Thumbnails()  # as after a reopen
    with qtbot.waitSignal(stage.timeline.pictures_wanted) as asked:
        stage.timeline.zoom_in()
        stage.grab()
    assert (stage.trunk, 10) in asked.args[0]
    assert all(branch in (stage.trunk, stage.child) for branch, _ in asked.args[0])
