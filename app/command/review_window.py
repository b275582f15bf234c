"""A window with review, comparison and sessions only: nothing is driven behind it."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QWidget

from app.commands.command import Command
from app.commands.key_bindings import put_on
from app.commands.window import CommandWindow
from app.opening.live_session import LiveSession
from app.pages.page import PageRow
from app.pages.pages import Pages
from app.pages.table import PAGES
from app.studio.studio import Shell, Studio
from app.studio.table import COMMANDS, carry_out, without_session
from app.widgets.screen import fit_on_screen
from core.events import Message
from devices.profile import load_or_default


class ReviewWindow(CommandWindow):
    """The pages beside driving, with every command that can do something without a session that is driven."""

    def __init__(
        self,
        reviewer: str | None = None,
        commands: Sequence[Command[Studio]] = COMMANDS,
        pages: Sequence[PageRow] = PAGES,
        profile: Path | None = None,
    ) -> None:
        """Show no page yet.

        Args:
            reviewer: Whose verdicts are given; None for the login name.
            commands: Rows of the commands.
            pages: Rows of the pages.
            profile: The operator's file, whose keys are used; None for the usual keys.
        """
        super().__init__(without_session(commands), lambda command: carry_out(self.shell, command))
        self.setWindowTitle("Hi-WM Studio: review")
        fit_on_screen(self, 1280, 800)
        self.pages.addWidget(QWidget())
        self.turner = Pages(LiveSession(), self, lambda: None, reviewer=reviewer, rows=pages)
        self.shell = Shell(self, self.turner, (self.leave_card, self.leave_full_screen))
        self.fill_menus()
        own, trouble = load_or_default(profile)
        refused = put_on(self.command_actions, own, {}, commands)
        self.keys_changed()
        for words in filter(None, (trouble, *refused)):
            self.show_message(Message("warning", words))

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """What was labelled is on disk before the window is gone; see QWidget.closeEvent."""
        self.turner.stop()
        super().closeEvent(event)
