"""Reads from the disk on a thread; only the latest request is answered, on the UI thread."""

import logging
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import StudioError
from core.latest_worker import LatestWorker

log = logging.getLogger(__name__)

Tell = Callable[[object], None]
"""Delivers a part of an answer; raises Abandoned once the request was replaced or cancelled."""
Work = Callable[[Tell], object]


class Abandoned(Exception):
    """A newer request replaced this one, or it was cancelled."""


class Background(QObject):
    """Requests to one thread; a newer one abandons the one under way at its next part."""

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
        self._worker = LatestWorker(name, self._answer)
        self._came.connect(self._hand_over)

    @property
    def waiting(self) -> bool:
        """Whether an answer is on its way."""
        return self._waiting

    def ask(self, work: Work) -> None:
        """Request what a function returns; it runs on the thread and may raise StudioError or OSError."""
        self._ticket += 1
        self._waiting = True
        self._worker.request((self._ticket, work))

    def cancel(self) -> None:
        """Abandon the request under way, without waiting for it."""
        self._ticket += 1
        self._waiting = False
        self._worker.cancel()

    def stop(self) -> None:
        """Abandon the request under way, end the thread and join it, when the program ends. Idempotent."""
        self.cancel()
        self._worker.stop()

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

    # On the thread.

    def _answer(self, request: tuple[int, Work]) -> None:
        ticket, work = request
        try:
            self._came.emit(ticket, "done", work(lambda value: self._tell(ticket, value)))
        except Abandoned:
            return
        except (StudioError, OSError) as error:
            self._came.emit(ticket, "failed", str(error))
        except Exception as error:
            log.exception("%s failed", self._name)
            self._came.emit(ticket, "failed", f"This failed ({type(error).__name__}: {error}). See the log.")

    def _tell(self, ticket: int, value: object) -> None:
        if self._worker.superseded:
            raise Abandoned
        self._came.emit(ticket, "part", value)
