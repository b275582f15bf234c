"""The window: pictures large, timeline below, side panel on the right, keys in one line at the bottom.

It watches and forwards. What happens is decided by commands and by the session.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.commands.command import DRIVE, Command, Place, UiPhase
from app.commands.key_router import KeyFeed, KeyRouter
from app.commands.window import CommandWindow
from app.opening.loading import Parts
from app.widgets import theme
from app.widgets.device_words import moved_by_keys
from app.widgets.screen import fit_on_screen, keep_on_screen, on_screen
from app.widgets.toast import Toasts
from app.window.drive_bar import DriveBar
from app.window.history_panel import HistoryPanel
from app.window.placeholder import Placeholder, Way
from app.window.recent import RecentMenu, dropped_folder
from app.window.settings import WindowSettings
from app.window.side_column import SideColumn
from app.window.side_panel import SidePanel
from app.window.unsaved import UnsavedQuestion
from core.events import Message, Status
from core.history import History
from core.world import WorldSpec
from devices.keyboard.words import MotionWords

if TYPE_CHECKING:
    from core.recorder import Unwritten

TITLE = "Hi-WM Studio"
DEFAULT_SIZE = QSize(1280, 800)
SMALLEST = QSize(960, 640)
FRAME_MS = 300
"""How long a window manager may take to add its frame."""
LEAST_PICTURES = 110
"""Height of the pictures, pixels."""


class MainWindow(CommandWindow):
    """Lays out the widgets and keeps them true to the newest status."""

    closing = pyqtSignal()
    device_chosen = pyqtSignal(str)
    session_asked = pyqtSignal(object)
    """The folder (Path) of a session that the user wants to open."""

    def __init__(
        self,
        commands: Sequence[Command[Any]],
        carry_out: Callable[[Command[Any]], None],
        viewport: QWidget,
        timeline: QWidget,
        settings: WindowSettings,
    ) -> None:
        """Lay out the window around its two largest parts.

        Args:
            commands: Rows of the table.
            carry_out: What a command does when its key, its entry or its button is used.
            viewport: The pictures.
            timeline: Of the session; see set_timeline.
            settings: What the window remembers between two starts.
        """
        super().__init__(commands, carry_out)
        self.setWindowTitle(TITLE)
        self.setMinimumSize(SMALLEST)
        fit_on_screen(self, DEFAULT_SIZE.width(), DEFAULT_SIZE.height())
        self.viewport, self.timeline, self._settings = viewport, timeline, settings
        self.unwritten: Callable[[], Unwritten | None] = lambda: None
        """What is lost if the window closes now; set by the application."""
        self._question: UnsavedQuestion | None = None
        self.phase: UiPhase = "LOADING"
        self._motion, self._device = MotionWords(), ""
        self.drive_bar, self.side_panel = DriveBar(self.command_actions), SidePanel()
        self.history_panel = HistoryPanel()
        self._lay_out()
        self.stage, self.toasts = Placeholder(self._pictures), Toasts(self._pictures)
        self.key_router = KeyRouter(self)
        self._fill_menus()
        settings.restore(self, self._splitter)
        if not on_screen(self):
            fit_on_screen(self, DEFAULT_SIZE.width(), DEFAULT_SIZE.height())
        self.set_text_size(settings.text_size)

    def _lay_out(self) -> None:
        self._pictures = QWidget()
        inner = QVBoxLayout(self._pictures)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.viewport)
        self.viewport.setMinimumHeight(LEAST_PICTURES)
        lower = QWidget()
        self._lower = QVBoxLayout(lower)
        self._lower.setContentsMargins(0, 0, 0, 0)
        self._lower.setSpacing(0)
        self._lower.addWidget(self.drive_bar)
        self._lower.addWidget(self.timeline, 1)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._pictures)
        self._splitter.addWidget(lower)
        self._splitter.setStretchFactor(0, 1)  # in a larger window the pictures grow, not the black beside them
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setSizes([470, 270])
        centre, row = QWidget(), QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._splitter, 1)
        self.side_column = SideColumn(("Session", self.side_panel))
        self.side_column.add("History", self.history_panel)
        row.addWidget(self.side_column)
        whole = QVBoxLayout(centre)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(row, 1)
        self.pages.addWidget(centre)

    def _fill_menus(self) -> None:
        self._device_menu = QMenu("Device", self)
        menus = self.fill_menus()
        if "&Drive" in menus:
            menus["&Drive"].addMenu(self._device_menu)
        self.recent_menu = RecentMenu(self._settings, self.session_asked.emit, self)
        if "&Scene" in menus:
            menus["&Scene"].insertMenu(self.command_actions["export"], self.recent_menu)
        self.setAcceptDrops(True)
        self._device_group = QActionGroup(self)

    def offer_devices(self, names: Mapping[str, str]) -> None:
        """Fill the device menu: registry name -> words."""
        self._device_menu.clear()
        for name, words in names.items():
            action = self._device_menu.addAction(words)
            if action is None:
                continue
            action.setCheckable(True)
            action.setObjectName(f"device_{name}")
            action.triggered.connect(lambda _checked=False, name=name: self.device_chosen.emit(name))
            self._device_group.addAction(action)

    def set_timeline(self, timeline: QWidget) -> None:
        """The timeline of another session takes the place of the old one."""
        old, self.timeline = self.timeline, timeline
        self._lower.replaceWidget(old, timeline)
        old.hide()
        old.deleteLater()

    def set_keyboard(self, feed: KeyFeed | None, motion: MotionWords) -> None:
        """The keyboard device, and what its keys move."""
        self._motion = motion
        self.key_router.set_feed(feed)
        self.help_card.set_motion(motion.full)

    def show_phase(self, phase: UiPhase, device: str = "") -> None:
        """Who may do what now: actions, keys, hint line."""
        self._device = device
        if phase != self.phase and phase != "PAUSED":
            self.toasts.dismiss_info()  # messages about the earlier phase
        self.phase = phase
        place = Place(self.mode, phase)
        self.drive_bar.show_place(place)
        self.key_router.set_state(place, moved_by_keys(device))
        if self.mode == DRIVE:
            self.hint_line.show_keys(place, self.key_router.arms_own_keys, self._motion.brief)
        else:
            self.hint_line.show_keys(Place(self.mode))
        offered = [action.objectName() for action in self._device_group.actions()]
        chosen = f"device_{device}" if f"device_{device}" in offered else "device_auto"
        for action in self._device_group.actions():
            action.setChecked(action.objectName() == chosen)

    def place_changed(self) -> None:
        """See CommandWindow.place_changed."""
        self.show_phase(self.phase, self._device)

    def show_loading(self, words: str, cancel: Callable[[], object]) -> None:
        """The loading state, with what is being loaded, and a way back."""
        self.show_phase("LOADING")
        self.side_panel.show_status("LOADING", None)
        self.stage.show_loading("Opening the studio", words, [("Cancel", cancel)])

    def show_world(self, spec: WorldSpec, why: str) -> None:
        """The world is there: its first picture may be seen, the rest still loads."""
        self.stage.hide()
        self.side_panel.show_world(spec, why)

    def show_session(self, parts: Parts, folder: Path | None) -> None:
        """Who computes, and where it is written."""
        self.side_panel.show_world(parts.world.spec, parts.world_why)
        self.side_panel.show_policy(parts.policy.spec, parts.policy_why)
        self.side_panel.show_session(folder)
        self.setWindowTitle(f"{parts.task.title} · {TITLE}")

    def show_failure(self, title: str, words: str, ways: Sequence[Way]) -> None:
        """Nothing is open: say why, and offer ways on."""
        self.show_phase("LOADING")
        self.stage.show_failure(title, words, ways)

    def show_status(self, status: Status, length: int, branch: str, steps: int) -> None:
        """The newest status; the head's branch in words and its last node; steps of the session, on disk or not yet."""
        self.stage.hide()
        self.show_phase(status.phase, status.device)
        self.command_actions.show_status(status)
        self.drive_bar.show_status(status)
        self.side_panel.show_place(branch, steps)
        self.side_panel.show_status(status.phase, status, length)

    def show_displayed(self, status: Status) -> None:
        """The frame of a status is on the screen now."""
        if status.shown_at:
            self.side_panel.show_latency(1000 * (time.monotonic() - status.shown_at))

    def show_history(self, history: History, words: Callable[[str], str]) -> None:
        """What Undo and Redo would do; `words` puts the names of the timeline into their labels."""
        self.command_actions.name_undo(words(history.undo_label), words(history.redo_label))
        self.history_panel.show_history(history, words)

    def change_text_size(self, direction: int) -> None:
        """See CommandWindow.change_text_size; the size is remembered."""
        super().change_text_size(direction)
        self._settings.text_size = theme.text_scale()

    def set_text_size(self, factor: float) -> None:
        """See CommandWindow.set_text_size."""
        super().set_text_size(factor)
        self.side_column.refresh()
        self.viewport.update()

    def cover(self, on: bool) -> None:
        """See CommandWindow.cover."""
        super().cover(on)
        self.key_router.set_covered(on)

    def show_message(self, message: Message) -> None:
        """Words for the user, over the pictures or over the page that is shown."""
        (self.toasts if self.mode == DRIVE else self.page_toasts).show_message(message)

    def _asks_to_lose(self) -> bool:
        """Ask once, without blocking; the answer closes the window."""
        if self._question is not None:
            return self._question.may_close
        self._question = UnsavedQuestion(self, self.unwritten)
        self._question.finished.connect(self._close_after_question)
        self._question.open()
        return False

    def _close_after_question(self) -> None:
        question = self._question
        if question is not None and question.may_close:
            self.close()
        self._question = None
        if question is not None:
            question.deleteLater()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """The frame that the window manager adds is known a moment later; see QWidget.showEvent."""
        super().showEvent(event)
        QTimer.singleShot(FRAME_MS, self._keep_on_screen)

    def _keep_on_screen(self) -> None:
        keep_on_screen(self)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Accept one folder; see QWidget.dragEnterEvent."""
        if event is not None and dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Open the session that is dropped; see QWidget.dropEvent."""
        folder = dropped_folder(event.mimeData()) if event is not None else None
        if event is not None and folder is not None:
            event.acceptProposedAction()
            self.session_asked.emit(folder)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Remember the layout and let the application stop its threads; see QWidget.closeEvent.

        Where the disk refuses what was recorded, the user is asked first.
        """
        if event is not None and self.unwritten() is not None and not self._asks_to_lose():
            event.ignore()
            return
        self._settings.save(self, self._splitter)
        self.closing.emit()
        super().closeEvent(event)
