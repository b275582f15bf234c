"""The export of the session that is open: one dialog, made when it is first asked for, gone with the session."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtBoundSignal
from PyQt6.QtWidgets import QWidget

from app.opening.live_session import LiveSession
from core.events import Message

if TYPE_CHECKING:
    from app.export.dialog import ExportDialog


class ExportController:
    """Owns the export dialog: made on the first request, hidden and shown again, gone with the session."""

    def __init__(
        self, source: LiveSession, changed: pyqtBoundSignal, window: QWidget, tell: Callable[[Message], None]
    ) -> None:
        """Nothing is made before the first request.

        Args:
            source: What is exported.
            changed: Emitted when its branches have changed.
            window: Parent of the dialog.
            tell: Shows words to the user.
        """
        self._source, self._changed, self._window, self._tell = source, changed, window, tell
        self.dialog: ExportDialog | None = None

    def show(self) -> None:
        """Open the dialog, or bring back the one that is hidden."""
        folder = self._source.folder
        if folder is None:
            self._tell(Message("warning", "This session is not recorded, so there is nothing to export."))
            return
        from app.export.dialog import ExportDialog  # with the store, which the first window does not wait for

        if self.dialog is None:
            self.dialog = ExportDialog(folder, lambda: self._source.tree, self._window)
            self.dialog.ended.connect(lambda level, words: self._tell(Message(level, words)))
            self.dialog.finished.connect(lambda _: self._window.activateWindow())  # keys go to the window again
            self._changed.connect(self._follow)
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def stop(self) -> None:
        """The session closes: so does its dialog, and what it writes can be gone on with."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            self._changed.disconnect(self._follow)
            dialog.stop()
            dialog.deleteLater()

    def _follow(self, _: object) -> None:
        """Branches changed: what would be exported, too."""
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.refresh()
