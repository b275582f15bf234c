"""Turns pages of the demo: waits on the running application, carries out commands, takes pictures."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QEventLoop
from PyQt6.QtGui import QGuiApplication

from app.application import Application
from core.branch_tree import Branch
from core.errors import StudioError
from core.events import Message, Status


class DemoFailed(StudioError):
    """The application did not do what the demo waited for."""


INTERRUPTED = threading.Event()
"""Ctrl+C was pressed. Raised from here: an exception in the middle of Qt's events is printed and lost."""


class DemoDriver:
    """Drives one Application from the thread that owns it."""

    def __init__(self, studio: Application, pictures: Path, tell: Callable[[str], None]) -> None:
        self.studio, self._pictures, self._tell = studio, pictures, tell
        self.saved: list[str] = []
        self.messages: list[Message] = []
        studio.bridge.message.connect(self.messages.append)

    @property
    def status(self) -> Status:
        """The newest status."""
        status = self.studio.session.status
        if status is None:
            raise DemoFailed("The demo lost its session: the application shows no status.")
        return status

    @property
    def branch(self) -> Branch:
        """The branch of the head."""
        return self.studio.session.tree.branches[self.status.head.branch]

    def say(self, words: str) -> None:
        """Print a line for the user at the terminal."""
        self._tell(words)

    def wait(self, seconds: float) -> None:
        """Let the application run."""
        self._until(lambda: False, seconds)

    def until(self, condition: Callable[[], bool], what: str, limit: float = 30.0) -> None:
        """Let the application run until something is so.

        Raises:
            DemoFailed: it took longer than `limit` seconds; with the newest message of the application.
        """
        if not self._until(condition, limit):
            last = f" Its last words: {self.messages[-1].text}" if self.messages else ""
            raise DemoFailed(f"The demo waited {limit:.0f} s in vain for this: {what}.{last}")

    def while_it_steps(self, condition: Callable[[], bool], what: str, still: float = 60.0) -> None:
        """Let the application run until something is so, however slow the machine is.

        Raises:
            DemoFailed: no step was taken for `still` seconds.
        """
        while not condition():
            head = self.status.head
            self.until(lambda head=head: condition() or self.status.head != head, what, still)  # type: ignore[misc]

    def command(self, name: str) -> None:
        """Carry out a command through its action, as its key does.

        Raises:
            DemoFailed: the action stays disabled.
        """
        action = self.studio.window.command_actions[name]
        self.until(action.isEnabled, f"the command {name!r} to be possible", 5.0)
        action.trigger()

    def picture(self, name: str) -> None:
        """Save everything on the screen as NN-name.png, when the newest frame is on it."""
        self.studio.viewport.update()
        self.wait(0.12)
        screen = QGuiApplication.primaryScreen()
        self._pictures.mkdir(parents=True, exist_ok=True)
        path = self._pictures / f"{len(self.saved) + 1:02d}-{name}.png"
        if screen is None or not screen.grabWindow().save(str(path)):
            raise DemoFailed(f"The picture {path} could not be written. Is the disk full, or the folder read-only?")
        self.saved.append(str(path))
        self.say(f"  picture {path}")

    @staticmethod
    def _until(condition: Callable[[], bool], limit: float) -> bool:
        end = time.monotonic() + limit
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                return False
            if INTERRUPTED.is_set():
                raise KeyboardInterrupt
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
            time.sleep(min(0.004, left))
        return True
