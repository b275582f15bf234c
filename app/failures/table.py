"""The table of failures: rows in the order of the queue, and how a row is drawn."""

from collections.abc import Mapping, Sequence
from typing import Final

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter
from PyQt6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.failures.reading import Picture
from app.failures.words import COLUMNS, GRADES, cells, failure_of, kind_words, point_of, why_words
from app.widgets import icons, theme
from app.widgets.labels import plain_tip
from models.failures.finding import Grade
from models.failures.queue import Key, Queued

Index = QModelIndex | QPersistentModelIndex
RANK: Final = COLUMNS.index("#")
POINT: Final = COLUMNS.index("Correct from")
KIND: Final = COLUMNS.index("How it failed")
PROGRESS: Final = COLUMNS.index("Progress")
PICTURE, ROW = 60, 72
"""Side of a picture and height of a row, pixels at text size 1."""
COLOURS: Final[Mapping[Grade, str]] = {
    "near miss": theme.OPERATOR, "partial": theme.WARNING, "gross": theme.FAILURE
}  # fmt: skip


class FailureModel(QAbstractTableModel):
    """The failures of a list, their pictures, and which of its proposed points is chosen for each."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Queued] = []
        self.pictures: dict[tuple[Key, int], QImage] = {}
        """By failure and node."""
        self.places: dict[Key, int] = {}
        """Chosen points, by failure; the first one where it is absent."""

    def set_rows(self, rows: Sequence[Queued]) -> None:
        """Show these failures."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def add_picture(self, picture: Picture) -> None:
        """One more picture."""
        height, width, _ = picture.pixels.shape
        image = QImage(picture.pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        self.pictures[picture.key, picture.index] = image.copy()
        self.change(picture.key)

    def place(self, key: Key) -> int:
        """Which proposed point of a failure is chosen."""
        return self.places.get(key, 0)

    def turn(self, one: Queued) -> None:
        """Choose the next proposed point of a failure, after the last one the first again."""
        self.places[one.key] = (self.place(one.key) + 1) % len(failure_of(one).points)
        self.change(one.key)

    def change(self, key: Key) -> None:
        """Draw a failure again."""
        for number, row in enumerate(self.rows):
            if row.key == key:
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))

    def picture(self, one: Queued) -> QImage | None:
        """The picture of the chosen point; None while it is not read."""
        return self.pictures.get((one.key, point_of(one, self.place(one.key)).index))

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
        words = cells(row, self.place(row.key))
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return words[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            facts = (f"{name}: {text}" for name, text in zip(COLUMNS, words, strict=True) if text)
            points = ", ".join(f"{point.why} (step {point.index})" for point in failure_of(row).points)
            return plain_tip("\n".join([*facts, f"Proposed: {points}", f"Session: {row.key.session}"]))
        return None


class FailureDelegate(QStyledItemDelegate):
    """Draws a cell: the point with its picture, how it failed in two lines, the rest as text."""

    def __init__(self, model: FailureModel, parent: QTableView) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        """See QStyledItemDelegate."""
        return QSize(theme.px(80), theme.px(ROW))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """See QStyledItemDelegate."""
        one = index.data(Qt.ItemDataRole.UserRole)
        if painter is None or not isinstance(one, Queued):
            return
        painter.save()
        place, scale = option.rect, theme.text_scale()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, QColor(theme.HOVER))
            if index.column() == RANK:
                painter.fillRect(QRect(place.x(), place.y(), 3, place.height()), QColor(theme.ACCENT))
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
        painter.translate(place.x(), place.y())
        painter.scale(scale, scale)  # the rest is in pixels at text size 1
        box = QRect(0, 0, round(place.width() / scale), ROW)
        text, colour = str(index.data(Qt.ItemDataRole.DisplayRole)), theme.TEXT_DIM
        if index.column() == POINT:
            self._point(painter, box, one)
        elif index.column() == KIND:
            grade = failure_of(one).grade
            _two_lines(painter, box.adjusted(6, 0, -6, 0), GRADES[grade], kind_words(failure_of(one)), COLOURS[grade])
        elif index.column() == PROGRESS:
            self._progress(painter, box, one)
        else:
            if index.column() == RANK:
                colour = theme.TEXT if one.rank else theme.SUCCESS
                box = box.adjusted(6, 0, 0, 0)
            _line(painter, box.adjusted(6, 0, -6, 0), text, colour, theme.font())
        painter.restore()

    def _point(self, painter: QPainter, box: QRect, one: Queued) -> None:
        picture = QRect(box.x() + 6, box.y() + 6, PICTURE, PICTURE)
        painter.fillRect(picture, QColor(theme.WELL))
        image, point = self._model.picture(one), point_of(one, self._model.place(one.key))
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(picture, image)
        else:
            painter.drawPixmap(
                picture.x() + 20, picture.y() + 20, icons.pixmap("open", 20, theme.TEXT_FAINT, theme.text_scale())
            )
        below = f"step {point.index} of {one.attempt.steps}"
        points = len(failure_of(one).points)
        if points > 1:
            below += f" \N{MIDDLE DOT} point {self._model.place(one.key) + 1} of {points}"
        _two_lines(painter, box.adjusted(PICTURE + 18, 0, -6, 0), why_words(point), below, theme.TEXT)

    @staticmethod
    def _progress(painter: QPainter, box: QRect, one: Queued) -> None:
        """The best as a mark, the end as a filled bar."""
        attempt = one.attempt
        _line(
            painter, QRect(box.x() + 6, box.y() + 16, box.width() - 12, 20),
            f"best {attempt.best_progress:.2f}, end {attempt.progress:.2f}", theme.TEXT_DIM, theme.font(theme.SMALL),
        )  # fmt: skip
        bar = QRect(box.x() + 6, box.y() + 44, box.width() - 18, 4)
        painter.fillRect(bar, QColor(theme.LINE))
        end, best = (min(1.0, max(0.0, value)) for value in (attempt.progress, attempt.best_progress))
        painter.fillRect(QRect(bar.x(), bar.y(), round(bar.width() * end), 4), QColor(theme.POLICY))
        painter.fillRect(QRect(bar.x() + round((bar.width() - 2) * best), bar.y() - 3, 2, 10), QColor(theme.TEXT))


class FailureTable(QTableView):
    """The rows on the screen; one is selected."""

    def __init__(self, model: FailureModel) -> None:
        super().__init__()
        self.setObjectName("sessions")  # drawn like the list of sessions
        self.setModel(model)
        self.setItemDelegate(FailureDelegate(model, self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    @property
    def selected(self) -> int | None:
        """Number of the selected row."""
        selection = self.selectionModel()
        rows = selection.selectedRows() if selection is not None else []
        return rows[0].row() if rows else None


def _two_lines(painter: QPainter, box: QRect, upper: str, lower: str, colour: str) -> None:
    _line(
        painter, QRect(box.x(), box.y() + 15, box.width(), 20), upper, colour,
        theme.font(theme.BODY, QFont.Weight.Medium),
    )  # fmt: skip
    _line(painter, QRect(box.x(), box.y() + 38, box.width(), 18), lower, theme.TEXT_DIM, theme.font(theme.SMALL))


def _line(painter: QPainter, box: QRect, text: str, colour: str, font: QFont) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    fitting = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
