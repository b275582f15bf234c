"""A window with review, comparison and sessions only: nothing is driven behind it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QAction, QCloseEvent, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QWidget

from app.commands.studio import Mode
from app.pages import Pages
from app.widgets.toast import Toasts
from core.branch_tree import BranchTree, Head
from core.events import Message, Status
from core.history import History
from core.store.archive import StoreArchive
from core.verbs import Verb

MODES: tuple[tuple[str, Mode, str], ...] = (
    ("Review", "review", "F6"), ("Compare", "compare", "F7"), ("Sessions", "sessions", "F8"),
)  # fmt: skip


class ReviewWindow(QMainWindow):
    """Host and frame of the pages; implements app.pages.Host and app.pages.Frame."""

    status: Status | None = None
    head: Head | None = None
    archive: StoreArchive | None = None
    sessions: Path | None = None

    def __init__(self, reviewer: str | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Hi-WM Studio: review")
        self.resize(QSize(1280, 800))
        self.tree, self.history = BranchTree(), History()
        stack = QStackedWidget()
        stack.addWidget(QWidget())
        self.setCentralWidget(stack)
        self._stack, self._toasts = stack, Toasts(stack)
        self.pages = Pages(self, self, stack, reviewer)
        bar = self.menuBar()
        menu = bar.addMenu("&View") if bar is not None else None
        for text, mode, key in MODES:
            self._add(menu, text, key, partial(self.pages.show, mode))
        self._add(menu, "Full screen", "F11", self._toggle_full_screen)
        self._add(menu, "Quit", "Ctrl+Q", self.close)

    def _add(self, menu: QMenu | None, text: str, key: str, act: Callable[[], object]) -> None:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _checked=False: act())
        self.addAction(action)
        if menu is not None:
            menu.addAction(action)

    def length(self, branch: int) -> int:
        """See app.pages.Host: nothing is driven."""
        return 0

    def submit(self, *verbs: Verb) -> None:
        """See app.pages.Host: nobody hears."""

    def drive(self, folder: Path) -> None:
        """See app.pages.Host: driving needs a world, which is another window."""
        self.show_message(Message("info", f"To drive it: main.py run --session {folder}"))

    def set_mode(self, mode: Mode, page: QWidget | None) -> None:
        """See app.pages.Frame."""
        shown = page if page is not None else self._stack.widget(0)
        self._stack.setCurrentWidget(shown)
        if shown is not None:
            shown.setFocus()

    def show_message(self, message: Message) -> None:
        """See app.pages.Frame."""
        self._toasts.show_message(message)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """What was labelled is on disk before the window is gone; see QWidget.closeEvent."""
        self.pages.stop()
        super().closeEvent(event)

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()
