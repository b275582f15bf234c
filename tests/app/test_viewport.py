import numpy as np
import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.viewport import Viewport
from core.world import Camera

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
