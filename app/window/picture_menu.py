"""What can be done with the camera pictures, by right click: copy, save, and what is drawn over them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QPoint, Qt
from PyQt6.QtGui import QGuiApplication, QImage
from PyQt6.QtWidgets import QFileDialog, QMenu

from app.commands.actions import Actions
from app.viewport.widget import Viewport
from core.events import Message

OVERLAYS = ("plan", "markers")
"""Commands that switch what is drawn over the pictures."""


def side_by_side(frames: Mapping[str, NDArray[np.uint8]]) -> QImage:
    """The pictures of all cameras at their own size, left to right, top-aligned on black."""
    pictures = list(frames.values())
    width, height = sum(p.shape[1] for p in pictures), max(p.shape[0] for p in pictures)
    sheet = np.zeros((height, width, 3), np.uint8)
    left = 0
    for picture in pictures:
        sheet[: picture.shape[0], left : left + picture.shape[1]] = picture
        left += picture.shape[1]
    return QImage(sheet.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class PictureMenu(QObject):
    """Opens the menu of a viewport."""

    def __init__(self, viewport: Viewport, actions: Actions, tell: Callable[[Message], None]) -> None:
        super().__init__(viewport)
        self._viewport, self._actions, self._tell = viewport, actions, tell
        viewport.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        viewport.customContextMenuRequested.connect(self._open)

    def menu(self) -> QMenu:
        """The menu for what is shown now."""
        menu, there = QMenu(self._viewport), bool(self._viewport.view.frames)
        for words, act in (("Copy pictures", self.copy), ("Save pictures…", self.ask_where)):
            action = menu.addAction(words)
            if action is not None:
                action.setEnabled(there)
                action.triggered.connect(lambda _checked=False, act=act: act())
        menu.addSeparator()
        menu.addActions([self._actions[name] for name in OVERLAYS])
        menu.addSeparator()
        menu.addAction(self._actions["screenshot"])
        return menu

    def copy(self) -> None:
        """Put the pictures on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setImage(side_by_side(self._viewport.view.frames))
            self._tell(Message("info", "Copied the camera pictures."))

    def ask_where(self) -> None:
        """Ask for a file and write the pictures; what is shown when the menu was opened, not later."""
        image = side_by_side(self._viewport.view.frames)
        name, _ = QFileDialog.getSaveFileName(self._viewport, "Save pictures", "pictures.png", "PNG (*.png)")
        if name:
            self.save(image, name)

    def save(self, image: QImage, name: str) -> None:
        """Write a picture and say so."""
        if image.save(name):
            self._tell(Message("info", f"Saved {name}."))
        else:
            words = f"{name} could not be written. Is the disk full or read-only, or does the name not end in .png?"
            self._tell(Message("error", words))

    def _open(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._viewport.mapToGlobal(at))
