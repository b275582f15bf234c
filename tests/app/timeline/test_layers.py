import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.timeline.layers import Layers
from app.timeline.model import TimelineModel
from app.timeline.widget import Timeline
from app.widgets import theme
from core.branch_tree import Head
from tests.app.made_up_session import MadeUp, three_failures


def moves(timeline: Timeline, made: MadeUp, rng: random.Random) -> dict[str, Callable[[], object]]:
    """What a user or a run does to the timeline, at random."""
    model, bar = made.model, timeline.verticalScrollBar()
    assert bar is not None
    last = made.tree[max(b for b, branch in made.tree.items() if branch.episode == 1)]

    def change(**values: object) -> None:
        chosen = rng.choice([b for b in made.tree.values() if b.parent is not None])
        made.tree[chosen.id] = replace(chosen, **values)  # type: ignore[arg-type]
        made.tell(last.id, last.length)

    def see(node: int) -> None:
        timeline.zoom_to(node, node + rng.choice((20, 90, 400, 2000)))

    return {
        "pan": lambda: timeline.pan(rng.uniform(-80, 80)),
        "zoom in": timeline.zoom_in,
        "zoom out": timeline.zoom_out,
        "range": lambda: see(rng.randrange(150)),
        "fit": timeline.fit,
        "scroll": lambda: bar.setValue(rng.randint(0, bar.maximum())),
        "height": lambda: timeline.change_height(rng.choice((-1, 1))),
        "append": lambda: made.run(last.id, rng.choice(("policy", "operator")), rng.randint(1, 3)),
        "kept": lambda: (model.kept(last.id, last.length, in_memory=rng.random() < 0.5), model.tell()),
        "fork": lambda: made.branch(1, last.id, rng.randint(last.fork_step, last.length), "correction"),
        "label": lambda: made.finish(last.id, rng.choice(("success", "failure")), rng.choice(("", "slipped"))),
        "name": lambda: change(name=rng.choice(("", "around", "a name that has no room in the column"))),
        "hide": lambda: change(hidden=rng.random() < 0.5),
        "discard": lambda: change(discarded=rng.random() < 0.5),
        "trash": lambda: model.show_trash(not model.shows_trash),
        "head": lambda: model.status(made.status(Head(last.id, rng.randint(0, last.length)))),
    }


@pytest.mark.parametrize("text", [1.0, 2.0])
def test_what_is_kept_looks_as_if_all_were_drawn_from_scratch(qtbot: QtBot, text: float) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    made = three_failures(TimelineModel(), pictures=False)
    timeline = Timeline(made.model)
    qtbot.addWidget(timeline)
    timeline.resize(1000, 500)
    timeline.show()
    qtbot.waitExposed(timeline)
    theme.set_text_scale(application, text)
    try:
        rng, kept = random.Random(5), timeline.layers
        for number in range(90):
            choices = moves(timeline, made, rng)
            name = rng.choice(sorted(choices))
            choices[name]()
            seen = _grab(timeline)
            timeline._layers = Layers(made.model)
            scratch = _grab(timeline)
            timeline._layers = kept
            assert seen == scratch, f"move {number}: {name} at {timeline.layout_now}"
    finally:
        theme.set_text_scale(application, 1.0)


def test_scrolling_and_panning_draw_only_what_comes_into_view(qtbot: QtBot) -> None:
    made = three_failures(TimelineModel(), pictures=False)
    timeline = Timeline(made.model)
    qtbot.addWidget(timeline)
    timeline.resize(900, 240)
    timeline.show()
    qtbot.waitExposed(timeline)
    bar = timeline.verticalScrollBar()
    assert bar is not None
    _grab(timeline)
    before = timeline.layers.pieces_drawn
    bar.setValue(bar.value() - timeline.layout_now.row)
    _grab(timeline)
    names, tiles = (after - old for after, old in zip(timeline.layers.pieces_drawn, before, strict=True))
    assert names == 1
    assert 1 <= tiles <= 3
    before = timeline.layers.pieces_drawn
    timeline.pan(5)
    _grab(timeline)
    assert timeline.layers.pieces_drawn == before


def _grab(timeline: Timeline) -> QImage:
    canvas = timeline.viewport()
    assert canvas is not None
    return canvas.grab().toImage()
