from PyQt6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.fitting import FittingRow, Wording
from app.widgets.flow_layout import FlowLayout
from app.widgets.labels import PlainLabel


def test_a_row_leaves_words_out_whole_and_keeps_what_must_stay(qtbot: QtBot) -> None:
    row = FittingRow()
    qtbot.addWidget(row)
    labels = [PlainLabel(f"label {n}") for n in range(5)]
    for place, label in enumerate(labels):
        row.add(label, kept=place in (0, 4))
    row.resize(2000, 30)
    row.show()
    qtbot.waitUntil(lambda: all(label.isVisible() for label in labels))
    row.resize(sum(label.sizeHint().width() for label in labels), 30)
    qtbot.waitUntil(lambda: not labels[3].isVisible())
    assert labels[0].isVisible()
    assert labels[4].isVisible()
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in labels if one.isVisible()))
    row.resize(2000, 30)
    qtbot.waitUntil(lambda: all(label.isVisible() for label in labels))


def test_a_wording_is_the_longest_that_fits(qtbot: QtBot) -> None:
    label = Wording()
    qtbot.addWidget(label)
    label.show()
    label.resize(600, 20)
    label.show_wordings("all that is known of the step", "the step", "step")
    assert label.text() == "all that is known of the step"
    label.resize(label.fontMetrics().horizontalAdvance("the step") + 2, 20)
    assert label.text() == "the step"
    label.resize(1, 20)
    assert label.text() == ""
    assert label.toolTip() == "all that is known of the step"


def test_a_flow_breaks_into_rows(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder, spacing=4)
    buttons = [QPushButton(f"button {n}") for n in range(4)]
    for button in buttons:
        flow.addWidget(button)
    one = buttons[0].sizeHint()
    holder.resize(2 * one.width() + 10, 300)
    holder.show()
    qtbot.waitUntil(lambda: buttons[2].y() > buttons[0].y())
    assert buttons[1].y() == buttons[0].y()
    assert flow.heightForWidth(2 * one.width() + 10) == 2 * one.height() + 4
    assert flow.heightForWidth(10_000) == one.height()
