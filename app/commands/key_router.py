"""Feeds the keyboard device: motion keys reach the arms only while the keyboard drives and the phase allows it.

Everything else passes by untouched, so that shortcuts, menus and text fields work as anywhere.
"""

from collections.abc import Set as AbstractSet
from typing import Protocol

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.commands.command import DRIVE, MOVING, Place
from app.commands.physical_keys import physical_key

HELD_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
TEXT_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit)


class KeyFeed(Protocol):
    """The keyboard device as the window sees it."""

    @property
    def keys(self) -> AbstractSet[str]:
        """Names of the keys that move something, for example {"w", "a"}."""

    def press(self, key: str) -> None:
        """A key went down."""

    def release(self, key: str) -> None:
        """A key went up."""

    def release_all(self) -> None:
        """Nothing is held any more."""


def key_name(event: QKeyEvent) -> str:
    """The lower-case portable name of a key without its modifiers, for example "w", ";" or "shift".

    Under layouts without Latin letters it is the name that the key has on a US keyboard.
    """
    if event.key() == Qt.Key.Key_Shift:
        return "shift"  # alone it makes no key sequence
    return physical_key(event) or QKeySequence(event.key()).toString(QKeySequence.SequenceFormat.PortableText).lower()


class KeyRouter(QObject):
    """An event filter on the application; owns the motion keys of one window while hands may drive."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._feed: KeyFeed | None = None
        self._assigned = False
        self._place = Place()
        self._covered = False
        self._held: dict[int, str] = {}
        """Scan code -> name of the key when it went down: the layout may change while it is held."""
        application = QApplication.instance()
        if application is None:
            raise RuntimeError("KeyRouter needs a QApplication")
        application.installEventFilter(self)

    @property
    def arms_own_keys(self) -> bool:
        """Whether plain letters move the arms now."""
        moving = self._place.page == DRIVE and self._place.phase in MOVING
        return self._feed is not None and self._assigned and moving and not self._covered

    def set_feed(self, feed: KeyFeed | None) -> None:
        """The keyboard device, once it exists."""
        self.release_all()
        self._feed = feed

    def set_state(self, place: Place, assigned: bool) -> None:
        """Where the user is, and whether the keyboard is the assigned device."""
        self._place, self._assigned = place, assigned
        if not self.arms_own_keys:
            self.release_all()

    def set_covered(self, on: bool) -> None:
        """Whether a card lies over the window: then no key moves anything."""
        self._covered = on
        self.release_all()

    def release_all(self) -> None:
        """Nothing is held: phase change, focus loss, another device."""
        self._held.clear()
        if self._feed is not None:
            self._feed.release_all()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """See QObject.eventFilter."""
        if event is None:
            return False
        kind = event.type()
        if kind == QEvent.Type.ApplicationDeactivate or (
            kind == QEvent.Type.WindowDeactivate and watched is self._window
        ):
            self.release_all()
            return False
        if not isinstance(event, QKeyEvent) or not self._concerns(watched):
            return False
        return self._route(event)

    def _concerns(self, watched: QObject | None) -> bool:
        """Whether a widget belongs to the window; each event is seen once per widget it travels to."""
        return isinstance(watched, QWidget) and watched.window() is self._window

    def _route(self, event: QKeyEvent) -> bool:
        name, code = key_name(event), event.nativeScanCode() or event.key()
        if event.type() == QEvent.Type.KeyRelease:
            if event.isAutoRepeat() or code not in self._held:
                return code in self._held
            name = self._held.pop(code)
            if self._feed is not None:
                self._feed.release(name)
            return True
        if not self._is_motion(name, event):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the press that follows is ours, no shortcut may take it
            return True
        if not event.isAutoRepeat() and code not in self._held and self._feed is not None:
            self._held[code] = name
            self._feed.press(name)
        return True

    def _is_motion(self, name: str, event: QKeyEvent) -> bool:
        if self._feed is None or not self.arms_own_keys or name not in self._feed.keys:
            return False
        return not event.modifiers() & HELD_MODIFIERS and not isinstance(QApplication.focusWidget(), TEXT_FIELDS)
