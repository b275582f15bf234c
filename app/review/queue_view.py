"""The queue as a list: outcome, name and numbers of a branch, and its verdict."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.review.queue import Entry
from app.timeline.words import KINDS
from app.widgets import icons, theme
from app.widgets.labels import plain_tip
from app.widgets.numbers import grouped

Index = QModelIndex | QPersistentModelIndex
ROW: Final = 46
"""Height of an entry, pixels at text size 1."""
ICONS: Final = {"failure": "failure", "success": "success", "timeout": "timeout"}
"""An attempt that is open is drawn as a dotted ring."""
COLOURS: Final = {"failure": theme.FAILURE, "success": theme.SUCCESS, "timeout": theme.WARNING, "open": theme.TEXT_DIM}
VERDICTS: Final = {
    "accepted": ("accept", theme.SUCCESS, "accepted"),
    "rejected": ("reject", theme.FAILURE, "rejected"),
    "needs_work": ("needs_work", theme.WARNING, "needs work"),
}


def percent(value: float) -> str:
    """54 %, or that it is unknown."""
    return "unknown" if math.isnan(value) else f"{100 * value:.0f} %"


def title_of(entry: Entry) -> str:
    """A2  around the left."""
    return f"{entry.label}  {entry.branch.name or KINDS[entry.branch.kind]}"


def numbers_of(entry: Entry) -> str:
    """128 steps · least trust 54 % · progress 99 %."""
    found = entry.statistics
    return f"{grouped(found.steps)} steps · least trust {percent(found.trust)} · progress {percent(found.progress)}"


class QueueModel(QAbstractListModel):
    """The entries in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.order: tuple[Entry, ...] = ()

    def show(self, order: Sequence[Entry]) -> None:
        """Another order, or newer labels in the same one."""
        same = [e.key for e in order] == [e.key for e in self.order]
        if same:
            self.order = tuple(order)
            if self.order:
                self.dataChanged.emit(self.index(0), self.index(len(self.order) - 1))
            return
        self.beginResetModel()
        self.order = tuple(order)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """See QAbstractListModel."""
        return 0 if parent.isValid() else len(self.order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words of a row; the delegate draws the entry itself."""
        if not index.isValid() or index.row() >= len(self.order):
            return None
        entry = self.order[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{title_of(entry)}, {entry.branch.outcome}, {entry.branch.review.replace('_', ' ')}"
        if role == Qt.ItemDataRole.ToolTipRole:
            by = f" by {entry.branch.reviewer}" if entry.branch.reviewer else ""
            lines = [
                title_of(entry),
                numbers_of(entry),
                f"{entry.branch.review.replace('_', ' ')}{by}",
                entry.branch.note,
                f"Session {entry.session.name}",
            ]
            return plain_tip("\n".join(line for line in lines if line))
        return None


class QueueDelegate(QStyledItemDelegate):
    """Draws an entry: outcome, name and numbers, and the verdict at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        """See QStyledItemDelegate."""
        return QSize(theme.px(200), theme.px(ROW))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """See QStyledItemDelegate."""
        entry = index.data(Qt.ItemDataRole.UserRole)
        if painter is None or not isinstance(entry, Entry):
            return
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(option.rect, QColor(theme.HOVER))
            painter.fillRect(QRect(option.rect.x(), option.rect.y(), 3, option.rect.height()), QColor(theme.ACCENT))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(theme.RAISED))
        scale = theme.text_scale()
        painter.translate(option.rect.topLeft().x(), option.rect.topLeft().y())
        painter.scale(scale, scale)  # the rest is in pixels at text size 1
        self._entry(painter, round(option.rect.width() / scale), entry, selected)
        painter.restore()

    def _entry(self, painter: QPainter, width: int, entry: Entry, selected: bool) -> None:
        device = painter.device()
        ratio = (device.devicePixelRatio() if device is not None else 1.0) * theme.text_scale()
        outcome = entry.branch.outcome
        if outcome in ICONS:
            painter.drawPixmap(12, 15, icons.pixmap(ICONS[outcome], 16, COLOURS[outcome], ratio))
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.TEXT_FAINT), 1.5, Qt.PenStyle.DotLine))
            painter.drawEllipse(14, 17, 12, 12)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        right = width - 12
        verdict = VERDICTS.get(entry.branch.review)
        if verdict is not None:
            icon, colour, word = verdict
            painter.setFont(theme.font(theme.SMALL))
            right -= (wide := painter.fontMetrics().horizontalAdvance(word))
            painter.setPen(QColor(colour))
            painter.drawText(QRect(right, 6, wide + 2, 17), Qt.AlignmentFlag.AlignVCenter, word)
            right -= 20
            painter.drawPixmap(right, 6, icons.pixmap(icon, 16, colour, ratio))
        done = verdict is not None and not selected
        self._line(painter, QRect(38, 5, right - 44, 18), title_of(entry),
                   theme.TEXT_DIM if done else theme.TEXT, theme.font(theme.BODY, QFont.Weight.Medium))  # fmt: skip
        note = "  ✎" if entry.branch.note else ""
        self._line(painter, QRect(38, 23, width - 48, 16), numbers_of(entry) + note,
                   theme.TEXT_FAINT if done else theme.TEXT_DIM, theme.font(theme.SMALL))  # fmt: skip
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(12, ROW - 1, width - 8, ROW - 1)

    @staticmethod
    def _line(painter: QPainter, box: QRect, text: str, colour: str, font: QFont) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        fitting = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)


class QueueView(QListView):
    """Shows the queue; its keys are those of the page."""

    picked = pyqtSignal(object)
    """The key of an entry that was clicked: (folder, branch)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue")
        self.queue = QueueModel()
        self.setModel(self.queue)
        self.setItemDelegate(QueueDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._on_click)

    def show_order(self, order: Sequence[Entry], key: tuple[Path, int] | None) -> None:
        """Show entries, and which of them is looked at."""
        self.queue.show(order)
        keys = [entry.key for entry in order]
        if key in keys:
            index = self.queue.index(keys.index(key))
            selection = self.selectionModel()
            if selection is not None and not selection.isSelected(index):
                self.setCurrentIndex(index)
            self.scrollTo(index)
        else:
            self.clearSelection()

    @property
    def selected(self) -> list[tuple[Path, int]]:
        """Keys of the selected entries, in the order of the queue."""
        return [self.queue.order[row].key for row in sorted(index.row() for index in self.selectedIndexes())]

    def _on_click(self, index: QModelIndex) -> None:
        self.picked.emit(self.queue.order[index.row()].key)
