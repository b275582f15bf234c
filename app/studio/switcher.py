"""Opens a session in place of the one that is open; what is open stays until the other one is there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QFileDialog

from app.opening.config import AUTO, Config
from app.opening.live_session import LiveSession
from app.opening.opener import Opened, Opener, Preview
from app.window.main_window import MainWindow
from core.events import Message, Status
from core.verbs import Pause


class SessionSwitcher(QObject):
    """Owns what is wanted and what is open; see the signals for what happens in between."""

    closing = pyqtSignal()
    """The session that is open is about to close; nothing may use it any more."""
    closed = pyqtSignal()
    """It is closed, its events are to be forgotten."""
    opened = pyqtSignal(object)
    """An Opened, to be shown; it does not run yet."""
    previewed = pyqtSignal(object)
    """A Preview of what is being opened, where nothing is open yet."""
    kept = pyqtSignal(object)
    """Nothing new was opened: the Status of the session that goes on."""
    failed = pyqtSignal(str)
    """Why nothing could be opened, in words; the window stays."""

    def __init__(
        self, config: Config, session: LiveSession, opener: Opener, window: MainWindow, device: Callable[[], str]
    ) -> None:
        """Open nothing yet.

        Args:
            config: What the program was started with.
            session: What is open.
            opener: Loads on its own thread.
            window: Shows what is being loaded, and asks for folders.
            device: What the user chose to drive with; kept when a session is continued.
        """
        super().__init__()
        self.config = config
        """What is open, or was wanted first."""
        self._session, self._opener, self._window, self._device = session, opener, window, device
        self._wanted: Config | None = None
        """What is being opened; None while nothing is."""
        opener.words.connect(self._show_words)
        opener.previewed.connect(self._show_preview)
        opener.opened.connect(self._take)
        opener.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether something is being opened."""
        return self._wanted is not None

    def open(self, config: Config) -> None:
        """Open something else; what is open stays, paused, until the other one is there."""
        status = self._session.status
        if config.session is not None and same_folder(config.session, self._session.folder):
            self.close()  # its writer holds the lock
        elif status is not None and status.phase != "PAUSED":
            self._session.submit(Pause())
        self._wanted = config
        self._window.show_loading("Loading the world", self.cancel)
        self._opener.open(config)

    def drive(self, folder: Path) -> None:
        """Continue a session."""
        self.open(replace(self.config, session=folder, world=AUTO, policy=AUTO, device=self._device()))

    def ask(self) -> None:
        """Ask for a session folder and continue it."""
        where = str(self.config.sessions or Path.cwd())
        folder = QFileDialog.getExistingDirectory(self._window, "Open session", where)
        if folder:
            self.drive(Path(folder))

    def cancel(self) -> bool:
        """Go on with what was open before; whether something was being opened."""
        if self._wanted is None:
            return False
        self._opener.cancel()
        self._go_back("Nothing is open", "Opening was cancelled.")
        return True

    def close(self) -> None:
        """Close the session that is open, if any; the window stays."""
        self.closing.emit()
        opened = self._session.detach()
        if opened is not None:
            opened.close()
        self.closed.emit()

    def stop(self) -> None:
        """End the loading thread and close what is open; what is recorded is on disk afterwards."""
        self._wanted = None
        self._opener.stop()
        self.close()

    def _show_words(self, words: str) -> None:
        if self._wanted is not None:  # it was not cancelled, and the window is not closed
            self._window.show_loading(words, self.cancel)

    def _show_preview(self, preview: Preview) -> None:
        if self._session.opened is None and self._wanted is not None:  # else what is open is shown until then
            self.previewed.emit(preview)

    def _take(self, opened: Opened) -> None:
        self.close()
        self.config, self._wanted = self._wanted or self.config, None
        self.opened.emit(opened)

    def _fail(self, words: str) -> None:
        self.failed.emit(words)
        if self._session.status is not None:
            self._window.show_message(Message("error", f"{words} The session that was open goes on."))
        self._go_back("This could not be opened", words)

    def _go_back(self, title: str, words: str) -> None:
        """Nothing new was opened: the session that is open goes on; where none is, offer ways on."""
        wanted, self._wanted = self._wanted or self.config, None
        status: Status | None = self._session.status
        if status is not None:
            self.kept.emit(status)
            return
        ways: list[tuple[str, Callable[[], object]]] = [("Try again", lambda: self.open(wanted))]
        ways.append(("Open session…", self.ask))
        plain = replace(
            wanted, session=None, world=AUTO, world_weights=None, policy=AUTO, policy_weights=None, seed=None
        )
        if plain != wanted:  # what was asked for may never open
            ways.append(("New session", lambda: self.open(plain)))
        self._window.show_failure(title, words, ways)


def same_folder(one: Path, other: Path | None) -> bool:
    """Whether two paths lead to one session."""
    return other is not None and one.resolve() == other.resolve()
