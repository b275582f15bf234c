"""Comparison on a real session: panes, one scrubber, curves."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.compare.page import ComparePage
from app.compare.reading import these
from core.store.archive import open_archive
from tests.app.page_keys import with_keys
from tests.app.recorded_session import write_small


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[ComparePage]:
    archive = open_archive(write_small(tmp_path / "s", 12))
    page = ComparePage()
    qtbot.addWidget(page)
    with_keys(page, "compare")
    page.resize(1200, 760)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow, timeout=10_000)
    page.setFocus()
    page.set_subject(archive, archive.tree)
    yield page
    page.stop()


def shown(page: ComparePage, qtbot: QtBot, count: int) -> list[int]:
    qtbot.waitUntil(lambda: page.comparison is not None and len(page.comparison.branches) == count, timeout=5000)
    qtbot.waitUntil(lambda: not any(pane.waiting for pane in page.panes), timeout=5000)
    return [pane.branch for pane in page.panes if pane.isVisibleTo(page)]


def test_one_key_shows_the_failure_and_its_best_correction(page: ComparePage, qtbot: QtBot) -> None:
    qtbot.keyClick(page, Qt.Key.Key_B)
    assert shown(page, qtbot, 2) == [0, 2]
    assert "aligned at the fork, step 6" in page._head.toolTip()
    assert [pane.place.node for pane in page.panes[:2]] == [6, 6]
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert [pane.place.node for pane in page.panes[:2]] == [7, 7]


def test_every_pane_shows_its_own_frame_and_where_it_ended(page: ComparePage, qtbot: QtBot) -> None:
    page.before_after(0)
    shown(page, qtbot, 2)
    qtbot.keyClick(page, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: not any(pane.waiting for pane in page.panes), timeout=5000)
    assert page.panes[0].where.text() == "step 12, ended"
    assert page.panes[1].where.text() == "step 16"
    assert all(pane.pictures.words == "" for pane in page.panes[:2])


def test_four_and_back_to_two(page: ComparePage, qtbot: QtBot) -> None:
    page.before_after(0)
    shown(page, qtbot, 2)
    qtbot.keyClick(page, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert sorted(shown(page, qtbot, 3)) == [0, 1, 2], "there are no more than three here"
    qtbot.keyClick(page, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shown(page, qtbot, 2) == [0, 2]


def test_the_other_branch_is_walked_and_chosen(page: ComparePage, qtbot: QtBot) -> None:
    page.before_after(0)
    shown(page, qtbot, 2)
    qtbot.keyClick(page, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: page.panes[1].branch == 1, timeout=5000)
    page.panes[0].chosen.emit(0, 2)
    qtbot.waitUntil(lambda: page.panes[0].branch == 2, timeout=5000)
    assert page.comparison is not None
    assert page.comparison.anchors == (6, 6)


def test_the_curves_say_how_far_apart_they_act(page: ComparePage, qtbot: QtBot) -> None:
    page.before_after(0)
    shown(page, qtbot, 2)
    (found,) = page.plots.differences
    assert page.comparison is not None
    trunk, correction = page.comparison.tracks
    expected = np.linalg.norm(correction.action[8, 0:3].astype(float) - trunk.action[8, 0:3])
    assert found.distance[found.offsets == 2, 0] == pytest.approx(expected)
    assert found.distance[found.offsets == -1, 0] == 0.0, "before the fork they are one"
    assert found.distance[found.offsets == 2, 0] > 0.01
    page.player.seek(2)
    assert f"L {100 * expected:.1f} cm" in page.plots.readout.words
    page.plots.sought.emit(-3)
    assert page.player.head.node == -3


def test_a_single_branch_is_explained_in_words(page: ComparePage, qtbot: QtBot) -> None:
    page._ask(these([0]))
    qtbot.waitUntil(lambda: "only one branch" in page._words.text(), timeout=5000)
    page.release()
    assert page.archive is None
