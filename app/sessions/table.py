"""The table of sessions: a model that grows while the disk is read, and how a row is drawn."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from PyQt6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QImage, QKeyEvent, QPainter
from PyQt6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.review.queue_view import COLOURS, ICONS
from app.sessions.rows import OUTCOMES, SessionRow, passes
from app.sessions.words import COLUMNS, cells, state_words
from app.widgets import icons, theme
from app.widgets.labels import plain_tip

Index = QModelIndex | QPersistentModelIndex
FOLDER: Final = COLUMNS.index("Session")
OUTCOME: Final = COLUMNS.index("Outcomes")
REVIEWED: Final = COLUMNS.index("Reviewed")
PICTURE, ROW = 48, 60
"""Side of a picture and height of a row, pixels at text size 1."""
KEYS: Final[tuple[Callable[[SessionRow], object], ...]] = (
    lambda row: row.folder.name,
    lambda row: row.task,
    lambda row: row.operators,
    lambda row: row.branches,
    lambda row: row.outcomes.get("success", 0),
    lambda row: row.reviewed / row.branches if row.branches else 1.0,
    lambda row: row.steps,
    lambda row: row.size,
    lambda row: -math.inf if math.isnan(row.opened) else row.opened,
)
"""What each column is sorted by."""


class SessionModel(QAbstractTableModel):
    """The rows that pass the filter, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[SessionRow] = []
        self.rows: list[SessionRow] = []
        self._text = ""
        self._column, self._down = FOLDER, True

    def clear(self) -> None:
        """Forget every row."""
        self.all = []
        self._arrange()

    def add(self, row: SessionRow) -> None:
        """One more row, or a newer one of the same folder."""
        self.all = [other for other in self.all if other.folder != row.folder] + [row]
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Show only what holds these words."""
        self._text = text
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """See QAbstractItemModel."""
        self._column, self._down = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        self.beginResetModel()
        kept = sorted((row for row in self.all if passes(row, self._text)), key=KEYS[FOLDER])  # type: ignore[arg-type]
        self.rows = sorted(kept, key=KEYS[self._column], reverse=self._down)  # type: ignore[arg-type]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """See QAbstractItemModel."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """See QAbstractItemModel."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: N802
        """See QAbstractItemModel."""
        return COLUMNS[section] if role == Qt.ItemDataRole.DisplayRole and section >= 0 else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """See QAbstractItemModel."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return cells(row)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            facts = (f"{name}: {words}" for name, words in zip(COLUMNS, cells(row), strict=True) if words)
            return plain_tip("\n".join([*([words] if (words := state_words(row)) else []), *facts]))
        return None


class SessionDelegate(QStyledItemDelegate):
    """Draws a cell: the first one with its picture and what is special, outcomes and review as bars with numbers."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        """See QStyledItemDelegate."""
        return QSize(theme.px(80), theme.px(ROW))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """See QStyledItemDelegate."""
        row = index.data(Qt.ItemDataRole.UserRole)
        if painter is None or not isinstance(row, SessionRow):
            return
        painter.save()
        place, scale = option.rect, theme.text_scale()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, QColor(theme.HOVER))
            if index.column() == FOLDER:
                painter.fillRect(QRect(place.x(), place.y(), 3, place.height()), QColor(theme.ACCENT))
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
        painter.translate(place.x(), place.y())
        painter.scale(scale, scale)  # the rest is in pixels at text size 1
        box = QRect(0, 0, round(place.width() / scale), ROW)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        if index.column() == FOLDER:
            self._session(painter, box, row)
        elif index.column() == OUTCOME:
            self._outcomes(painter, box, row)
        elif index.column() == REVIEWED and row.branches:
            self._reviewed(painter, box, row, text)
        else:
            _line(painter, box.adjusted(6, 0, -6, 0), text, theme.TEXT_DIM, theme.font())
        painter.restore()

    @staticmethod
    def _session(painter: QPainter, box: QRect, row: SessionRow) -> None:
        picture = QRect(box.x() + 10, box.y() + 6, PICTURE, PICTURE)
        painter.fillRect(picture, QColor(theme.WELL))
        if row.thumbnail is not None:
            height, width, _ = row.thumbnail.shape
            image = QImage(row.thumbnail.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(picture, image.copy())
        else:
            name, colour = ("warning", theme.FAILURE) if row.broken else ("open", theme.TEXT_FAINT)
            painter.drawPixmap(picture.x() + 14, picture.y() + 14, icons.pixmap(name, 20, colour, theme.text_scale()))
        words = state_words(row)
        left = picture.right() + 12
        upper = QRect(left, box.y() + (9 if words else 20), box.right() - left - 6, 20)
        _line(painter, upper, row.folder.name, theme.TEXT, theme.font(theme.BODY, QFont.Weight.Medium))
        if words:
            colour = theme.FAILURE if row.broken else theme.ACCENT if row.here else theme.WARNING
            below = QRect(left, box.y() + 31, box.right() - left - 6, 18)
            brief = f"Broken: {words}" if row.broken else words[0].upper() + words[1:]
            _line(painter, below, brief, colour, theme.font(theme.SMALL))

    @staticmethod
    def _outcomes(painter: QPainter, box: QRect, row: SessionRow) -> None:
        x = box.x() + 6
        painter.setFont(theme.font())
        for name in OUTCOMES:
            count = row.outcomes.get(name, 0)
            if not count:
                continue
            text = str(count) if name in ICONS else f"{count} open"
            if name in ICONS:
                painter.drawPixmap(x, box.y() + 22, icons.pixmap(ICONS[name], 16, COLOURS[name], theme.text_scale()))
                x += 20
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.setPen(QColor(theme.TEXT_DIM))
            painter.drawText(QRect(x, box.y(), width + 2, box.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + 12

    @staticmethod
    def _reviewed(painter: QPainter, box: QRect, row: SessionRow, text: str) -> None:
        _line(painter, QRect(box.x() + 6, box.y() + 12, box.width() - 12, 20), text, theme.TEXT_DIM, theme.font())
        bar = QRect(box.x() + 6, box.y() + 38, box.width() - 18, 4)
        painter.fillRect(bar, QColor(theme.LINE))
        painter.fillRect(
            QRect(bar.x(), bar.y(), round(bar.width() * row.reviewed / row.branches), 4), QColor(theme.ACCENT)
        )


class SessionTable(QTableView):
    """The rows on the screen; several can be selected, with Shift and Ctrl as in any list."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self.setObjectName("sessions")
        self.setModel(model)
        self.setItemDelegate(SessionDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSortingEnabled(True)

    @property
    def selected(self) -> list[int]:
        """Numbers of the selected rows, top to bottom."""
        selection = self.selectionModel()
        return sorted(index.row() for index in selection.selectedRows()) if selection is not None else []

    def select(self, places: Sequence[int]) -> None:
        """Select these rows and no others; the first one becomes the current one."""
        model, selection = self.model(), self.selectionModel()
        if model is None or selection is None:
            return
        rows = QItemSelection()
        for place in places:
            rows.select(model.index(place, 0), model.index(place, model.columnCount() - 1))
        flags = QItemSelectionModel.SelectionFlag
        selection.setCurrentIndex(model.index(places[0], 0), flags.NoUpdate)
        selection.select(rows, flags.ClearAndSelect)

    def go(self, direction: int, *, extend: bool) -> None:
        """Go a row up (-1) or down (+1) as the arrow keys of a list do; extend the selection as they do with Shift."""
        key = Qt.Key.Key_Down if direction > 0 else Qt.Key.Key_Up
        held = Qt.KeyboardModifier.ShiftModifier if extend else Qt.KeyboardModifier.NoModifier
        self.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, key, held))


def _line(painter: QPainter, box: QRect, text: str, colour: str, font: QFont) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    fitting = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
