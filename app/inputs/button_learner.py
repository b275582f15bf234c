"""Finds out which button is meant: the next one that is pressed, on any device or on the keyboard of a dialog."""

import time
from collections.abc import Mapping

from PyQt6.QtCore import QEvent, QKeyCombination, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QWidget

from app.commands.key_router import HELD_MODIFIERS
from app.commands.physical_keys import physical_key
from app.inputs.input_devices import InputDevices
from devices.combine import driver_of, merged_presses
from devices.keyboard.kind import KEY
from devices.spacemouse.puck import SWITCH

LOOK_MS = 16
TOGETHER = 0.15
"""Seconds within which two buttons are pressed together."""
AFTER_MS = 400
"""How long a press that was meant for the settings carries out no verb, longer than any look of the hand watch."""
MODIFIERS = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr})


class ButtonLearner(QObject):
    """Listens from start() until a button is pressed or stop()."""

    learned = pyqtSignal(str)
    """The button, "driver/button" or "key/name"."""
    stopped = pyqtSignal()
    """Escape, or stop(): nothing was learned."""

    def __init__(self, hands: InputDevices, dialog: QWidget) -> None:
        super().__init__(dialog)
        self._hands, self._dialog = hands, dialog
        self._before: Mapping[str, int] = {}
        self._heard: list[str] = []
        self._since: float | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self._hear_again)

    @property
    def listening(self) -> bool:
        """Whether the next press is learned."""
        return self._timer.isActive()

    def start(self) -> None:
        """Listen."""
        self._quiet.stop()
        self._hands.listening = True
        self._before = merged_presses(self._hands.plugged.readings())
        self._heard, self._since = [], None
        application = QApplication.instance()
        if application is not None and not self.listening:
            application.installEventFilter(self)
        self._timer.start(LOOK_MS)

    def stop(self) -> None:
        """Learn nothing; idempotent."""
        if self.listening:
            self._end()
            self.stopped.emit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """See QObject.eventFilter: while it listens the keys of the dialog mean nothing else."""
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if watched.window() is not self._dialog or event.type() == QEvent.Type.KeyRelease:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._press(event)
        return True

    def _press(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
        elif event.key() not in MODIFIERS:
            self._learn(f"{KEY}/{key_of(event)}")

    def _look(self) -> None:
        """Collect for a moment: two buttons at once may be one of their own."""
        now = merged_presses(self._hands.plugged.readings())
        before, self._before = self._before, {**self._before, **now}
        self._heard += [name for name, count in now.items() if count > before.get(name, count)]
        if self._heard and self._since is None:
            self._since = time.monotonic()
        if self._since is not None and time.monotonic() - self._since >= TOGETHER:
            device, _, button = min(self._heard, key=_special).rpartition("/")
            self._learn(f"{driver_of(device)}/{button}")

    def _learn(self, button: str) -> None:
        self._end()
        self.learned.emit(button)

    def _end(self) -> None:
        self._timer.stop()
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._quiet.start(AFTER_MS)

    def _hear_again(self) -> None:
        self._hands.listening = self.listening


def key_of(event: QKeyEvent) -> str:
    """The key of a press as bindings call it, for example "return", "+" or "ctrl+z"."""
    held = event.modifiers() & HELD_MODIFIERS
    text = event.text()
    if not text.isprintable() or text.isspace() or text.isalpha():  # of a sign, Shift only says which one it is
        held |= event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    latin = physical_key(event)
    combination = QKeyCombination(held, Qt.Key(ord(latin.upper()) if latin else event.key()))
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText).lower()


def _special(name: str) -> int:
    """Both buttons of a puck together are a button of their own: that one is meant."""
    return 0 if name.endswith(f"/{SWITCH}") else 1
