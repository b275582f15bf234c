"""What every window of commands has: actions, menus, pages, the line of keys, help card, palette, text size."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QApplication, QMainWindow, QMenu, QStackedWidget, QStatusBar, QWidget

from app.commands.about import AboutDialog
from app.commands.actions import Actions
from app.commands.command import DRIVE, Command, Place
from app.commands.help_card import HelpCard
from app.commands.hint_line import HintLine
from app.commands.latin_shortcuts import LatinShortcuts
from app.commands.palette import Palette
from app.widgets import theme
from app.widgets.toast import Toasts
from core.events import Message


class CommandWindow(QMainWindow):
    """A window that carries out commands and shows one page at a time; the first page is that of driving."""

    rekeyed = pyqtSignal()
    """Commands have other keys."""

    def __init__(self, commands: Sequence[Command[Any]], carry_out: Callable[[Command[Any]], None]) -> None:
        """Make everything but the pages.

        Args:
            commands: Rows of the table that this window offers.
            carry_out: What a command does when its key, its entry or its button is used.
        """
        super().__init__()
        self.mode = DRIVE
        """Name of the page that is shown."""
        self.command_actions = Actions(commands, carry_out, self)
        self.hint_line = HintLine(self.command_actions)
        self.latin_shortcuts = LatinShortcuts(self)
        self.pages = QStackedWidget()
        self.setCentralWidget(self.pages)
        self._show_below_docks(self.hint_line)
        self.help_card = HelpCard(self, self.command_actions)
        self.palette_card = Palette(self, self.command_actions)
        self.page_toasts = Toasts(self.pages)
        self.help_card.opened.connect(self.cover)
        self.palette_card.opened.connect(self.cover)

    def _show_below_docks(self, line: HintLine) -> None:
        """The line of keys is the status bar: plots that are docked are above it."""
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(line, 1)
        self.setStatusBar(bar)

    def fill_menus(self) -> dict[str, QMenu]:
        """Make the menus; title -> menu."""
        bar = self.menuBar()
        return self.command_actions.fill(bar) if bar is not None else {}

    def run_command(self, name: str) -> None:
        """Trigger a command's action, exactly as its key does; nothing where it is not possible."""
        self.command_actions[name].trigger()

    def set_mode(self, mode: str, page: QWidget | None) -> None:
        """Show another page, None for driving: its keys act from now on, and no others."""
        self.mode = mode
        self.pages.setCurrentWidget(page if page is not None else self.pages.widget(0))
        self.place_changed()
        shown = self.pages.currentWidget()
        if shown is not None:
            shown.setFocus()

    def place_changed(self) -> None:
        """Another page is shown: other commands are possible."""
        self.command_actions.show_place(Place(self.mode))
        self.hint_line.show_keys(Place(self.mode))

    def keys_changed(self) -> None:
        """Commands have other keys: show them."""
        self.hint_line.refresh()
        self.rekeyed.emit()

    def cover(self, on: bool) -> None:
        """Whether a card covers the window: then keys act on the card alone."""
        self.command_actions.cover(on)

    def show_about(self, sessions: Path | None) -> AboutDialog:
        """Show the version and where files lie; `sessions` is the folder of sessions."""
        dialog = AboutDialog(sessions, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def change_text_size(self, direction: int) -> None:
        """Larger (+1), smaller (-1) or usual (0) text, in every window."""
        sizes = theme.TEXT_SIZES
        at = sizes.index(theme.text_scale()) + direction if direction else sizes.index(1.0)
        self.set_text_size(sizes[max(0, min(len(sizes) - 1, at))])

    def set_text_size(self, factor: float) -> None:
        """A text size of this window and every other one."""
        application = QApplication.instance()
        if isinstance(application, QApplication) and factor != theme.text_scale():
            theme.set_text_scale(application, factor)
            self.hint_line.refresh()

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def leave_card(self) -> bool:
        """Close the help card; whether it was open."""
        shown = not self.help_card.isHidden()
        if shown:
            self.help_card.toggle()
        return shown

    def leave_full_screen(self) -> bool:
        """Leave full screen; whether it was on."""
        full = self.isFullScreen()
        if full:
            self.showNormal()
        return full

    def show_message(self, message: Message) -> None:
        """Words for the user, over the page."""
        self.page_toasts.show_message(message)
