"""Ask before the window closes while steps or changes are in memory only."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from core.recorder import Unwritten

POLL_MS = 200


class UnsavedQuestion(QMessageBox):
    """Wait for the disk, stay, or quit and lose what it refuses. Accepted as soon as everything is written."""

    def __init__(self, parent: QWidget, unwritten: Callable[[], "Unwritten | None"]) -> None:
        super().__init__(parent)
        self._unwritten = unwritten
        self.setWindowTitle("Not everything is on the disk")
        self.setIcon(QMessageBox.Icon.Warning)
        self.stay = self.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
        self.lose = self.addButton("Quit without them", QMessageBox.ButtonRole.DestructiveRole)
        self.setDefaultButton(self.stay)
        self.setEscapeButton(self.stay)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(POLL_MS)
        self._look()

    @property
    def may_close(self) -> bool:
        """Whether the window may close: everything is written, or the user gives it up."""
        return self.clickedButton() is self.lose or self._unwritten() is None

    def _look(self) -> None:
        found = self._unwritten()
        if found is None:
            self._timer.stop()
            self.accept()
            return
        self.setText(f"{found.words()} would be lost.")
        self.setInformativeText(f"{found.why}\n\nThe window closes by itself once everything is written.")
