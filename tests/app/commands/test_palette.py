"""The palette, the list of what was done, and what a card over the window keeps from happening."""

from collections.abc import Callable
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.commands.actions import Actions
from app.commands.command import Command, Place
from app.commands.help_card import HelpCard
from app.commands.palette import Palette
from app.studio.table import BY_NAME, COMMANDS
from app.window.history_panel import START, HistoryPanel
from core.branch_tree import Branch, Head
from core.edits import Edit
from core.history import History
from core.verbs import Pause
from tests.app.fakes import RecordingStudio

Key = Qt.Key


class Desk:
    """A window with actions and a palette over it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.studio = RecordingStudio()
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(900, 700)
        self.actions = Actions(COMMANDS, self.carry_out, self.window)
        self.palette = Palette(self.window, self.actions)
        self.palette.opened.connect(self.actions.cover)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)

    def carry_out(self, command: Command[Any]) -> None:
        assert command.act is not None
        command.act(self.studio)

    def words(self, name: str) -> str:
        row = self.palette.names.index(name)
        widget = self.palette.list.itemWidget(self.palette.list.item(row))
        assert widget is not None
        return " ".join(label.text() for label in widget.findChildren(QLabel))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_every_command_of_a_menu_is_listed_with_its_key(desk: Desk) -> None:
    desk.actions.show_place(Place("drive", "PAUSED"))
    desk.palette.present()
    assert set(desk.palette.names) == {c.name for c in COMMANDS if c.menu and c.name != "palette"}
    assert "Ctrl+D" in desk.words("propose")


def test_unavailable_commands_are_last_and_give_the_reason(desk: Desk) -> None:
    desk.actions.show_place(Place("drive", "PAUSED"))
    desk.palette.present()
    QTest.keyClicks(desk.palette.field, "hand back")
    assert "only while you drive" in desk.words("hand_back")
    desk.palette.list.setCurrentRow(desk.palette.names.index("hand_back"))
    QTest.keyClick(desk.palette.field, Key.Key_Return)
    assert desk.palette.isVisible()
    assert desk.studio.verbs == []


def test_letters_find_and_return_carries_out(desk: Desk) -> None:
    desk.actions.show_place(Place("drive", "AUTONOMOUS"))
    desk.palette.present()
    QTest.keyClicks(desk.palette.field, "paus")
    assert desk.palette.names[0] == "pause"
    QTest.keyClick(desk.palette.field, Key.Key_Return)
    assert desk.studio.verbs == [Pause()]
    assert not desk.palette.isVisible()


def test_arrows_choose_and_escape_leaves(desk: Desk) -> None:
    desk.actions.show_place(Place("drive", "PAUSED"))
    desk.palette.present()
    QTest.keyClick(desk.palette.field, Key.Key_Down)
    QTest.keyClick(desk.palette.field, Key.Key_Down)
    QTest.keyClick(desk.palette.field, Key.Key_Up)
    assert desk.palette.list.currentRow() == 1
    QTest.keyClick(desk.palette.field, Key.Key_Escape)
    assert not desk.palette.isVisible()
    assert desk.studio.verbs == []


def test_keys_mean_nothing_behind_the_palette(desk: Desk, qtbot: QtBot) -> None:
    desk.actions.show_place(Place("drive", "PAUSED"))
    desk.palette.present()
    for key in (Key.Key_F2, Key.Key_Delete, Key.Key_J, Key.Key_3):
        QTest.keyClick(desk.palette.field, key)
    assert desk.studio.asked == []
    assert desk.studio.verbs == []
    desk.palette.leave()
    QTest.keyClick(desk.window, Key.Key_F2)
    assert desk.studio.asked == ["timeline.ask_name(1,)"]


def test_a_remapped_key_is_the_one_that_is_shown(desk: Desk) -> None:
    desk.actions.show_place(Place("drive", "PAUSED"))
    desk.actions["propose"].setShortcut("F9")
    desk.palette.present()
    assert "F9" in desk.words("propose")
    card = HelpCard(desk.window, desk.actions)
    card.toggle()
    words = [label.text() for label in card.findChildren(QLabel) if label.isVisible()]
    assert "F9" in words
    assert "Ctrl+D" not in words
    desk.actions["propose"].setShortcut("F8")
    card.toggle()
    card.toggle()
    assert "F8" in [label.text() for label in card.findChildren(QLabel) if label.isVisible()]


def test_keys_mean_nothing_behind_the_help_card(studio: Application, qtbot: QtBot) -> None:
    window = studio.window
    qtbot.keyClick(window, Key.Key_F1)
    assert window.help_card.isVisible()
    qtbot.keyClick(window, Key.Key_Space)
    qtbot.keyClick(window, Key.Key_Period)
    assert not window.command_actions["run"].isEnabled()
    qtbot.keyClick(window, Key.Key_Escape)
    assert not window.help_card.isVisible()
    assert studio.session.status is not None
    assert (studio.session.status.phase, studio.session.status.head.index) == ("PAUSED", 0)
    qtbot.keyClick(window, Key.Key_Period)
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.head.index == 1, timeout=10_000)


def edit(label: str) -> Edit:
    branch = Branch(0, None, 0, 0, 0, "rollout", 0, 0)
    return Edit(label, branch, branch, Head(0, 0), Head(0, 0))


def test_the_history_lists_what_is_done_and_undone_and_jumps(qtbot: QtBot) -> None:
    panel = HistoryPanel()
    qtbot.addWidget(panel)
    history = History((edit("name of branch 0"), edit("pin of branch 0")), (edit("third"), edit("note of branch 0")))
    panel.show_history(history, lambda words: words.replace("branch 0", "branch A"))
    rows = [item.text() for item in (panel.list.item(i) for i in range(panel.list.count())) if item is not None]
    assert rows == [START, "Name of branch A", "Pin of branch A", "↷ Note of branch A", "↷ Third"]
    assert panel.list.currentRow() == 2
    jumps: list[int] = []
    panel.jumped.connect(jumps.append)
    for row in (0, 2, 4):
        panel.list.itemClicked.emit(panel.list.item(row))
    assert jumps == [0, 4]


def test_a_click_in_the_history_takes_changes_back_and_does_them_again(
    studio: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["one", "two", "three"])
    monkeypatch.setattr("app.timeline.controller.QInputDialog.getText", lambda *_, **__: (next(names), True))
    for name in ("one", "two", "three"):
        studio.window.run_command("rename")
        qtbot.waitUntil(lambda name=name: studio.session.tree.branches[0].name == name, timeout=10_000)
    panel = studio.window.history_panel
    assert panel.list.count() == 4
    panel.list.itemClicked.emit(panel.list.item(1))
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].name == "one", timeout=10_000)
    panel.list.itemClicked.emit(panel.list.item(3))
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].name == "three", timeout=10_000)
    panel.list.itemClicked.emit(panel.list.item(0))
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].name == "", timeout=10_000)


def test_the_text_size_is_changed_by_keys_and_remembered(make_studio: Callable[..., Application], qtbot: QtBot) -> None:
    from app.widgets import theme

    studio = make_studio()
    small = studio.timeline.timeline.minimumHeight()
    try:
        studio.window.run_command("text_larger")
        studio.window.run_command("text_larger")
        assert theme.text_scale() == 1.3
        assert studio.timeline.timeline.minimumHeight() == round(1.3 * small)
        assert studio.window.side_column.width() > 300
        assert make_studio().window.side_column.minimumWidth() == studio.window.side_column.minimumWidth()
        theme.set_text_scale(_application(), 1.0)
        assert make_studio().window.side_column.minimumWidth() == studio.window.side_column.maximumWidth()
        assert theme.text_scale() == 1.3, "another window begins with it"
        studio.window.run_command("text_usual")
        assert theme.text_scale() == 1.0
    finally:
        theme.set_text_scale(_application(), 1.0)
    assert BY_NAME["text_larger"].keys[0] == "Ctrl+="


def _application():  # type: ignore[no-untyped-def]
    from PyQt6.QtWidgets import QApplication

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
