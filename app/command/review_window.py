"""A window with review, comparison and sessions only: nothing is driven behind it."""

from pathlib import Path
from typing import Any

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QWidget

from app.commands.command import Command
from app.commands.table import COMMANDS
from app.commands.window import CommandWindow
from app.pages import Pages
from app.window import screenshots
from core.branch_tree import BranchTree, Head
from core.events import Status
from core.history import History
from core.store.archive import StoreArchive
from core.verbs import Verb

ROWS = tuple(command for command in COMMANDS if command.pages and not command.needs_session)
"""What can be done without a session that is driven."""


class ReviewWindow(CommandWindow):
    """Host and frame of the pages; implements app.pages.Host."""

    status: Status | None = None
    head: Head | None = None
    archive: StoreArchive | None = None
    sessions: Path | None = None

    def __init__(self, reviewer: str | None = None) -> None:
        super().__init__(ROWS, self.carry_out)
        self.setWindowTitle("Hi-WM Studio: review")
        self.resize(QSize(1280, 800))
        self.tree, self.history = BranchTree(), History()
        self.pages.addWidget(QWidget())
        self.turner = Pages(self, self, self.pages, reviewer, can_drive=False)
        self.fill_menus()

    def carry_out(self, command: Command[Any]) -> None:
        """Do what a command means on the page that is shown."""
        act = self.turner.acts.get(command.name)
        if act is not None:
            act()
        elif command.act is not None:
            command.act(self)

    def show_mode(self, mode: str) -> None:
        """Show another page."""
        self.turner.show(mode)  # type: ignore[arg-type]

    def screenshot(self) -> None:
        """Save a picture of the window."""
        self.show_message(screenshots.save(self))

    def show_palette(self) -> None:
        """Find a command by some of its letters."""
        self.palette_card.present()

    def show_help(self) -> None:
        """Show or hide the card of all keys."""
        self.help_card.toggle()

    def quit(self) -> None:
        """Close the window."""
        self.close()

    def length(self, branch: int) -> int:
        """See app.pages.Host: nothing is driven."""
        return 0

    def submit(self, *verbs: Verb) -> None:
        """See app.pages.Host: nobody hears."""

    def drive(self, folder: Path) -> None:
        """See app.pages.Host: no command of this window drives."""

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """What was labelled is on disk before the window is gone; see QWidget.closeEvent."""
        self.turner.stop()
        super().closeEvent(event)
