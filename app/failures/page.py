"""The page of failures: what was found, in the order in which to correct it, what corrections took, and the search."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.commands.key_words import KeyOf, with_key
from app.failures.reading import Listed, Picture, read_list
from app.failures.table import KIND, POINT, ROW, FailureModel, FailureTable
from app.failures.words import COLUMNS, about_words, listed_words, summary_words
from app.playback.background import Background
from app.widgets import theme
from app.widgets.elided import Elided
from app.widgets.fitting import TEXT_CHANGES, HeadBar
from app.widgets.labels import PlainLabel
from app.widgets.tab_focus import reach_by_tab
from models.failures.queue import Queued

WIDTHS = (44, 262, 200, 150, 80, 84, 230)
"""Of the columns of app.failures.words.COLUMNS, pixels at text size 1; the second and third share what is left."""
DROPPED = ("Trust", "Like this", "Progress", "Correction")
"""Columns that are left out where the window is too narrow, first to last; the tool tip of a row has them all."""
ATTEMPTS = 40
"""That a search plays unless the user says otherwise."""
BUTTONS = (
    ("folder", "Folder…"), ("other_point", "Other point"), ("open_failure", "Correct this one"),
    ("correct_next", "Next failure"),
)  # fmt: skip
"""Name of a command, and its words at the foot of the page."""


class FailuresPage(QWidget):
    """Lists the failures of a folder; reads on a separate thread."""

    next_asked = pyqtSignal()
    """The first failure that waits is to be corrected."""
    chosen = pyqtSignal(object)
    """A Queued that is to be corrected."""
    search_asked = pyqtSignal(int)
    """So many more attempts are to be played."""
    stop_asked = pyqtSignal()
    """The search is to end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """List nothing yet."""
        super().__init__(parent)
        self.folder: Path | None = None
        self.listed = Listed({})
        self.can_drive = self.searching = False
        self.model = FailureModel()
        self.table = FailureTable(self.model)
        self._reading = Background("failure reader")
        self._lay_out()
        self._reading.part.connect(self._take)
        self._reading.done.connect(lambda answer: self._show())
        self._reading.failed.connect(self._fail)
        self._show()

    # -- what it does ----------------------------------------------------------------------------------------------

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the commands of this page do, by their names."""
        return {
            "correct_next": self.next_asked.emit,
            "open_failure": self._choose,
            "other_point": self.turn_point,
            "find_failures": self._search,
            "failure_up": lambda: self._go(-1),
            "failure_down": lambda: self._go(+1),
            "folder": self._ask_folder,
            "read_again": self.read,
        }

    def show_keys(self, key: KeyOf) -> None:
        """The keys of this page, wherever they are written."""
        for name, words in BUTTONS:
            shown = with_key(words, key(name))
            self._buttons[name].setText(shown if name in ("open_failure", "correct_next") else words)
            self._buttons[name].setToolTip(shown)
        self.search_button.setToolTip(with_key("Find failures", key("find_failures")))

    @property
    def reading(self) -> bool:
        """Whether the list or its pictures are still being read."""
        return self._reading.waiting

    @property
    def selected(self) -> Queued | None:
        """The failure that is selected; None where there is none."""
        place = self.table.selected
        return self.model.rows[place] if place is not None and place < len(self.model.rows) else None

    def read(self, folder: Path | None = None) -> None:
        """Read the list of a folder, or the same one again."""
        before, self.folder = self.folder, folder or self.folder
        if before is not None and before != self.folder:
            self.listed = Listed({})
            self.model.pictures.clear()
            self.model.places.clear()
            self.model.set_rows(())
        where, known = self.folder, set(self.model.pictures)
        if where is not None:
            self._place.show_text(str(where))
            self._reading.ask(lambda tell: read_list(where, known, tell))
            self._show()

    def turn_point(self) -> None:
        """Choose the next proposed point of the failure that is selected."""
        if self.selected is not None:
            self.model.turn(self.selected)

    def stop(self) -> None:
        """End the reading thread."""
        self._reading.stop()

    def show_search(self, words: str, done: int = 0, total: int = 0) -> None:
        """A search is running.

        Args:
            words: How far it is.
            done: Attempts that are listed.
            total: 0 while nothing is known.
        """
        self.searching = True
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self._say(words)
        self._show()

    def end_search(self, words: str, failed: bool = False) -> None:
        """No search is running any more."""
        self.searching = False
        self._say(words, failed)
        self.read()

    # -- the list --------------------------------------------------------------------------------------------------

    def _take(self, part: Listed | Picture) -> None:
        if isinstance(part, Picture):
            self.model.add_picture(part)
            return
        before, self.listed = self.selected, part
        self.model.set_rows(part.entries)
        keys = [row.key for row in self.model.rows]
        if keys:
            self.table.selectRow(keys.index(before.key) if before is not None and before.key in keys else 0)
        self._show()

    def _fail(self, words: str) -> None:
        self.listed = Listed({})
        self.model.set_rows(())
        self._show(words)

    def _go(self, direction: int) -> None:
        if self.model.rows:
            self.table.selectRow(min(len(self.model.rows) - 1, max(0, (self.table.selected or 0) + direction)))

    def _choose(self) -> None:
        if self.selected is not None and self.can_drive:
            self.chosen.emit(self.selected)

    def _search(self) -> None:
        if self.searching:
            self.stop_asked.emit()
        elif self.can_drive:
            self.search_asked.emit(self.attempts.value())

    def _ask_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "Folder with a list of failures", str(self.folder or Path.cwd()))
        if found:
            self.read(Path(found))

    # -- words and widgets -----------------------------------------------------------------------------------------

    def _say(self, words: str, failed: bool = False) -> None:
        self._search_words.show_text(f"⚠  {words}" if failed else words)

    def _show(self, words: str = "") -> None:
        rows = self.model.rows
        if not words and not rows:
            if self.reading:
                words = "Reading…"
            elif self.listed.attempts:
                words = f"None of {self.listed.attempts} attempts failed so far. Find more below."
            else:
                words = (
                    "No failure is listed yet. “Find failures” lets the policy try in the background and lists where "
                    "it fails; you can drive meanwhile."
                )
        self._words.setText(words)
        self._words.setVisible(not rows)
        self.table.setVisible(bool(rows))
        self._sum.setText(listed_words(self.listed))
        self._about.setText(about_words(self.listed))
        self._effort.show_text(summary_words(self.listed))
        self.bar.setVisible(self.searching)
        self.search_button.setText("Stop the search" if self.searching else "Find failures")
        self.search_button.setEnabled(self.can_drive)
        self.attempts.setEnabled(self.can_drive and not self.searching)
        self._buttons["other_point"].setEnabled(bool(rows))
        for name in ("open_failure", "correct_next"):
            self._buttons[name].setEnabled(self.can_drive and bool(rows))

    def show_can_drive(self, can_drive: bool) -> None:
        """Whether a session is open, whose world and policy a search takes."""
        self.can_drive = can_drive
        self._show()

    def _lay_out(self) -> None:
        title = PlainLabel("Failures")
        title.setObjectName("pagetitle")
        self._place = Elided(Qt.TextElideMode.ElideLeft)
        self._about, self._sum = PlainLabel(), PlainLabel()
        self._place.setObjectName("dim")
        self._about.setObjectName("dim")
        self._sum.setObjectName("strong")
        row = QHBoxLayout()
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(title)
        row.addWidget(self._place, 1)
        row.addWidget(self._about)
        row.addWidget(self._sum)
        bar = HeadBar((self._about, self._sum))
        bar.setLayout(row)
        head = QFrame()
        head.setObjectName("pagehead")
        around = QVBoxLayout(head)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(bar)
        self._words = PlainLabel()
        self._words.setObjectName("dim")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._set_up_table()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self.table, 1)
        whole.addWidget(self._words, 1)
        whole.addWidget(self._foot())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        reach_by_tab(self, [self.table, self.attempts, self.search_button, *self._buttons.values()])
        self.show_keys(lambda name: "")

    def _set_up_table(self) -> None:
        across, down = self.table.horizontalHeader(), self.table.verticalHeader()
        if across is not None and down is not None:
            down.hide()
            across.setHighlightSections(False)
            across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            for column in (POINT, KIND):
                across.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.table.doubleClicked.connect(lambda index: self._choose())

    def _foot(self) -> QFrame:
        foot = QFrame()
        foot.setObjectName("verdictbar")
        column = QVBoxLayout(foot)
        column.setContentsMargins(14, 6, 12, 6)
        column.setSpacing(6)
        self._effort, self._search_words = Elided(Qt.TextElideMode.ElideRight), Elided(Qt.TextElideMode.ElideRight)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self._buttons = {}
        for name, words in BUTTONS:
            button = QPushButton(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, name=name: self.acts()[name]())
            self._buttons[name] = button
        self.search_button, self.attempts = QPushButton(), QSpinBox()
        self.attempts.setRange(1, 10_000)
        self.attempts.setValue(ATTEMPTS)
        self.attempts.setSuffix(" attempts")
        self.attempts.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.attempts.setToolTip("How many more attempts the policy makes.")
        self.attempts.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.search_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.search_button.clicked.connect(self._search)
        search, ways = QHBoxLayout(), QHBoxLayout()
        for label in (self._effort, self._search_words):
            label.setObjectName("dim")
        for widget in (self.search_button, self.attempts):
            search.addWidget(widget)
        search.addWidget(self._search_words, 1)
        search.addWidget(self._buttons["folder"])
        ways.addWidget(self._effort, 1)
        for name in ("other_point", "open_failure", "correct_next"):
            ways.addWidget(self._buttons[name])
        column.addWidget(self.bar)
        for row in (search, ways):
            row.setSpacing(8)
            column.addLayout(row)
        return foot

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
            if name in widths and place not in (POINT, KIND):
                across.resizeSection(place, widths[name])
