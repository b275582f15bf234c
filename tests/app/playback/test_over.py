"""Pictures over curves: the curves keep a height at which they can be read, or are hidden."""

from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.playback.over import LEAST, Over
from app.widgets import theme


@pytest.fixture
def usual_text(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    theme.set_text_scale(qapp, 1.0)


@pytest.mark.parametrize("text", [1.0, 1.5])
def test_curves_can_be_read_at_every_text_size_or_are_hidden(
    text: float, usual_text: QApplication, qtbot: QtBot
) -> None:
    upper, lower = QWidget(), QWidget()
    upper.setMinimumHeight(100)
    page, over = QWidget(), Over(upper, lower, (360, 230))
    over.setParent(page)  # a splitter that is a window refuses to be smaller than its parts
    qtbot.addWidget(page)
    over.resize(400, 420)
    page.show()
    theme.set_text_scale(usual_text, text)
    usual_text.processEvents()
    assert lower.height() >= round(LEAST * text)
    upper.setMinimumHeight(400)
    usual_text.processEvents()
    assert not lower.isVisible(), "the upper widget needs the room"
    upper.setMinimumHeight(100)
    usual_text.processEvents()
    assert lower.isVisible()
    over.resize(400, round(LEAST * text) + 60)
    usual_text.processEvents()
    assert not lower.isVisible()
