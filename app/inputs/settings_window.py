"""The operator's device settings, in a window that stays open while they drive: changes apply at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.commands.key_bindings import Rows
from app.inputs.arms_page import ArmsPage
from app.inputs.buttons_page import ButtonsPage
from app.inputs.feel_page import FeelPage
from app.inputs.input_devices import InputDevices
from app.widgets.labels import PlainLabel
from app.widgets.screen import fit_on_screen
from core.errors import StudioError
from devices.operators import new_operator, operators
from devices.profile import Profile

LOOK_MS, SAVE_MS = 50, 300
NEW = "New operator …"


class Page(Protocol):
    """A page of settings."""

    def show_profile(self, profile: Profile) -> None:
        """Show the settings of a profile."""

    def look(self) -> None:
        """The newest of the hands."""

    def restore(self) -> None:
        """The usual settings of this page."""


class InputSettings(QDialog):
    """Not modal. Every change is applied at once and written a moment later, whole or not at all."""

    applied = pyqtSignal(object)
    """A Profile to use from now on."""
    assigned = pyqtSignal(object)
    """An Assignment that the user wants."""
    operator_chosen = pyqtSignal(object)
    """Path of the profile of another operator."""

    def __init__(self, hands: InputDevices, folder: Path, rows: Rows, parent: QWidget | None = None) -> None:
        """Show the settings of the operator who sits there.

        Args:
            hands: Whose profile is edited.
            folder: Of the operator, where the settings of leader arms are.
            rows: Of the commands, whose keys must not mean two things.
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowTitle("Input settings")
        fit_on_screen(self, 820, 620)
        self._hands, self._unsaved = hands, False
        self.operator, self.trouble = QComboBox(), PlainLabel()
        self.operator.setAccessibleName("Operator")
        self.operator.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.trouble.setObjectName("why")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.feel, self.arms, self.buttons = FeelPage(hands, folder), ArmsPage(hands), ButtonsPage(hands, rows, self)
        self._pages: tuple[Page, ...] = (self.feel, self.buttons, self.arms)
        self._stack = QStackedWidget()
        self.tabs = QButtonGroup(self)
        self._build()
        self._connect()
        self._saving, self._looking = QTimer(self), QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.timeout.connect(self.save)
        self._looking.timeout.connect(lambda: self.page.look())
        self._looking.start(LOOK_MS)
        self.show_operator()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(14)
        head = QHBoxLayout()
        for number, words in enumerate(("Feel", "Buttons", "Arms")):
            tab = QToolButton()
            tab.setObjectName("tab")
            tab.setText(words)
            tab.setCheckable(True)
            tab.setChecked(number == 0)
            self.tabs.addButton(tab, number)
            head.addWidget(tab)
        head.addStretch(1)
        head.addWidget(PlainLabel("Operator"))
        head.addWidget(self.operator)
        for widget in (scrolling(self.feel), self.buttons, scrolling(self.arms)):
            self._stack.addWidget(widget)
        self.restore, self.leave = QPushButton("Restore the usual settings"), QPushButton("Close")
        self.restore.setAutoDefault(False)
        self.leave.setAutoDefault(False)
        feet = QHBoxLayout()
        feet.addWidget(self.restore)
        feet.addStretch(1)
        feet.addWidget(self.leave)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addWidget(self.trouble)
        column.addLayout(feet)

    def _connect(self) -> None:
        self.tabs.idClicked.connect(self.turn_to)
        self.restore.clicked.connect(lambda: self.page.restore())
        self.leave.clicked.connect(self.close)
        self.operator.activated.connect(self._choose_operator)
        for page in (self.feel, self.arms, self.buttons):
            page.wanted.connect(self._apply)
        self.arms.assigned.connect(self.assigned)
        self.feel.trouble.connect(self.say)

    @property
    def page(self) -> Page:
        """What is shown."""
        return self._pages[self._stack.currentIndex()]

    def turn_to(self, number: int) -> None:
        """Show a page: 0 feel, 1 buttons, 2 arms."""
        self.buttons.learner.stop()
        self._stack.setCurrentIndex(number)
        if (tab := self.tabs.button(number)) is not None:
            tab.setChecked(True)
        self.page.show_profile(self._hands.profile)

    def show_operator(self) -> None:
        """Show the operator who sits there now, and the others who could."""
        self.operator.clear()
        file = self._hands.file
        self.operator.setEnabled(file is not None)
        if file is None:
            self.operator.addItem(self._hands.profile.name, None)
        else:
            known = operators(file)
            for path, name in known.items():
                self.operator.addItem(name, str(path))
            self.operator.addItem(NEW, None)
            self.operator.setCurrentIndex(list(known).index(file))
        for page in self._pages:
            page.show_profile(self._hands.profile)

    def save(self) -> None:
        """Write what was changed; idempotent."""
        self.feel.leader.save()
        self._saving.stop()
        if self._unsaved:
            self._unsaved = not self._guarded(self._hands.keep)

    def say(self, words: str) -> None:
        """Something went wrong, in words; "" where it did not."""
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def _guarded(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except StudioError as error:
            self.say(str(error))
            return False
        self.say("")
        return True

    def _apply(self, profile: Profile) -> None:
        self.applied.emit(profile)
        self._unsaved = True
        self._saving.start(SAVE_MS)
        for page in self._pages:
            page.show_profile(self._hands.profile)

    # -- operators -------------------------------------------------------------------------------------------------

    def _choose_operator(self, at: int) -> None:
        path = self.operator.itemData(at)
        if path is not None:
            self.save()
            self.operator_chosen.emit(Path(path))
            return
        self.show_operator()
        question = QInputDialog(self)
        question.setWindowTitle("New operator")
        question.setLabelText("What is the operator called? They begin with these settings.")
        question.textValueSelected.connect(self.add_operator)
        question.finished.connect(question.deleteLater)
        question.open()

    def add_operator(self, name: str) -> None:
        """Make a profile for one more operator, as a copy of these settings, and choose it."""
        file = self._hands.file
        if file is None:
            return
        self.save()
        made: list[Path] = []
        if self._guarded(lambda: made.append(new_operator(file, name, self._hands.profile))):
            self.operator_chosen.emit(made[0])

    def done(self, code: int) -> None:
        """Nothing is learned any more, and what was changed is on disk; see QDialog.done."""
        self.buttons.learner.stop()
        self._looking.stop()
        self.save()
        super().done(code)


def scrolling(page: QWidget) -> QScrollArea:
    """A page that can be scrolled where the window is too low for it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    page.setObjectName("bindings")
    area.setWidget(page)
    return area
