"""A thread that handles requests of which only the newest counts."""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")
LINGER_S = 1.0
"""Seconds that a thread waits for the next request before it ends."""


class LatestWorker(Generic[T]):
    """Handles the latest request on a thread; a request that was not begun is replaced by the next one.

    The thread starts with a request and ends when it had nothing to do for a while, so that it never keeps a program
    from ending. ``request``, ``wake`` and ``cancel`` may be called from any thread and
    return at once. An error that ``handle`` raises is logged and does not end the thread; a handler that has to
    report errors to the user catches them itself.
    """

    def __init__(
        self,
        name: str,
        handle: Callable[[T], None],
        *,
        idle: Callable[[], bool] | None = None,
        settle_s: float = 0.0,
    ) -> None:
        """Start nothing yet.

        Args:
            name: Of the thread, for logs.
            handle: Carries out one request, on the thread; long work looks at ``superseded`` between its parts.
            idle: Does one short piece of work while there is no request, on the thread; returns whether there may be
                more of it. Asked again after every request and every ``wake``.
            settle_s: Seconds that a request waits for a newer one before it is handled.
        """
        self._name, self._handle, self._idle = name, handle, idle
        self._settle_s = settle_s
        self._changed = threading.Condition()
        self._request: list[T] = []  # none or one
        self._more = False
        self._superseded = self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def superseded(self) -> bool:
        """Whether the request being handled was replaced or cancelled; for the handler."""
        return self._superseded

    def request(self, value: T) -> None:
        """Have this handled soon, in place of what was requested before; ignored after stop()."""
        with self._changed:
            self._request = [value]
            self._awake()

    def wake(self) -> None:
        """Have ``idle`` asked again; ignored after stop()."""
        with self._changed:
            self._awake(superseded=False)

    def cancel(self) -> None:
        """Drop the request that waits, and mark the one being handled as superseded. The thread stays."""
        with self._changed:
            self._request, self._superseded = [], True

    def stop(self, *, finish: bool = False, wait: bool = True) -> None:
        """End the thread. Idempotent.

        Args:
            finish: Whether a request that waits is still handled, at once; otherwise it is dropped.
            wait: Whether to join the thread; without, this returns at once and the thread ends after its current
                piece of work.
        """
        with self._changed:
            if not finish:
                self._request, self._superseded = [], True
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join()

    def _awake(self, *, superseded: bool = True) -> None:
        """Under the lock: start or wake the thread."""
        if self._stopping:
            self._request = []
            return
        self._more = True
        self._superseded = self._superseded or superseded
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(self._has_work, timeout=LINGER_S):
                    self._thread = None
                    return
                if self._request and self._settle_s:
                    self._changed.wait_for(lambda: self._stopping, timeout=self._settle_s)
                request, self._request = self._request, []
                if not request and self._stopping:
                    return
                self._superseded = False
            if request:
                self._guarded(lambda request=request: self._handle(request[0]))  # type: ignore[misc]
            elif self._idle is not None:
                self._guarded(self._ask_idle)

    def _has_work(self) -> bool:
        return self._stopping or bool(self._request) or (self._idle is not None and self._more)

    def _ask_idle(self) -> None:
        self._more = False  # before it is asked: a wake meanwhile counts
        if self._idle is not None and self._idle():
            self._more = True

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            log.exception("%s failed", self._name)
