"""Reads the disk on a thread of its own; only the newest wish is answered, on the UI thread."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import StudioError

log = logging.getLogger(__name__)

Tell = Callable[[object], None]
"""Hands over a part of an answer; raises Abandoned where nobody waits for it any more."""
Work = Callable[[Tell], object]


class Abandoned(Exception):
    """Somebody asked for something else meanwhile."""


class Background(QObject):
    """One thread, started with the first wish; a newer wish abandons the one under way at its next part."""

    part = pyqtSignal(object)
    """A part of the answer."""
    done = pyqtSignal(object)
    """The answer."""
    failed = pyqtSignal(str)
    """Why there is none, in words."""
    _came = pyqtSignal(int, str, object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._ticket = name, 0
        self._waiting = False
        self._wish: tuple[int, Work] | None = None
        self._stopping = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._came.connect(self._hand_over)

    @property
    def waiting(self) -> bool:
        """Whether an answer is on its way."""
        return self._waiting

    def ask(self, work: Work) -> None:
        """Wish for what a function returns; it runs on the thread and may raise StudioError or OSError."""
        with self._changed:
            self._ticket += 1
            self._wish = self._ticket, work
            self._waiting, self._stopping = True, False
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and join it; what is under way is abandoned. Another wish starts it again. Idempotent."""
        with self._changed:
            self._ticket += 1
            self._stopping, self._waiting, self._wish = True, False, None
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _hand_over(self, ticket: int, kind: str, value: Any) -> None:
        if ticket != self._ticket:
            return
        if kind == "part":
            self.part.emit(value)
            return
        self._waiting = False
        if kind == "done":
            self.done.emit(value)
        else:
            self.failed.emit(str(value))

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._wish is not None)
                if self._stopping or self._wish is None:
                    return
                (ticket, work), self._wish = self._wish, None
            try:
                self._came.emit(ticket, "done", work(lambda value, ticket=ticket: self._tell(ticket, value)))  # type: ignore[misc]
            except Abandoned:
                continue
            except (StudioError, OSError) as error:
                self._came.emit(ticket, "failed", str(error))
            except Exception as error:
                log.exception("%s failed", self._name)
                self._came.emit(ticket, "failed", f"This failed ({type(error).__name__}: {error}). See the log.")

    def _tell(self, ticket: int, value: object) -> None:
        if ticket != self._ticket:
            raise Abandoned
        self._came.emit(ticket, "part", value)
