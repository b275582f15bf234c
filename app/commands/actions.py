"""The commands as Qt actions: one per command, enabled exactly where its command is possible."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QToolButton, QWidget

from app.commands.command import DRIVE, Command, Place, on_page, possible
from app.commands.key_caps import cap_text
from app.commands.key_words import KeyOf, with_key
from app.widgets import icons, theme
from app.widgets.labels import plain_tip, plain_title
from core.events import Status


class Actions(QObject):
    """Builds the actions of a window and enables them by where the user is."""

    def __init__(
        self, commands: Sequence[Command[Any]], carry_out: Callable[[Command[Any]], None], window: QWidget
    ) -> None:
        """Make one action per command.

        Args:
            commands: Rows of the table that this window offers.
            carry_out: What an action does when it is triggered.
            window: Whose shortcuts they are.
        """
        super().__init__(window)
        self.commands = tuple(commands)
        self._carry_out = carry_out
        self._by_name = {command.name: self._action(command, window) for command in commands}
        self._menus: dict[str, QMenu] = {}
        self._keys: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
        """Page -> name of a command -> its keys there, where they are not the usual ones."""
        self._place = Place()
        self._covered = False
        self._undo = ("", "")
        self._enable()

    @property
    def by_name(self) -> Mapping[str, QAction]:
        """Every action by the name of its command."""
        return self._by_name

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def _action(self, command: Command[Any], window: QWidget) -> QAction:
        action = QAction(command.text, window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setAutoRepeat(command.repeats)
        action.setCheckable(command.checkable)
        if command.icon:
            action.setIcon(icons.icon(command.icon, command.colour or theme.TEXT))
        action.triggered.connect(lambda _checked=False: self._carry_out(command))
        window.addAction(action)
        return action

    @property
    def place(self) -> Place:
        """Where the user is."""
        return self._place

    def show_place(self, place: Place) -> None:
        """Enable what is possible there, and nothing else."""
        if place != self._place:
            turned, self._place = place.page != self._place.page, place
            if turned:
                self._put_keys_on()
            self._enable()

    def set_keys(self, keys: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        """Page -> name of a command -> its keys there; a command that is not named has the keys of its row."""
        self._keys = keys
        self._put_keys_on()

    def _put_keys_on(self) -> None:
        here = self._keys.get(self._place.page, {})
        for command in self.commands:
            self._by_name[command.name].setShortcuts([QKeySequence(k) for k in here.get(command.name, command.keys)])

    def cover(self, on: bool) -> None:
        """Whether a card covers the window: then only what is possible under cards is enabled."""
        if on != self._covered:
            self._covered = on
            self._enable()

    def owner(self, name: str) -> Command[Any] | None:
        """The row of a command; None where this window does not offer it."""
        return next((command for command in self.commands if command.name == name), None)

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys that a command has now, as portable key sequences."""
        text = QKeySequence.SequenceFormat.PortableText
        return tuple(key.toString(text) for key in self._by_name[name].shortcuts())

    def keys_on(self, page: str) -> KeyOf:
        """From the name of a command to its first key on a page as it is drawn; "" for one that is not offered."""
        own = self._keys.get(page, {})

        def key_of(name: str) -> str:
            command = self.owner(name)
            keys = own.get(name, command.keys) if command is not None else ()
            return cap_text(keys[0]) if keys else ""

        return key_of

    def key_words(self, name: str) -> str:
        """The first key of a command as a user reads it; its name where it has no key."""
        action = self._by_name[name]
        native = QKeySequence.SequenceFormat.NativeText
        return action.shortcut().toString(native) or action.text()

    def _enable(self) -> None:
        for command in self.commands:
            allowed = possible(command, self._place) and (not self._covered or command.under_cards)
            self._by_name[command.name].setEnabled(allowed)
        for title, menu in self._menus.items():
            action = menu.menuAction()
            if action is not None:
                here = (on_page(command, self._place.page) for command in self.commands if command.menu == title)
                action.setVisible(any(here))
        self._title_undo()

    def show_status(self, status: Status) -> None:
        """The state of what can be ticked."""
        self._by_name["freeze_on_idle"].setChecked(status.freeze_on_idle)

    def name_undo(self, undo: str, redo: str) -> None:
        """Say in the menu what Undo and Redo would do to the session that is driven, "" for nothing."""
        self._undo = (undo, redo)
        self._title_undo()

    def _title_undo(self) -> None:
        """Another page than driving has its own history: there the words say no more than Undo and Redo."""
        known = self._undo if self._place.page == DRIVE else ("", "")
        for name, title, what in (("undo", "Undo", known[0]), ("redo", "Redo", known[1])):
            if name in self._by_name:
                words = f"{title} {what}" if what else title
                self._by_name[name].setText(plain_title(words))
                self._by_name[name].setToolTip(plain_tip(words))

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus, in the order in which the commands name them."""
        for command in (c for c in self.commands if c.menu):
            if command.menu not in self._menus:
                menu = bar.addMenu(command.menu)
                if menu is None:
                    continue
                menu.setToolTipsVisible(True)
                self._menus[command.menu] = menu
            self._menus[command.menu].addAction(self._by_name[command.name])
            if command.ends_group:
                self._menus[command.menu].addSeparator()
        self._enable()
        return self._menus

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
        self.setToolTip(with_key(action.text(), cap_text(keys) if keys else ""))


def show_one(buttons: Sequence[ActionButton | QToolButton]) -> None:
    """Of buttons that share a place, show the one that is possible now; the first where none is."""
    possible = next((i for i, button in enumerate(buttons) if button.isEnabled()), 0)
    for i, button in enumerate(buttons):
        button.setVisible(i == possible)
