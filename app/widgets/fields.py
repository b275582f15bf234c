"""Fields that are typed into and left again by keys; while they have the focus, Return and Escape are theirs."""

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QLineEdit

GIVE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TypedField(QLineEdit):
    """Return gives the text, Escape does not; either way the page has the keys again."""

    given = pyqtSignal(str)
    left = pyqtSignal()
    _hints: tuple[str, ...] = ()

    def set_hints(self, *hints: str) -> None:
        """What is written in the empty field: the first that fits, longest first."""
        self._hints = hints
        self._show_hint()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._show_hint()

    def _show_hint(self) -> None:
        room = self.contentsRect().width() - 2 * self.fontMetrics().averageCharWidth()
        fitting = (hint for hint in self._hints if self.fontMetrics().horizontalAdvance(hint) <= room)
        if self._hints:
            self.setPlaceholderText(next(fitting, ""))

    def event(self, event: QEvent | None) -> bool:
        """Claim the keys before a shortcut of the window does; see QWidget.event."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._is_mine(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """See QWidget.keyPressEvent."""
        if event is None or not self._is_mine(event):
            super().keyPressEvent(event)
            return
        text = self.text().strip()
        self.left.emit()
        if event.key() in GIVE:
            self.given.emit(text)

    @staticmethod
    def _is_mine(event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Escape or event.key() in GIVE


class PopUpField(TypedField):
    """A field that is only there while the user types."""

    def __init__(self) -> None:
        super().__init__()
        self.hide()
        self.left.connect(self.hide)

    def ask(self, text: str) -> None:
        """Show and select a text."""
        self.setText(text)
        self.show()
        self.setFocus()
        self.selectAll()


class StepField(TypedField):
    """The step that is shown; typed, it is gone to."""

    entered = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setText("0")
        self.setObjectName("stepfield")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setToolTip("Go to step")
        self.given.connect(self._enter)

    def show_step(self, node: int) -> None:
        """Show a step, unless the user types."""
        if not self.hasFocus():
            self.setText(str(node))

    def _enter(self, text: str) -> None:
        if text.lstrip("+-").isdecimal():
            self.entered.emit(int(text))
