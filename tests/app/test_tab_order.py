"""Tab reaches every control of the pages in reading order, each with a ring; while driving it is a key of the arms."""

from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.export.dialog import ExportDialog
from app.widgets import theme
from tests.app.recorded_session import write_small


def controls(root: QWidget) -> set[QWidget]:
    """Buttons, boxes and fields that are seen and can be used."""
    kinds = (QAbstractButton, QComboBox, QLineEdit)
    found = {w for w in root.findChildren(QWidget) if isinstance(w, kinds) and w.isVisible() and w.isEnabled()}
    return {w for w in found if not isinstance(w.parentWidget(), QLineEdit | QAbstractSpinBox)}


def walk(qtbot: QtBot, root: QWidget) -> list[QWidget]:
    """What Tab reaches, in order, until it is round."""
    seen: list[QWidget] = []
    root.setFocus()
    for _ in range(60):
        qtbot.keyClick(QApplication.focusWidget() or root, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is None or now in seen:
            break
        seen.append(now)
    return seen


@pytest.mark.parametrize("mode", ["review", "compare", "sessions", "post_training"])
def test_tab_reaches_every_control_of_a_page(mode: str, studio: Application, qtbot: QtBot, tmp_path: Path) -> None:
    write_small(tmp_path / "recorded" / "one")
    studio.pages.page("review").review([tmp_path / "recorded" / "one"])
    review = studio.pages.page("review").view
    qtbot.waitUntil(lambda: review.viewer.track is not None, timeout=30_000)
    if mode == "compare":
        review.acts()["before_after"]()
        compare = studio.pages.page("compare").view
        qtbot.waitUntil(lambda: compare.comparison is not None, timeout=30_000)
    elif mode == "sessions":
        studio.pages.page("sessions").open_folder(tmp_path / "recorded")
        browser = studio.pages.page("sessions").view
        qtbot.waitUntil(lambda: browser.chosen is not None, timeout=30_000)
    elif mode == "post_training":
        studio.pages.show("post_training")
    page = studio.window.pages.currentWidget()
    assert page is not None
    studio.window.activateWindow()
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=30_000)
    reached = walk(qtbot, page)
    missing = [f"{type(w).__name__} {getattr(w, 'text', str)()}" for w in controls(page) - set(reached)]
    assert missing == []
    heads = [w.mapTo(page, QPoint(0, 0)).y() for w in reached if w in controls(page)]
    assert heads[0] == min(heads), "it begins at the top"


def test_tab_stays_a_key_of_the_arms_while_driving(studio: Application) -> None:
    drive = studio.window.pages.widget(0)
    assert drive is not None
    assert [w for w in drive.findChildren(QAbstractButton) if w.focusPolicy() != Qt.FocusPolicy.NoFocus] == []


def test_tab_reaches_everything_in_a_dialog(studio: Application, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ExportDialog([tmp_path], lambda: [studio.session.tree], studio.window)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow, timeout=30_000)
    reached = set(walk(qtbot, dialog))
    assert controls(dialog) - reached == set()
    dialog.close()


def test_what_has_the_focus_has_a_ring() -> None:
    sheet = theme.style_sheet()
    for kind in ("QToolButton", "QPushButton", "QComboBox", "QLineEdit", "QListView#queue", "QTableView#sessions"):
        assert f"{kind}:focus" in sheet
