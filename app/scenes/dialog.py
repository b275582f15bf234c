"""The dialog "New scene from…": a seed, a recorded step, or one picture per camera."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.scenes.pages import Known, PicturePage, SeedPage, Start, StepPage
from app.scenes.start_picture import StartPicture
from app.widgets.labels import PlainLabel
from app.widgets.screen import fit_on_screen
from core.errors import StudioError
from core.observation import Observation


class SceneDialog(QDialog):
    """Shows what the start looks like before it is made; what does not fit is said in words."""

    chosen = pyqtSignal(object)
    """A seed (int), or an Observation."""

    def __init__(self, known: Known, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New scene")
        self.setModal(True)
        self.seed, self.step, self.pictures = SeedPage(known), StepPage(known), PicturePage(known)
        self.pages = (self.seed, self.step, self.pictures)
        self._picture = StartPicture(known.spec.cameras)
        self._words = PlainLabel()
        self._words.setWordWrap(True)
        self._words.setObjectName("startwords")
        self._words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._start: Start | None = None
        self._lay_out()
        for page in self.pages:
            page.changed.connect(self._refresh)
        self.show_page(0)

    @property
    def words(self) -> str:
        """What is said of the start."""
        return self._words.text()

    @property
    def possible(self) -> bool:
        """Whether there is a start."""
        return self._start is not None

    def show_page(self, number: int) -> None:
        """Turn to a seed (0), a recorded step (1) or pictures (2)."""
        button = self._tabs.button(number)
        if button is not None:
            button.setChecked(True)
        self._stack.setCurrentIndex(number)
        self._refresh()
        self.pages[number].setFocus()

    def accept(self) -> None:
        """Start; see QDialog.accept."""
        if self._start is not None:
            self.chosen.emit(self._start)
            super().accept()

    def _lay_out(self) -> None:
        title = PlainLabel("Start a new scene from")
        title.setObjectName("stagetitle")
        self._tabs, self._stack = QButtonGroup(self), QStackedWidget()
        tabs = QHBoxLayout()
        tabs.setSpacing(4)
        for number, page in enumerate(self.pages):
            button = QToolButton()
            button.setObjectName("tab")
            button.setText(page.title)
            button.setCheckable(True)
            self._tabs.addButton(button, number)
            tabs.addWidget(button)
            self._stack.addWidget(page)
        tabs.addStretch(1)
        self._tabs.idClicked.connect(self.show_page)
        self._box = QDialogButtonBox()
        cancel = self._box.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self._go = self._box.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        if self._go is not None and cancel is not None:
            self._go.setDefault(True)
            cancel.setAutoDefault(False)
        self._box.accepted.connect(self.accept)
        self._box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(10)
        column.addWidget(title)
        column.addLayout(tabs)
        column.addWidget(self._stack)
        column.addWidget(self._picture, 1)
        column.addWidget(self._words)
        column.addWidget(self._box)
        fit_on_screen(self, 560, 600)

    def _refresh(self) -> None:
        page, words, failed = self.pages[self._stack.currentIndex()], "", False
        seen: Observation | None = None
        self._start = None
        try:
            self._start, seen, words = page.start()
        except StudioError as error:
            words, failed = str(error), True
        self._words.setText(f"⚠  {words}" if failed else words)
        self._words.setProperty("failed", failed)
        style = self._words.style()
        if style is not None:
            style.polish(self._words)
        self._picture.show_frames({} if seen is None else seen.frames)
        if self._go is not None:
            self._go.setEnabled(self._start is not None)
