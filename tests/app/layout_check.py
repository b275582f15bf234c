"""Finds what a user cannot read: words that are cut, widgets over each other, widgets outside of what holds them."""

from collections.abc import Iterator
from itertools import combinations

from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenuBar,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from app.widgets.elided import Elided
from app.widgets.toast import Toast
from app.window.placeholder import Placeholder

SLACK = 1
"""Pixels that rounding may cost."""
LEAST_LETTERS = 8
"""Of a path or a name of others that is shortened."""
FIELD_PADDING = 4
"""Pixels that a QLineEdit keeps at either side of its text."""
OVERLAYS = (Toast, Placeholder)
"""Lie over other widgets by design; cards over the whole window are checked as roots of their own."""


def faults(root: QWidget) -> list[str]:
    """Everything that is cut, overlapped or outside, in words that name the widget."""
    found = []
    for widget in visible(root):
        found += [f"{name(widget)}: {fault}" for fault in (*cut(widget), *outside(widget, root), *crowded(widget))]
    return found


def visible(root: QWidget) -> Iterator[QWidget]:
    """The root and all widgets in it that are seen, without windows of their own and what lies over others."""
    yield root
    for child in root.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if child.isVisible() and not child.isWindow() and not isinstance(child, OVERLAYS):
            yield from visible(child)


def name(widget: QWidget) -> str:
    """Class, object name and words of a widget."""
    text = getattr(widget, "text", lambda: "")()
    parent = widget.parentWidget()
    holder = f" in {type(parent).__name__}#{parent.objectName()}" if parent is not None else ""
    return f"{type(widget).__name__}#{widget.objectName()} {str(text)[:40]!r}{holder}"


def cut(widget: QWidget) -> Iterator[str]:
    """Words that do not fit."""
    if isinstance(widget, Elided):
        if len(widget.text()) < min(len(widget.full), LEAST_LETTERS):  # the rest is its tool tip
            yield f"shortened to {widget.text()!r}"
    elif isinstance(widget, QLabel):
        yield from _cut_label(widget)
    elif isinstance(widget, QAbstractButton) and not isinstance(widget.parentWidget(), QLineEdit):
        wanted = widget.sizeHint()
        if widget.width() + SLACK < wanted.width() or widget.height() + SLACK < wanted.height():
            yield f"is {widget.width()} x {widget.height()}, needs {wanted.width()} x {wanted.height()}"
    elif isinstance(widget, QComboBox):
        yield from _cut_box(widget)
    elif isinstance(widget, QAbstractSpinBox):
        yield from _cut_height(widget)
    elif isinstance(widget, QLineEdit):
        yield from _cut_field(widget)
    elif isinstance(widget, QMenuBar):
        shown = [action for action in widget.actions() if action.isVisible()]
        hidden = [a.text() for a in shown if not widget.rect().contains(widget.actionGeometry(a))]
        if hidden:
            yield f"hides {hidden}"


def _cut_label(label: QLabel) -> Iterator[str]:
    if not label.text() or label.pixmap().width():
        return
    width = label.width()
    if label.wordWrap() or label.textFormat() == Qt.TextFormat.RichText:
        needed = label.heightForWidth(width) if label.hasHeightForWidth() else label.sizeHint().height()
        if label.height() + SLACK < needed:
            yield f"{label.height()} high, needs {needed}"
        longest = max(label.text().split(), key=len) if label.textFormat() == Qt.TextFormat.PlainText else ""
        if label.fontMetrics().horizontalAdvance(longest) > label.contentsRect().width() + SLACK:
            yield f"the word {longest!r} does not fit into {label.contentsRect().width()}"
        return
    wanted = label.sizeHint()
    if width + SLACK < wanted.width() or label.height() + SLACK < wanted.height():
        yield f"is {width} x {label.height()}, needs {wanted.width()} x {wanted.height()}"


def _cut_box(box: QComboBox) -> Iterator[str]:
    option, style = QStyleOptionComboBox(), box.style()
    box.initStyleOption(option)
    if style is None:
        return
    room = style.subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
    ).width()
    wanted = box.fontMetrics().horizontalAdvance(box.currentText())
    if wanted > room + SLACK:
        yield f"{box.currentText()!r} needs {wanted}, has {room}"
    yield from _cut_height(box)


def _cut_field(field: QLineEdit) -> Iterator[str]:
    parent = field.parentWidget()
    words = (field.text() or field.placeholderText()) if not field.isModified() else ""
    if isinstance(parent, QComboBox) or len(words) > 60:  # paths scroll
        return
    buttons = 0 if not field.isClearButtonEnabled() or not field.text() else field.height()
    room = field.contentsRect().width() - 2 * FIELD_PADDING - buttons
    wanted = field.fontMetrics().horizontalAdvance(words)
    if wanted > room + SLACK:
        yield f"{words!r} needs {wanted}, has {room}"
    yield from _cut_height(field)


def _cut_height(widget: QWidget) -> Iterator[str]:
    if widget.height() + SLACK < widget.fontMetrics().height():
        yield f"{widget.height()} high, its letters {widget.fontMetrics().height()}"


def outside(widget: QWidget, root: QWidget) -> Iterator[str]:
    """A widget that reaches out of its parent; down or to the side of a scroll area it may, where one can scroll."""
    parent = widget.parentWidget()
    if widget is root or parent is None or widget.geometry().isEmpty():
        return
    area = parent.parentWidget()
    scrolls = isinstance(area, QAbstractScrollArea) and area.viewport() is parent
    around = parent.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK)
    place = QRect(widget.geometry())
    if scrolls and isinstance(area, QAbstractScrollArea):
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        fits = around.left() <= place.left() and place.right() <= around.right()
        if area.horizontalScrollBarPolicy() == off and not fits:
            yield f"is {widget.width()} wide, its scroll area shows {parent.width()}"
        return
    if not around.contains(place):
        yield f"{_words(place)} reaches out of {_words(parent.rect())}"


def crowded(parent: QWidget) -> Iterator[str]:
    """Children of one widget that lie over each other."""
    children = [
        child
        for child in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if child.isVisible() and not child.isWindow() and not isinstance(child, OVERLAYS)
        and not child.geometry().isEmpty() and parent.layout() is not None and parent.layout().indexOf(child) >= 0
    ]  # fmt: skip
    for one, other in combinations(children, 2):
        shared = one.geometry().intersected(other.geometry())
        if shared.width() > SLACK and shared.height() > SLACK:
            yield f"{name(one)} and {name(other)} share {_words(shared)}"


def off_screen(window: QWidget) -> list[str]:
    """What of a window is off its screen."""
    screen = window.screen()
    if screen is None or screen.availableGeometry().contains(window.frameGeometry()):
        return []
    return [f"{_words(window.frameGeometry())} is not on the screen {_words(screen.availableGeometry())}"]


def _words(area: QRect) -> str:
    at = QPoint(area.topLeft())
    return f"{area.width()} x {area.height()} at {at.x()}, {at.y()}"
