"""Sessions to open again: the menu of recent ones, and folders that are dropped onto the window."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QMimeData
from PyQt6.QtWidgets import QMenu, QWidget

from app.window.settings import WindowSettings


def dropped_folder(data: QMimeData | None) -> Path | None:
    """The folder that is dragged; None where it is anything else, or several things."""
    urls = data.urls() if data is not None else []
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    folder = Path(urls[0].toLocalFile())
    return folder if folder.is_dir() else None


class RecentMenu(QMenu):
    """Recent sessions, newest first; folders that are gone are left out."""

    def __init__(self, settings: WindowSettings, open_folder: Callable[[Path], None], parent: QWidget) -> None:
        super().__init__("Open recent", parent)
        self._settings, self._open = settings, open_folder
        self.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """Read the list again."""
        self.clear()
        for folder in self._settings.recent_sessions:
            if not folder.is_dir():
                continue
            action = self.addAction(folder.name.replace("&", "&&"))
            if action is not None:
                action.setToolTip(str(folder))
                action.triggered.connect(lambda _checked=False, folder=folder: self._open(folder))
        self.menuAction().setEnabled(not self.isEmpty())  # type: ignore[union-attr]
