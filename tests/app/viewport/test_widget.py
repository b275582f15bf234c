import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QColor, QPaintEvent
from pytestqt.qtbot import QtBot

from app.viewport.widget import SEEKING_AFTER_MS, Viewport
from core.camera import Camera
from tests.app.fakes import STATUS


def camera(name: str) -> Camera:
    return Camera(name, 32, 32, np.array([[32.0, 0, 15.5], [0, 32.0, 15.5], [0, 0, 1]]), np.eye(4))


def plain(colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((32, 32, 3), colour, np.uint8)


def test_shows_the_newest_frame_of_each_camera(qtbot: QtBot) -> None:
    viewport = Viewport((camera("top"), camera("front")))
    qtbot.addWidget(viewport)
    viewport.resize(640, 360)
    viewport.show()
    qtbot.waitExposed(viewport)
    viewport.show_frames({"top": plain((0, 0, 255)), "front": plain((0, 255, 0))})
    viewport.show_frames({"top": plain((255, 0, 0)), "front": plain((0, 255, 0))})
    image = viewport.grab().toImage()
    assert QColor(image.pixel(160, 180)) == QColor(255, 0, 0)
    assert QColor(image.pixel(480, 180)) == QColor(0, 255, 0)


def test_a_rollback_that_is_done_at_once_shows_no_sign_of_seeking(qtbot: QtBot) -> None:
    viewport = Viewport((camera("top"),))
    qtbot.addWidget(viewport)
    viewport.show_seeking("step 3")
    assert viewport.view.seeking == ""
    viewport.show_status(STATUS)
    qtbot.wait(2 * SEEKING_AFTER_MS)
    assert viewport.view.seeking == ""


def test_a_slow_rollback_shows_a_message_until_the_status_comes(qtbot: QtBot) -> None:
    viewport = Viewport((camera("top"),))
    qtbot.addWidget(viewport)
    viewport.show_seeking("step 3")
    qtbot.waitUntil(lambda: viewport.view.seeking == "step 3", timeout=2000)
    viewport.show_status(STATUS)
    assert viewport.view.seeking == ""


def test_new_pictures_paint_only_the_places_that_changed(qtbot: QtBot) -> None:
    painted: list[QRect] = []

    class Watched(Viewport):
        def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
            assert event is not None
            painted.append(event.region().boundingRect())
            super().paintEvent(event)

    viewport = Watched((camera("top"),))
    qtbot.addWidget(viewport)
    viewport.resize(600, 600)
    viewport.show()
    qtbot.waitExposed(viewport)
    before = plain((0, 0, 255))
    with qtbot.waitSignal(viewport.displayed):
        viewport.show_frames({"top": before})
    after = before.copy()
    after[2, 2] = 255
    painted.clear()
    with qtbot.waitSignal(viewport.displayed):
        viewport.show_frames({"top": after})
    assert len(painted) == 1
    assert painted[0].width() < viewport.width() / 1.5
    image = viewport.grab().toImage()
    painted.clear()
    viewport.show_frames({"top": after.copy()})
    qtbot.wait(50)
    assert painted == [], "the same pixels need no paint"
    viewport.resize(610, 600)
    assert image.size() != viewport.grab().toImage().size()


def test_a_status_with_the_same_pictures_counts_as_displayed(qtbot: QtBot) -> None:
    viewport = Viewport((camera("top"),))
    qtbot.addWidget(viewport)
    viewport.show()
    qtbot.waitExposed(viewport)
    for status in (STATUS, replace(STATUS, recorded=STATUS.recorded)):
        with qtbot.waitSignal(viewport.displayed):
            viewport.show_status(status)
        assert viewport.drawn is status


def test_what_changed_while_it_was_hidden_is_seen_when_it_is_shown_again(qtbot: QtBot) -> None:
    viewport = Viewport((camera("top"),))
    qtbot.addWidget(viewport)
    viewport.resize(600, 600)
    viewport.show()
    qtbot.waitExposed(viewport)
    viewport.hide()
    viewport.show_frames({"top": plain((255, 0, 0))})
    qtbot.wait(20)
    viewport.show()
    qtbot.waitExposed(viewport)
    qtbot.wait(20)
    assert QColor(viewport.grab().toImage().pixel(300, 300)) == QColor(255, 0, 0)


WITHOUT_OPENGL = """
import os, sys, time
os.environ["QT_XCB_GL_INTEGRATION"] = "none"
from app.command.screen import VirtualScreen
with VirtualScreen(640, 480, int(sys.argv[1])):
    import numpy as np
    from app.qt import make_qt
    from app.viewport.widget import Viewport
    from models.tasks.push_t.geometry import CAMERAS
    application = make_qt()
    viewport = Viewport(CAMERAS)
    viewport.resize(400, 200)
    viewport.show()
    viewport.show_frames({camera.name: np.full((128, 128, 3), 200, np.uint8) for camera in CAMERAS})
    end = time.monotonic() + 30
    while not viewport.drawn_view.frames and time.monotonic() < end:
        application.processEvents()
    application.sync()
    screen = application.primaryScreen()
    place = viewport.mapToGlobal(viewport.rect().center())
    seen = screen.grabWindow(0, place.x() - 60, place.y(), 1, 1).toImage().pixelColor(0, 0)
    assert "OpenGL" not in sys.modules
    print("seen", screen.depth(), seen.red(), flush=True)
    os._exit(0)
"""


@pytest.mark.parametrize("depth", [16, 24])
def test_pictures_are_drawn_without_opengl_and_at_16_bits(depth: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_OPENGL, str(depth)], capture_output=True, text=True, timeout=60, check=False
    )
    words = done.stdout.split()
    assert words[:2] == ["seen", str(depth)], done.stderr
    assert abs(int(words[2]) - 200) <= 8
