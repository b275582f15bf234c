"""The sessions of a folder: what is in each, and a way into it for driving or for review."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.commands.key_words import KeyOf, with_key
from app.playback.background import Background, Tell
from app.sessions.rows import SessionRow, read_row
from app.sessions.table import FOLDER, ROW, SessionModel, SessionTable
from app.sessions.words import COLUMNS, selected_words, state_words
from app.widgets import theme
from app.widgets.elided import Elided
from app.widgets.fields import TypedField
from app.widgets.fitting import TEXT_CHANGES, HeadBar
from app.widgets.labels import PlainLabel
from app.widgets.numbers import grouped
from app.widgets.tab_focus import reach_by_tab
from core.command.folders import size_words
from core.store.folders import session_folders

WIDTHS = (220, 76, 90, 80, 190, 86, 70, 76, 138)
"""Of the columns of app.sessions.words.COLUMNS, pixels at text size 1; the first one takes what is left."""
DROPPED = ("Size", "Operator", "Task", "Last opened", "Branches", "Steps")
"""Columns that are left out where the window is too narrow, first to last; the tool tip of a row has them all."""
BUTTONS = (
    ("folder", "Folder…"), ("export_selected", "Export selected…"), ("open_to_review", "Review selected"),
    ("open_to_drive", "Drive"),
)  # fmt: skip
"""Name of a command, and its words at the foot of the page."""


class BrowserPage(QWidget):
    """Lists a folder; reads on a separate thread."""

    drive_asked = pyqtSignal(object)
    """Path of a session that is to be continued."""
    review_asked = pyqtSignal(object)
    """Paths of sessions that are to be reviewed together."""
    export_asked = pyqtSignal(object)
    """Rows of sessions that are to become one export."""

    def __init__(self, folder: Path | None = None, parent: QWidget | None = None, *, can_drive: bool = True) -> None:
        """List nothing yet.

        Args:
            folder: What the first reading lists, unless another folder is named.
            parent: Widget that owns the page.
            can_drive: Whether this window can continue a session; otherwise a session is only reviewed here.
        """
        super().__init__(parent)
        self._can_drive = can_drive
        self.folder = folder
        self._picked = False
        """Whether the user chose a row since the folder was read; until then the first one is chosen."""
        self.model, self.field = SessionModel(), TypedField()
        self.table = SessionTable(self.model)
        self._reading = Background("session reader")
        self._lay_out()
        self._reading.part.connect(self._take)
        self._reading.done.connect(lambda answer: self._read_all())
        self._reading.failed.connect(self._fail)
        self._fail("No folder is shown yet.")

    def _lay_out(self) -> None:
        title = PlainLabel("Sessions")
        title.setObjectName("pagetitle")
        self._place = Elided(Qt.TextElideMode.ElideLeft)
        self._place.setObjectName("dim")
        self._sum = PlainLabel()
        self._sum.setObjectName("strong")
        self.field.setClearButtonEnabled(True)
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.field.textChanged.connect(self._filter)
        self.field.left.connect(self.setFocus)
        row = QHBoxLayout()
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(title)
        row.addWidget(self._place, 1)
        row.addWidget(self._sum)
        row.addWidget(self.field)
        bar = HeadBar((self._sum,))
        bar.setLayout(row)
        head = QFrame()
        head.setObjectName("pagehead")
        around = QVBoxLayout(head)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(bar)
        self._set_up_table()
        self._words = PlainLabel()
        self._words.setObjectName("dim")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self.table, 1)
        whole.addWidget(self._words, 1)
        whole.addWidget(self._foot())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        reach_by_tab(self, [self.field, self.table, *self._buttons.values()])
        self.show_keys(lambda name: "")

    def _set_up_table(self) -> None:
        table = self.table
        across, down = table.horizontalHeader(), table.verticalHeader()
        if across is not None and down is not None:
            down.hide()
            across.setHighlightSections(False)
            across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            across.setSectionResizeMode(FOLDER, QHeaderView.ResizeMode.Stretch)
            across.setSortIndicator(FOLDER, Qt.SortOrder.DescendingOrder)
        table.clicked.connect(lambda index: self._pick())
        table.doubleClicked.connect(lambda index: self._drive() if self._can_drive else self._review(self.selected))
        selection = table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(lambda now, before: self._show_chosen())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            self._fit_columns()

    def _fit_columns(self) -> None:
        """Columns as wide as their text needs; the least needed ones go where not all of them fit."""
        across, down = self.table.horizontalHeader(), self.table.verticalHeader()
        if across is None or down is None:
            return
        down.setDefaultSectionSize(theme.px(ROW))
        widths = dict(zip(COLUMNS, map(theme.px, WIDTHS), strict=True))
        for name in DROPPED:
            if sum(widths.values()) > self.width():
                widths.pop(name)
        for place, name in enumerate(COLUMNS):
            self.table.setColumnHidden(place, name not in widths)
            if name in widths and place != FOLDER:
                across.resizeSection(place, widths[name])

    def _foot(self) -> QFrame:
        foot = QFrame()
        foot.setObjectName("verdictbar")
        row = QHBoxLayout(foot)
        row.setContentsMargins(14, 6, 12, 6)
        row.setSpacing(8)
        self._about = PlainLabel()
        self._about.setObjectName("dim")
        self._about.setWordWrap(True)
        row.addWidget(self._about, 1)
        self._buttons = {}
        for name, words in BUTTONS:
            button = QPushButton(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, name=name: self.acts()[name]())
            button.setVisible(self._can_drive or name != "open_to_drive")
            self._buttons[name] = button
            row.addWidget(button)
        return foot

    def show_keys(self, key: KeyOf) -> None:
        """The keys of this page, wherever they are written."""
        self.field.setPlaceholderText(with_key("Filter", key("filter")))
        for name, words in BUTTONS:
            shown = with_key(words, key(name))
            self._buttons[name].setText(shown if name.startswith("open") else words)
            self._buttons[name].setToolTip(shown)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the commands of this page do, by their names."""
        return {
            "open_to_drive": self._drive,
            "open_to_review": lambda: self._review(self.selected),
            "review_all": lambda: self._review(self.model.rows),
            "export_selected": self._export,
            "session_up": lambda: self._go(-1),
            "session_down": lambda: self._go(+1),
            "select_up": lambda: self._go(-1, extend=True),
            "select_down": lambda: self._go(+1, extend=True),
            "select_all": self._select_all,
            "filter": self.field.setFocus,
            "folder": self._ask_folder,
            "read_again": self.read,
        }

    @property
    def reading(self) -> bool:
        """Whether sessions are still being read."""
        return self._reading.waiting

    @property
    def chosen(self) -> SessionRow | None:
        """The row that is selected; None where several are, or none is."""
        rows = self.selected
        return rows[0] if len(rows) == 1 else None

    @property
    def selected(self) -> list[SessionRow]:
        """The rows that are selected, as the table orders them."""
        return [self.model.rows[place] for place in self.table.selected if place < len(self.model.rows)]

    def read(self, folder: Path | None = None) -> None:
        """Read a folder, or the same one again."""
        self.folder = folder or self.folder
        where = self.folder
        if where is None:
            return
        self.model.clear()
        self._picked = False
        self._place.show_text(str(where))

        def work(tell: Tell) -> None:
            for path in session_folders(where):
                tell(read_row(path))

        self._reading.ask(work)
        self._show()

    def stop(self) -> None:
        """End the reading thread."""
        self._reading.stop()

    def _read_all(self) -> None:
        self._select(self.selected if self._picked else ())
        self._show()

    def _take(self, row: SessionRow) -> None:
        before = self.selected if self._picked else ()
        self.model.add(row)
        self._select(before)
        self._show()

    def _fail(self, words: str) -> None:
        self.model.clear()
        self._show(words)

    def _filter(self, text: str) -> None:
        before = self.selected
        self.model.set_filter(text)
        self._select(before)
        self._show()

    def _select(self, rows: Sequence[SessionRow]) -> None:
        """Select these rows as far as they are shown; where none is, the first row."""
        wanted = {row.folder for row in rows}
        places = [place for place, row in enumerate(self.model.rows) if row.folder in wanted]
        if self.model.rows:
            self.table.select(places or [0])

    def _pick(self) -> None:
        self._picked = True

    def _go(self, direction: int, *, extend: bool = False) -> None:
        self._picked = True
        self.table.go(direction, extend=extend)

    def _select_all(self) -> None:
        self._picked = True
        self.table.selectAll()

    def _drive(self) -> None:
        row = self.chosen
        if row is not None and not row.broken and row.busy is None:
            self.drive_asked.emit(row.folder)

    def _review(self, rows: Sequence[SessionRow]) -> None:
        found = [row.folder for row in rows if not row.broken]
        if found:
            self.review_asked.emit(found)

    def _export(self) -> None:
        found = [row for row in self.selected if not row.broken]
        if found:
            self.export_asked.emit(found)

    def _ask_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "Folder of sessions", str(self.folder or Path.cwd()))
        if found:
            self.read(Path(found))

    def _show(self, words: str = "") -> None:
        rows = self.model.rows
        if not words and not rows:
            if self.reading:
                words = "Reading…"
            elif self.model.all:
                words = "No session passes the filter."
            else:
                words = f"There is no session in {self.folder} yet. A session is recorded while it is driven."
        self._words.setText(words)
        self._words.setVisible(not rows)
        self.table.setVisible(bool(rows))
        steps, size = sum(row.steps for row in rows), sum(row.size for row in rows)
        counted = f"{len(rows)} session{'' if len(rows) == 1 else 's'}"
        summary = f"{counted}, {grouped(steps)} steps, {size_words(size)}" + (", reading…" if self.reading else "")
        self._sum.setText(summary if rows else "")
        self._show_chosen()

    def _show_chosen(self) -> None:
        rows, row = self.selected, self.chosen
        self._about.setText(state_words(row) if row is not None else selected_words(rows))
        readable = any(not row.broken for row in rows)
        self._buttons["open_to_drive"].setEnabled(row is not None and not row.broken and row.busy is None)
        self._buttons["open_to_review"].setEnabled(readable)
        self._buttons["export_selected"].setEnabled(readable)
