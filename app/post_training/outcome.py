"""What came of a post-training: its lineage card, driving with it, and old and new on the same scenes."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout

from app.post_training.words import OUTCOMES
from app.widgets import theme
from app.widgets.labels import PlainLabel

COLUMNS = ("Scene", "Solved by", "Old: steps", "progress", "New: steps", "progress")
ORDER = ("only new", "only old", "both", "neither")
"""Of the rows."""


class Outcome(QFrame):
    """Below the curves."""

    drive_asked = pyqtSignal()
    compare_asked = pyqtSignal()
    row_opened = pyqtSignal(int)
    """Seed of a scene that is to be driven by the new policy."""

    def __init__(self) -> None:
        super().__init__()
        self.card, self.verdict = PlainLabel(), PlainLabel()
        self.card.setWordWrap(True)
        self.verdict.setWordWrap(True)
        self.card.setObjectName("dim")
        self.drive, self.compare = QPushButton("Drive with it"), QPushButton("Compare old and new")
        self.drive.clicked.connect(self.drive_asked)
        self.compare.clicked.connect(self.compare_asked)
        self.table = QTreeWidget()
        self.table.setObjectName("keylist")
        self.table.setHeaderLabels(list(COLUMNS))
        self.table.setRootIsDecorated(False)
        self.table.setToolTip("Double-click or Return: drive this scene with the new policy")
        self.table.itemActivated.connect(
            lambda item, _column: self.row_opened.emit(item.data(0, Qt.ItemDataRole.UserRole))
        )
        head = self.table.header()
        if head is not None:
            head.setStretchLastSection(True)
            head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setMinimumHeight(theme.px(150))
        ways, column = QHBoxLayout(), QVBoxLayout(self)
        ways.addWidget(self.drive)
        ways.addWidget(self.compare)
        ways.addStretch(1)
        column.setContentsMargins(14, 8, 14, 12)
        for part in (self.card, self.verdict):
            column.addWidget(part)
        column.insertLayout(1, ways)
        column.addWidget(self.table, 1)
        self.show_card("")

    def show_card(self, words: str) -> None:
        """The card of a policy; "" where there is none yet."""
        self.card.setText(words)
        self.setVisible(bool(words))
        self.show_pairs([])
        self.say("")

    def say(self, words: str) -> None:
        """Where the comparison is, or what came of it."""
        self.verdict.setText(words)
        self.verdict.setVisible(bool(words))

    def show_pairs(self, seeds: Sequence[dict[str, Any]]) -> None:
        """One row a scene, those that only one policy solved first."""
        self.table.clear()
        self.table.setVisible(bool(seeds))
        for pair in sorted(seeds, key=lambda one: (ORDER.index(_outcome(one)), one["seed"])):
            words = [str(pair["seed"]), _outcome(pair)]
            for one in (pair["old"], pair["new"]):
                words += [str(one["steps"]), f"{100 * one['progress']:.0f} %"]
            item = QTreeWidgetItem(words)
            item.setData(0, Qt.ItemDataRole.UserRole, int(pair["seed"]))
            self.table.addTopLevelItem(item)


def _outcome(pair: dict[str, Any]) -> str:
    return OUTCOMES[bool(pair["old"]["success"]), bool(pair["new"]["success"])]
