"""The export dialog of a window: made when it is first asked for, hidden and shown again while it works."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from core.branch_tree import BranchTree
from core.events import Message

if TYPE_CHECKING:
    from app.export.dialog import ExportDialog


class ExportController:
    """Owns at most one dialog; other sessions get another one, unless the first is still exporting."""

    def __init__(self, window: QWidget, tell: Callable[[Message], None]) -> None:
        """Nothing is made before the first request.

        Args:
            window: Parent of the dialog.
            tell: Shows words to the user.
        """
        self._window, self._tell = window, tell
        self.dialog: ExportDialog | None = None

    def show(self, sessions: Sequence[Path], trees: Callable[[], Sequence[BranchTree]]) -> None:
        """Open the dialog for sessions, or bring back the one that is hidden.

        Args:
            sessions: Folders that become one export.
            trees: Their newest branches, in the same order.
        """
        from app.export.dialog import ExportDialog  # with the store, which the first window does not wait for

        wanted, dialog = tuple(sessions), self.dialog
        if dialog is not None and dialog.sessions != wanted:
            if dialog.job is None:
                self.stop()
            else:
                self._tell(Message("info", "Another export is still running. It ends, or is stopped, first."))
        if self.dialog is None:
            self.dialog = ExportDialog(wanted, trees, self._window)
            self.dialog.ended.connect(lambda level, words: self._tell(Message(level, words)))
            self.dialog.finished.connect(lambda _: self._window.activateWindow())  # keys go to the window again
        elif self.dialog.sessions == wanted:
            self.dialog.trees = trees
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def refresh(self) -> None:
        """Branches changed: what would be exported, too."""
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.refresh()

    def stop(self) -> None:
        """The sessions close, and the dialog with them; an export that was running can be resumed."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.stop()
            dialog.deleteLater()
