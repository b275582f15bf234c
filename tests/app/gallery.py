"""Pictures of the two big widgets, for the eye: `python -m tests.app.gallery [FOLDER]`. Starts its own screen."""

import sys
from pathlib import Path

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QSplitter

from app.command.screen import VirtualScreen
from app.timeline.model import TimelineModel
from app.timeline.widget import Timeline
from app.viewport.widget import Viewport
from app.widgets import theme
from core.branch_tree import Head
from models.tasks.push_t.geometry import CAMERAS
from tests.app.made_up_session import MadeUp, three_failures


def settle(application: QApplication) -> None:
    for _ in range(20):
        application.processEvents()


def shot(application: QApplication, window: QSplitter, path: Path) -> None:
    settle(application)
    screen = application.primaryScreen()
    assert screen is not None
    screen.grabWindow(0, 0, 0, window.width(), window.height()).save(str(path))


def hover(timeline: Timeline, x: int, y: int) -> None:
    QTest.mouseMove(timeline.viewport(), QPoint(x - 2, y))
    QTest.mouseMove(timeline.viewport(), QPoint(x, y))


def states(made: MadeUp, viewport: Viewport, timeline: Timeline):  # type: ignore[no-untyped-def]
    """(name, what to do) of every picture."""
    head = made.model.head or Head(0, 0)
    yield "paused", lambda: viewport.show_status(made.status(head))
    yield (
        "correcting",
        lambda: viewport.show_status(
            made.status(head, "CORRECTING", limit_hits=(False, True), clutch=(False, True), driver="operator")
        ),
    )
    yield "autonomous", lambda: viewport.show_status(made.status(head, "AUTONOMOUS"))
    yield "frozen", lambda: viewport.show_status(made.status(head, "CORRECTING", frozen=True))
    yield "zoomed", lambda: [timeline.zoom_in() for _ in range(6)]
    yield "hover", lambda: (timeline.fit(), hover(timeline, 700, 22 + 48 + 34 * 3 + 10))
    yield "name", lambda: hover(timeline, 90, 22 + 48 + 34 * 2 + 10)
    yield "trash", lambda: (timeline.fit(), made.model.show_trash(True))
    yield "preview", lambda: viewport.show_preview(made.last.frames, "B2 · step 131")
    yield "success", lambda: (viewport.end_preview(), viewport.show_status(made.status(head, success=True)))


def pictures(folder: Path, width: int, height: int) -> None:
    application = QApplication(sys.argv[:1])
    theme.apply(application)
    ratio = application.devicePixelRatio()
    width, height = round(width / ratio), round(height / ratio)
    window = QSplitter(Qt.Orientation.Vertical)
    model = TimelineModel()
    viewport, timeline = Viewport(CAMERAS), Timeline(model)
    window.addWidget(viewport)
    window.addWidget(timeline)
    window.setSizes([height - 330, 330])
    window.resize(width, height)
    window.show()
    shot(application, window, folder / f"{round(width * ratio)}-empty.png")
    made = three_failures(model)
    viewport.set_recording(True)
    for name, act in states(made, viewport, timeline):
        act()
        shot(application, window, folder / f"{round(width * ratio)}-{name}.png")


if __name__ == "__main__":
    target, width, height = Path(sys.argv[1] if len(sys.argv) > 1 else "out/gallery"), 1280, 800
    if len(sys.argv) > 3:
        width, height = int(sys.argv[2]), int(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    with VirtualScreen(width, height):
        pictures(target, width, height)
