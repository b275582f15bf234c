"""Letter shortcuts of a window under layouts that write no Latin letters.

Qt looks a shortcut up by the character alone (with Ctrl it knows a Latin one too). A press that no shortcut took and
whose key would write a Latin letter or sign on a US keyboard triggers the action of that letter.
"""

from PyQt6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QWidget

from app.commands.key_router import TEXT_FIELDS
from app.commands.physical_keys import physical_key


class LatinShortcuts(QObject):
    """An event filter on the application, for the actions of one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QApplication.instance()
        if application is None:
            raise RuntimeError("LatinShortcuts needs a QApplication")
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """See QObject.eventFilter."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        if isinstance(QApplication.focusWidget(), TEXT_FIELDS):
            return False
        action = self._action(event)
        if action is None:
            return False
        if action.autoRepeat() or not event.isAutoRepeat():
            action.trigger()
        return True

    def _action(self, event: QKeyEvent) -> QAction | None:
        """The enabled action whose shortcut is the Latin letter of a key; None for keys that need no such help."""
        letter = physical_key(event)
        if not letter:
            return None
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        wanted = QKeySequence(QKeyCombination(modifiers, Qt.Key(ord(letter.upper()))))
        return next((one for one in self._window.actions() if one.isEnabled() and wanted in one.shortcuts()), None)
