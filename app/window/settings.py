"""What the window remembers between starts: its layout, nothing that belongs to the data."""

from pathlib import Path

from PyQt6.QtCore import QByteArray, QSettings
from PyQt6.QtWidgets import QMainWindow, QSplitter

ORGANISATION, APPLICATION = "hi-wm", "studio"
MOST_RECENT = 10
"""Sessions that are remembered."""


class WindowSettings:
    """Reads and writes one small file; a missing or torn file means the defaults."""

    def __init__(self, path: Path | None = None) -> None:
        self._settings = (
            QSettings(str(path), QSettings.Format.IniFormat)
            if path is not None
            else QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION)
        )

    def restore(self, window: QMainWindow, splitter: QSplitter) -> None:
        """Put window and splitter where they were."""
        geometry, sizes = self._settings.value("window/geometry"), self._settings.value("window/splitter")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        if isinstance(sizes, QByteArray):
            splitter.restoreState(sizes)

    @property
    def text_size(self) -> float:
        """The factor on every text that the user chose."""
        try:
            return float(self._settings.value("window/text_size", 1.0))
        except (TypeError, ValueError):
            return 1.0

    @text_size.setter
    def text_size(self, factor: float) -> None:
        self._settings.setValue("window/text_size", factor)

    @property
    def first_steps_done(self) -> bool:
        """Whether the operator was led through a first correction."""
        return str(self._settings.value("window/first_steps_done", "false")) == "true"

    @first_steps_done.setter
    def first_steps_done(self, done: bool) -> None:
        self._settings.setValue("window/first_steps_done", "true" if done else "false")

    @property
    def recent_sessions(self) -> list[Path]:
        """Folders that were open, newest first."""
        found = self._settings.value("window/recent_sessions", [])
        return [Path(str(folder)) for folder in (found if isinstance(found, list) else [found] if found else [])]

    def remember_session(self, folder: Path) -> None:
        """Put a session first in the list of recent ones."""
        here = folder.absolute()
        recent = [here, *(other for other in self.recent_sessions if other != here)]
        self._settings.setValue("window/recent_sessions", [str(one) for one in recent[:MOST_RECENT]])

    def save(self, window: QMainWindow, splitter: QSplitter) -> None:
        """Remember where window and splitter are."""
        self._settings.setValue("window/geometry", window.saveGeometry())
        self._settings.setValue("window/splitter", splitter.saveState())
        self._settings.sync()
