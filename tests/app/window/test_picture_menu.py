"""The menu of the camera pictures."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.commands.actions import Actions
from app.studio.table import COMMANDS
from app.viewport.widget import Viewport
from app.window.picture_menu import OVERLAYS, PictureMenu
from core.events import Message

TOP = np.full((4, 6, 3), (255, 0, 0), np.uint8)
FRONT = np.full((2, 3, 3), (0, 0, 255), np.uint8)
RED, BLUE, BLACK = 0xFFFF0000, 0xFF0000FF, 0xFF000000


@pytest.fixture
def said() -> list[Message]:
    return []


@pytest.fixture
def pictures(qtbot: QtBot, said: list[Message]) -> PictureMenu:
    viewport = Viewport()
    qtbot.addWidget(viewport)
    viewport.show_frames({"top": TOP, "front": FRONT})
    return PictureMenu(viewport, Actions(COMMANDS, lambda command: None, viewport), said.append)


def colours(image: QImage) -> tuple[int, int, int]:
    return image.pixel(0, 0), image.pixel(6, 0), image.pixel(6, 3)


def test_pictures_are_copied_at_their_own_size(pictures: PictureMenu, said: list[Message]) -> None:
    pictures.copy()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    image = clipboard.image()
    assert (image.width(), image.height()) == (9, 4)
    assert colours(image) == (RED, BLUE, BLACK)
    assert said[-1].level == "info"


def test_pictures_are_saved_or_the_user_reads_why_not(
    pictures: PictureMenu, said: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "none/a.png"):
        answer = (str(tmp_path / name), "")
        monkeypatch.setattr("app.window.picture_menu.QFileDialog.getSaveFileName", lambda *_, answer=answer: answer)
        pictures.ask_where()
    assert colours(QImage(str(tmp_path / "a.png"))) == (RED, BLUE, BLACK)
    assert [message.level for message in said] == ["info", "error"]


def test_overlays_are_the_commands_of_the_table(pictures: PictureMenu) -> None:
    texts = [action.text() for action in pictures.menu().actions()]
    assert texts[:2] == ["Copy pictures", "Save pictures…"]
    assert [command.words for command in COMMANDS if command.name in OVERLAYS] == texts[3:5]


def test_without_pictures_nothing_can_be_copied(pictures: PictureMenu) -> None:
    pictures._viewport.show_frames({})
    assert [action.isEnabled() for action in pictures.menu().actions()[:2]] == [False, False]
