"""Names, notes, paths and messages are shown letter by letter, wherever they turn up."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.timeline.branch_menu import BranchMenu
from app.widgets.labels import ColouredLabel, PlainLabel, plain_tip, plain_title
from core.events import Message
from core.verbs import Mark, Rename, SetNote, StepOnce

HOSTILE = '<h1>HUGE</h1><img src="picture.png"> & <b>more</b>'
MARKUP = re.compile(r"<\s*(h1|img|b)\b")


def all_widgets() -> Iterator[QWidget]:
    for window in QApplication.topLevelWidgets():
        if isinstance(window, QMenu) and not isinstance(window, BranchMenu):
            continue  # pyqtgraph makes menus with labels for every plot; they are switched off
        yield window
        yield from window.findChildren(QWidget)


def guessing_labels() -> list[str]:
    """Texts of labels in which Qt would look for markup."""
    labels = [widget for widget in all_widgets() if isinstance(widget, QLabel) and not widget.inherits("QTipLabel")]
    guessing = [one.text() for one in labels if one.textFormat() == Qt.TextFormat.AutoText and one.text()]
    return guessing + [
        one.text() for one in labels if one.textFormat() == Qt.TextFormat.RichText and MARKUP.search(one.text())
    ]


def marked_tips() -> list[str]:
    """Tool tips of widgets, actions and rows in which Qt would find markup of others."""
    tips = [widget.toolTip() for widget in all_widgets()]
    tips += [action.toolTip() for widget in all_widgets() for action in widget.actions()]
    for view in (widget for widget in all_widgets() if isinstance(widget, QAbstractItemView)):
        model = view.model()
        for row in range(model.rowCount() if model is not None else 0):
            column = 0
            while model is not None and (cell := model.index(row, column)).isValid():
                tips.append(str(cell.data(Qt.ItemDataRole.ToolTipRole) or ""))
                column += 1
    return [tip for tip in tips if MARKUP.search(tip)]


def is_read(studio: Application, mode: str) -> bool:
    """Whether a page shows what it is about."""
    review, browser = studio.pages.page("review").view, studio.pages.page("sessions").view
    if mode == "review":
        return review is not None and review.current is not None
    return mode != "sessions" or (browser is not None and bool(browser.model.rows))


@pytest.fixture
def hostile(studio: Application, qtbot: QtBot) -> Application:
    for _ in range(3):
        studio.session.submit(StepOnce())
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index == 3, timeout=30_000)
    studio.session.submit(Rename(HOSTILE, 0), SetNote(HOSTILE, 0), Mark("note", HOSTILE, 0, 3))
    qtbot.waitUntil(lambda: bool(studio.session.tree.branches[0].markers), timeout=30_000)
    return studio


def test_no_page_shows_the_markup_of_a_name(hostile: Application, qtbot: QtBot) -> None:
    found: dict[str, list[str]] = {}

    def look(where: str) -> None:
        QApplication.processEvents()
        found[where] = guessing_labels() + marked_tips()

    look("drive")
    for mode in ("review", "compare", "sessions"):
        hostile.pages.show(mode)
        hostile.window.show_message(Message("error", HOSTILE, {"path": HOSTILE}))
        qtbot.waitUntil(lambda mode=mode: is_read(hostile, mode), timeout=30_000)
        if mode == "review":
            review = hostile.pages.page("review").view
            assert "&lt;h1&gt;" in review.branch_head.title.toolTip()
        look(mode)
    hostile.pages.show("drive")
    for name in ("help", "palette", "devices"):
        hostile.window.run_command(name)
        look(name)
        if name == "palette":
            hostile.window.palette_card.leave()
        elif name == "help":
            hostile.window.run_command("help")
    menu = BranchMenu(hostile.timeline, hostile.session, 0, 3)
    look("menu")
    menu.deleteLater()
    hostile.window.show_failure(HOSTILE, HOSTILE, [])
    look("failure")
    dialog = hostile.studio.scenes.ask()
    assert dialog is not None
    dialog.show_page(1)
    look("scene")
    dialog.reject()
    assert {where: texts for where, texts in found.items() if texts} == {}


def test_labels_are_made_in_one_place() -> None:
    home = Path("app/widgets/labels.py")
    makers = [path for path in Path("app").rglob("*.py") if path != home and re.search(r"\bQLabel\(", path.read_text())]
    assert makers == []


def test_words_are_escaped_where_markup_is_needed(qtbot: QtBot) -> None:
    plain, coloured = PlainLabel(HOSTILE), ColouredLabel()
    qtbot.addWidget(plain)
    qtbot.addWidget(coloured)
    coloured.show_parts([[(HOSTILE, "#FFFFFF")], [("two words", "")]])
    assert plain.textFormat() == Qt.TextFormat.PlainText
    assert not MARKUP.search(coloured.text())
    assert coloured.words == f"{HOSTILE}   two words"
    assert plain_tip("a < b") != "a < b"
    assert plain_tip("no mark & nothing else") == "no mark & nothing else"
    assert not MARKUP.search(plain_tip(HOSTILE))
    assert plain_title("A & B") == "A && B"
