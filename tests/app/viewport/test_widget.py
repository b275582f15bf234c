import numpy as np
import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.viewport.widget import SEEKING_AFTER_MS, Viewport
from core.camera import Camera
from tests.app.fakes import STATUS

pytestmark = pytest.mark.gl


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
    image = viewport.grabFramebuffer()
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


def test_a_rollback_that_takes_long_says_so_until_the_status_comes(qtbot: QtBot) -> None:
    viewport = Viewport((camera("top"),))
    qtbot.addWidget(viewport)
    viewport.show_seeking("step 3")
    qtbot.waitUntil(lambda: viewport.view.seeking == "step 3", timeout=2000)
    viewport.show_status(STATUS)
    assert viewport.view.seeking == ""
