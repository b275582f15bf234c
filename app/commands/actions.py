"""The commands as Qt actions: one per command, enabled exactly where its command is possible."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QToolButton, QWidget

from app.commands.hint_line import cap_text
from app.commands.studio import Studio, UiPhase
from app.commands.table import COMMANDS, Command
from app.widgets import icons, theme
from app.widgets.labels import plain_tip, plain_title
from core.events import Status

REPEATING = ("back", "forward", "back_10", "forward_10", "event_back", "event_forward", "branch_up", "branch_down",
             "sibling_up", "sibling_down", "zoom_in", "zoom_out")  # fmt: skip
"""Commands whose keys repeat while they are held."""
UNDER_COVER = ("help", "leave", "screenshot", "quit")
"""Commands that are possible while a card covers the window."""
COLOURS = {
    "run": theme.POLICY,
    "take_over": theme.OPERATOR,
    "hand_back": theme.POLICY,
    "mark_failure": theme.FAILURE,
    "mark_success": theme.SUCCESS,
}
"""Icons whose meaning has a colour of its own."""
CHECKABLE = ("freeze_on_idle", "plan", "markers")
GROUP_ENDS = ("step", "hand_back", "real_time", "to_failure", "propose", "needs_work", "branch_note", "hide", "restore",
              "redo", "play_slow", "event_forward", "previous_failure", "sibling_down", "clear_range", "zoom_range",
              "new_scene_from_here", "open_session", "export", "mode_sessions", "plots",
              "screenshot", "markers", "palette", "text_usual",
              "full_screen")  # fmt: skip
"""Commands after which a menu draws a line."""


class Actions(QObject):
    """Builds the actions and keeps them true to the phase."""

    def __init__(self, studio: Studio, window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._by_name = {command.name: self._action(command, window) for command in COMMANDS}
        self._phase: UiPhase = "LOADING"
        self._covered = False
        self._enable()

    @property
    def by_name(self) -> Mapping[str, QAction]:
        """Every action by the name of its command."""
        return self._by_name

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def _action(self, command: Command, window: QWidget) -> QAction:
        action = QAction(command.text, window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setAutoRepeat(command.name in REPEATING)
        action.setCheckable(command.name in CHECKABLE)
        if command.icon:
            action.setIcon(icons.icon(command.icon, COLOURS.get(command.name, theme.TEXT)))
        action.triggered.connect(lambda _checked=False: command.act(self._studio))
        window.addAction(action)
        return action

    def show_phase(self, phase: UiPhase) -> None:
        """Enable what is possible in a phase, and nothing else."""
        if phase != self._phase:
            self._phase = phase
            self._enable()

    def cover(self, on: bool) -> None:
        """Whether a card lies over the window: then nothing behind it happens by a key."""
        if on != self._covered:
            self._covered = on
            self._enable()

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys that a command has now, as portable key sequences."""
        text = QKeySequence.SequenceFormat.PortableText
        return tuple(key.toString(text) for key in self._by_name[name].shortcuts())

    def _enable(self) -> None:
        for command in COMMANDS:
            possible = self._phase in command.phases and (not self._covered or command.name in UNDER_COVER)
            self._by_name[command.name].setEnabled(possible)

    def show_status(self, status: Status) -> None:
        """The state of what can be ticked."""
        self._by_name["freeze_on_idle"].setChecked(status.freeze_on_idle)

    def name_undo(self, undo: str, redo: str) -> None:
        """Say in the menu what Undo and Redo would do, "" for nothing."""
        for name, words in (("undo", f"Undo {undo}" if undo else "Undo"), ("redo", f"Redo {redo}" if redo else "Redo")):
            self._by_name[name].setText(plain_title(words))
            self._by_name[name].setToolTip(plain_tip(words))

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus, in the order in which the commands name them."""
        menus: dict[str, QMenu] = {}
        for command in (c for c in COMMANDS if c.menu):
            if command.menu not in menus:
                menu = bar.addMenu(command.menu)
                if menu is None:
                    continue
                menu.setToolTipsVisible(True)
                menus[command.menu] = menu
            menus[command.menu].addAction(self._by_name[command.name])
            if command.name in GROUP_ENDS:
                menus[command.menu].addSeparator()
        return menus

    def button(self, name: str, text: str = "") -> QToolButton:
        """A button of the drive bar; it shows the icon, or a word beside it, and names its key in the tool tip."""
        return ActionButton(self._by_name[name], text)


class ActionButton(QToolButton):
    """Carries out one action; never takes the focus, so that keys keep their meaning."""

    def __init__(self, action: QAction, text: str) -> None:
        super().__init__()
        self.setDefaultAction(action)
        self._text = text
        self.setFocusPolicy(self.focusPolicy().NoFocus)
        self.setToolButtonStyle(
            self.toolButtonStyle().ToolButtonTextBesideIcon if text else self.toolButtonStyle().ToolButtonIconOnly
        )
        self._retitle()
        action.changed.connect(self._retitle)

    def _retitle(self) -> None:
        action = self.defaultAction()
        if action is None:
            return
        if self._text:
            self.setText(self._text)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
        self.setToolTip(f"{action.text()}  {cap_text(keys)}" if keys else action.text())


def show_one(buttons: Sequence[ActionButton | QToolButton]) -> None:
    """Of buttons that share a place, show the one that is possible now; the first where none is."""
    possible = next((i for i, button in enumerate(buttons) if button.isEnabled()), 0)
    for i, button in enumerate(buttons):
        button.setVisible(i == possible)
