"""One row adds a command everywhere, and one row adds a page."""

from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.commands.command import Command, Place
from app.commands.device_buttons import commands_pressed
from app.pages.page import Acts, PageHost, PageRow, QuietPage
from app.pages.table import PAGES
from app.studio.studio import Studio
from app.studio.table import commands
from app.xr.headset import held
from app.xr.help_panel import content
from core.events import Message
from devices.openxr.profiles import PREFIX, InUse
from devices.openxr.thread import XrState
from devices.profile import Profile
from devices.verb_bindings import bindings_with


class Kite(QuietPage):
    """A page that does nothing but count."""

    def __init__(self, host: PageHost) -> None:
        self.widget, self.shown, self.pulled, self.stopped = QWidget(), 0, 0, False

    def acts(self) -> Acts:
        return {"pull": self._pull}

    def show(self) -> None:
        self.shown += 1

    def stop(self) -> None:
        self.stopped = True

    def _pull(self) -> None:
        self.pulled += 1


PAGE = PageRow("kite", "Kites", ("Ctrl+F9",), Kite)
WAVE: Command[Studio] = Command(
    "wave", "Wave to the robot", "&Drive", frozenset({"PAUSED"}),
    lambda s: s.window.show_message(Message("info", "It waves back.")), ("Ctrl+Alt+W",), "wave", short="Wave",
    buttons=("openxr/right_menu",),
)  # fmt: skip
PULL: Command[Studio] = Command(
    "pull", "Pull the string", "&Page", frozenset(), None, ("S",), "pull", pages=frozenset({"kite"})
)
TOUCH = XrState(used=InUse(f"{PREFIX}valve/index_controller", f"{PREFIX}valve/index_controller"), why="")


@pytest.fixture
def studio(qtbot: QtBot, make_studio: Callable[..., Application]) -> Application:
    """With one more command, one more page and a command of that page, each through its row alone."""
    rows = (*commands((*PAGES, PAGE)), WAVE, PULL)
    studio = make_studio(commands=rows, pages=(*PAGES, PAGE))
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=5000)
    return studio


def entries(studio: Application) -> set[str]:
    return {action.text() for menu in studio.window.findChildren(QMenu) for action in menu.actions()}


def test_a_command_is_in_menu_palette_keys_help_and_hint_line(studio: Application, qtbot: QtBot) -> None:
    window = studio.window
    assert {"Wave to the robot", "Kites"} <= entries(studio)
    assert "wave" in window.hint_line.text.split()
    window.palette_card.present()
    assert {"wave", "mode_kite"} <= set(window.palette_card.names)
    window.palette_card.leave()
    window.run_command("help")
    assert "Wave to the robot" in {label.text() for label in window.help_card.findChildren(QLabel)}
    window.run_command("help")
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert window.toasts.cards[-1].message.text == "It waves back."


def test_a_command_has_a_button_of_the_headset() -> None:
    rows = (*commands(PAGES), WAVE)
    usual = bindings_with()
    pressed = {"openxr:controllers/right_menu": 1}
    before = {"openxr:controllers/right_menu": 0}
    assert commands_pressed(before, pressed, usual, rows, "PAUSED") == ("wave",)
    assert commands_pressed(before, pressed, usual, rows, "CORRECTING") == ()
    assert commands_pressed(before, pressed, bindings_with({"discard": ("openxr/right_menu",)}), rows, "PAUSED") == (
        "discard",
    )
    card = content(held(TOUCH, Profile().bindings, rows), "PAUSED")
    assert "Wave" in {row.words for _, hand in card.hands for row in hand}


def test_a_page_is_shown_by_its_key_and_its_commands_act_on_it_alone(studio: Application, qtbot: QtBot) -> None:
    window = studio.window
    qtbot.keyClick(window, Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
    page = studio.pages.page("kite")
    assert isinstance(page, Kite)
    assert (studio.pages.mode, page.shown) == ("kite", 1)
    assert window.pages.currentWidget() is page.widget
    assert window.command_actions.place == Place("kite", "PAUSED")
    assert "S pull" in window.hint_line.text
    qtbot.keyClick(window, Qt.Key.Key_S)
    assert page.pulled == 1
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert studio.pages.mode == "drive"
    qtbot.keyClick(window, Qt.Key.Key_S)
    assert page.pulled == 1
    studio.close()
    assert page.stopped


def test_no_page_is_made_before_it_is_shown(make_studio: Callable[..., Application]) -> None:
    made: list[str] = []

    def make(host: PageHost) -> Kite:
        made.append("kite")
        return Kite(host)

    studio = make_studio(pages=(PageRow("kite", "Kites", (), make),))
    assert made == []
    studio.pages.show("kite")
    assert made == ["kite"]


def test_a_paused_letter_that_changes_the_branch_shows_what_it_did(
    make_studio: Callable[..., Application], qtbot: QtBot
) -> None:
    studio = make_studio()
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_H)
    assert studio.window.toasts.cards[-1].message.text == "H hid branch A. Ctrl+Z takes it back."
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].hidden, timeout=5000)
