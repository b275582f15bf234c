"""Buttons, boxes and lists of a page that Tab reaches, though Space, Return and the arrows are keys of the page.

While a control has the focus these keys are its own; Escape gives them back to the page. A click takes no focus, so
that who works with the mouse keeps every key of the page.
"""

from collections.abc import Sequence
from itertools import pairwise

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QWidget

PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down)


class _OwnKeys(QObject):
    """Claims the keys of a control before a shortcut of the window does."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """See QObject.eventFilter."""
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget) or not _owns(watched, event):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape:
            _page_of(watched).setFocus()
            return True
        if isinstance(watched, QAbstractButton) and event.key() in PRESSES:
            watched.click()
            return True
        return False


def _owns(control: QWidget, event: QKeyEvent) -> bool:
    if event.key() == Qt.Key.Key_Escape:
        return True
    return event.key() in (PRESSES if isinstance(control, QAbstractButton) else (*PRESSES, *ARROWS))


def _page_of(control: QWidget) -> QWidget:
    """The page that a control is on: the nearest ancestor that takes the focus itself."""
    parent = control.parentWidget()
    while parent is not None and parent.focusPolicy() != Qt.FocusPolicy.StrongFocus:
        parent = parent.parentWidget()
    return parent or control.window() or control


def reach_by_tab(page: QWidget, controls: Sequence[QWidget]) -> None:
    """Let Tab go through the controls of a page, in this order."""
    keys = _OwnKeys(page)
    for control in controls:
        control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if isinstance(control, QAbstractButton | QComboBox):
            control.installEventFilter(keys)
    for before, after in pairwise(controls):
        QWidget.setTabOrder(before, after)
