"""Runtime events -> Qt signals on the UI thread.

The newest status wins, everything else arrives complete and in order; at most one delivery per display frame, so
that a fast world cannot flood the event loop.

Steps and trees wait for the status that the runtime emits after them. Woken by a step, the window would draw
everything but its frame, keep the interpreter from the runtime meanwhile, and put the frame off by a display frame.
"""

import threading
import time
from collections import deque

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QTimer, pyqtSignal

from core.events import Event, Message, StatesMoved, Status, Stepped, TreeChanged

WAKE = QEvent.Type(QEvent.registerEventType())
"""Posted, not signalled: emitting a signal gives the interpreter away, and the runtime would wait to get it back."""


class Bridge(QObject):
    """Any thread calls emit(); the signals fire on the thread that made the bridge."""

    status = pyqtSignal(object)
    """core.events.Status, the newest."""
    tree = pyqtSignal(object)
    """core.events.TreeChanged, every one."""
    stepped = pyqtSignal(object)
    """core.events.Stepped, every one."""
    states = pyqtSignal(object)
    """core.events.StatesMoved, every one."""
    message = pyqtSignal(object)
    """core.events.Message, every one."""

    def __init__(self, parent: QObject | None = None, frame_s: float = 1 / 60) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._events: deque[TreeChanged | Stepped | StatesMoved | Message] = deque()
        self._newest: Status | None = None
        self._pending = False
        self._frame_s = frame_s
        self._delivered = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._deliver)

    def emit(self, event: Event) -> None:
        """Take one event from any thread; returns at once. A Status always follows a step or a tree."""
        with self._lock:
            if isinstance(event, Status):
                self._newest = event
            else:
                self._events.append(event)
            if self._pending or isinstance(event, Stepped | TreeChanged | StatesMoved):
                return
            self._pending = True
        QCoreApplication.postEvent(self, QEvent(WAKE))

    def customEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Something came; see QObject.customEvent."""
        self._schedule()

    def flush(self) -> None:
        """Deliver what has come at once, on the thread of the bridge: what is emitted later is of another session."""
        self._timer.stop()
        self._deliver()

    def _schedule(self) -> None:
        """Deliver now, or at the next display frame when one delivery was just made."""
        wait = self._delivered + self._frame_s - time.monotonic()
        if wait <= 0:
            self._deliver()
        else:
            self._timer.start(int(wait * 1000) + 1)

    def _deliver(self) -> None:
        """Fire what has come: steps and trees in order, then the newest status, which shows their sum."""
        self._delivered = time.monotonic()
        with self._lock:
            events, newest = list(self._events), self._newest
            self._events.clear()
            self._newest, self._pending = None, False
        for event in events:
            if isinstance(event, TreeChanged):
                self.tree.emit(event)
            elif isinstance(event, Stepped):
                self.stepped.emit(event)
            elif isinstance(event, StatesMoved):
                self.states.emit(event)
            else:
                self.message.emit(event)
        if newest is not None:
            self.status.emit(newest)
