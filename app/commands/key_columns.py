"""Groups of keys with their words, in as many columns as a width has room for."""

from dataclasses import dataclass, field
from itertools import combinations, pairwise

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.commands.key_caps import key_cap
from app.widgets import theme
from app.widgets.labels import PlainLabel, plain_tip

ROWS = 9
"""A group of more rows may go on in the next column."""
MOST_COLUMNS = 5
GAP, SCROLL_BAR = 24, 14
"""Pixels between two columns at text size 1, and of the scroll bar."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key, what it does, and when, "" for always."""

    key: str
    words: str
    when: str = ""


@dataclass(slots=True)
class KeyGroup:
    """Rows under a title; "" where they continue those of another column."""

    title: str
    rows: list[KeyRow] = field(default_factory=list)


def pieces(group: KeyGroup) -> list[KeyGroup]:
    """The group in parts that a column can end behind."""
    if len(group.rows) <= ROWS:
        return [group] if group.rows else []
    half = -(-len(group.rows) // 2)
    return [*pieces(KeyGroup(group.title, group.rows[:half])), *pieces(KeyGroup("", group.rows[half:]))]


def arranged(sizes: list[tuple[int, int]], width: int, gap: int) -> list[range]:
    """The groups of each column, in order: as many columns as fit into a width, equally high as far as can be.

    Args:
        sizes: (width, height) of each group, pixels.
        width: What there is.
        gap: Between two columns.
    """
    for columns in range(min(MOST_COLUMNS, len(sizes)), 1, -1):
        choices = [
            [range(a, b) for a, b in pairwise((0, *cuts, len(sizes)))]
            for cuts in combinations(range(1, len(sizes)), columns - 1)
        ]
        fitting = [c for c in choices if sum(max(sizes[i][0] for i in r) for r in c) + gap * (columns - 1) <= width]
        if fitting:
            return min(fitting, key=lambda c: max(sum(sizes[i][1] for i in r) for r in c))
    return [range(len(sizes))]


class KeyColumns(QScrollArea):
    """Shows groups of keys; scrolls where they are higher than the window."""

    def __init__(self, groups: list[KeyGroup], room: QSize) -> None:
        """Lay the groups out.

        Args:
            groups: In the order in which they are read.
            room: The largest size in pixels.
        """
        super().__init__()
        self.setObjectName("stagearea")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        parts = [_grid(piece) for group in groups for piece in pieces(group)]
        inner = QWidget()
        inner.setObjectName("stagemiddle")
        self.setWidget(inner)
        row = QHBoxLayout(inner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(GAP))
        for part in parts:
            part.setParent(inner)
            part.ensurePolished()
        sizes = [(part.sizeHint().width(), part.sizeHint().height()) for part in parts]
        for places in arranged(sizes, room.width() - SCROLL_BAR, theme.px(GAP)):
            column = QVBoxLayout()
            column.setSpacing(10)
            for place in places:
                column.addWidget(parts[place])
            column.addStretch(1)
            row.addLayout(column)
        wanted = inner.sizeHint()
        self.setFixedSize(min(wanted.width() + SCROLL_BAR, room.width()), max(80, min(wanted.height(), room.height())))


def _grid(group: KeyGroup) -> QWidget:
    """A key and its words a row."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    head = PlainLabel(group.title.upper())
    head.setObjectName("section")
    grid.addWidget(head, 0, 0, 1, 2)
    for place, row in enumerate(group.rows, 1):
        words = PlainLabel(row.words)
        words.setToolTip(plain_tip(row.when))
        grid.addWidget(key_cap(row.key), place, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(words, place, 1)
    return made
