"""The clutch of leader arms on a key, for a foot pedal (which is a keyboard) or a free finger."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QWidget

from app.commands.key_router import HELD_MODIFIERS, TEXT_FIELDS, key_name

CLUTCH_KEY = "c"


class Pedal(QObject):
    """An event filter on the application: the key of one window is held, or it is not."""

    def __init__(self, window: QWidget, held: Callable[[bool], None], wanted: Callable[[], bool]) -> None:
        """Watch the window.

        Args:
            window: Whose key it is.
            held: Told when the key goes down and up.
            wanted: Whether anything has a clutch now; otherwise the key passes by.
        """
        super().__init__(window)
        self._window, self._held, self._wanted = window, held, wanted
        self._down = False
        application = QApplication.instance()
        if application is None:
            raise RuntimeError("Pedal needs a QApplication")
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """See QObject.eventFilter."""
        if event is None:
            return False
        if event.type() == QEvent.Type.ApplicationDeactivate or (
            event.type() == QEvent.Type.WindowDeactivate and watched is self._window
        ):
            self._put(False)
            return False
        if not isinstance(event, QKeyEvent) or key_name(event) != CLUTCH_KEY:
            return False
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        return self._route(event)

    def _route(self, event: QKeyEvent) -> bool:
        if event.type() == QEvent.Type.KeyRelease:
            if self._down and not event.isAutoRepeat():
                self._put(False)
                return True
            return self._down
        if (
            not self._wanted()
            or event.modifiers() & HELD_MODIFIERS
            or isinstance(QApplication.focusWidget(), TEXT_FIELDS)
        ):
            return False
        event.accept()  # the press that follows is ours
        if event.type() == QEvent.Type.KeyPress:
            self._put(True)
        return True

    def _put(self, down: bool) -> None:
        if down != self._down:
            self._down = down
            self._held(down)
