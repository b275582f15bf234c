"""The filter of the queue: one line of text, which the menus below it write for users of a mouse."""

from collections.abc import Mapping, Sequence
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from app.commands.key_words import KeyOf, with_key
from app.review.query import NAMED, parsed, with_bound, with_value
from app.review.queue import Filters
from app.widgets.fields import TypedField
from app.widgets.flow_layout import FlowLayout
from app.widgets.labels import PlainLabel, plain_title

BOUNDS: Final = {
    "trust": (("Below 40 %", "<0.4"), ("Below 70 %", "<0.7"), ("70 % or more", ">=0.7")),
    "length": (("Under 50 steps", "<50"), ("50 steps or more", ">=50"), ("200 steps or more", ">=200")),
}
MENUS: Final = ("outcome", "review", "trust", "length", "task", "policy", "operator", "device")
"""In the order in which they are shown."""


class FilterBar(QWidget):
    """Emits filters when the text changes to something that is understood."""

    changed = pyqtSignal(object)
    """Filters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: dict[str, list[str]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 6)
        column.setSpacing(6)
        self.field = TypedField()
        self.show_keys(lambda name: "")
        self.field.setClearButtonEnabled(True)
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.field.textChanged.connect(self._on_text)
        column.addWidget(self.field)
        choices = FlowLayout()
        self._buttons: dict[str, QToolButton] = {}
        for name in MENUS:
            button = QToolButton()
            button.setObjectName("choice")
            button.setText(name.capitalize())
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, name=name: self._open_menu(name))
            self._buttons[name] = button
            choices.addWidget(button)
        column.addLayout(choices)
        self._trouble = PlainLabel()
        self._trouble.setObjectName("why")
        self._trouble.setWordWrap(True)
        self._trouble.hide()
        column.addWidget(self._trouble)

    def show_keys(self, key: KeyOf) -> None:
        """The key of the page that leads into the field."""
        words = with_key("Filter", key("filter"))
        self.field.set_hints(f"{words}   words, outcome:failure, trust<50%", f"{words}   outcome:failure", words)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What Tab reaches, in reading order."""
        return self.field, *self._buttons.values()

    @property
    def filters(self) -> Filters:
        """The query of the text, as far as it can be parsed."""
        return parsed(self.field.text())[0]

    @property
    def trouble(self) -> str:
        """What is not understood, in words."""
        return self._trouble.text() if self._trouble.isVisibleTo(self) else ""

    def offer(self, choices: Mapping[str, Sequence[str]]) -> None:
        """The values that occur, by field."""
        self._choices = {name: list(values) for name, values in choices.items()}
        for name in NAMED:
            if name in self._buttons:
                self._buttons[name].setEnabled(bool(self._choices.get(name)))

    def focus(self) -> None:
        """Put the text cursor into the field."""
        self.field.setFocus()
        self.field.selectAll()

    def _on_text(self, text: str) -> None:
        filters, trouble = parsed(text)
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        for name, button in self._buttons.items():
            button.setChecked(getattr(filters, name) != getattr(Filters(), name))
        if not trouble:
            self.changed.emit(filters)

    def _open_menu(self, name: str) -> None:
        button = self._buttons[name]
        button.setChecked(getattr(self.filters, name) != getattr(Filters(), name))
        menu = QMenu(button)
        whole = menu.addAction("Any")
        if whole is not None:
            whole.triggered.connect(lambda: self.field.setText(with_value(self.field.text(), name, "")))
        for words, token in BOUNDS.get(name, ()):
            action = menu.addAction(words)
            if action is not None:
                action.triggered.connect(
                    lambda _checked=False, token=token: self.field.setText(with_bound(self.field.text(), name, token))
                )
        for value in self._choices.get(name, ()):
            action = menu.addAction(plain_title(value.replace("_", " ")))
            if action is not None:
                action.triggered.connect(
                    lambda _checked=False, value=value: self.field.setText(with_value(self.field.text(), name, value))
                )
        menu.exec(button.mapToGlobal(button.rect().bottomLeft()))
        menu.deleteLater()
