"""The dialog "Export…": which branches, in which form, to where; then how far it is. The window stays usable."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.jobs.job import Job
from app.widgets.elided import Elided
from app.widgets.fitting import TEXT_CHANGES
from app.widgets.labels import PlainLabel
from app.widgets.numbers import grouped
from app.widgets.screen import fit_on_screen
from core.branch_tree import BranchTree, Outcome, Review
from models.datasets.export.command import arguments_of, counted
from models.datasets.export.options import FORMATS, OUTCOMES, REVIEWS, SIRIUS_WINDOW, ExportOptions
from models.datasets.export.plan import chosen
from models.datasets.export.target import SUFFIX, is_export

_WHAT: Final = {
    "attempts": "Whole attempts, with the corrections inside",
    "corrections": "Corrections only, one episode each",
}
_REVIEWS: Final[dict[str, tuple[Review, ...]]] = {
    "Accepted ones": ("accepted",),
    "Accepted and unreviewed ones": ("accepted", "unreviewed"),
    "All that are not discarded": REVIEWS,
}
_OUTCOMES: Final[dict[str, tuple[Outcome, ...]]] = {
    "However they ended": OUTCOMES,
    "Successes": ("success",),
    "Failures and timeouts": ("failure", "timeout"),
}
_CODECS: Final = {"absolute": "Absolute end-effector targets", "delta": "Targets relative to the measured state"}
_ENDS: Final = {"lerobot": "lerobot", "diffusion-policy": "replay", "robomimic": "robomimic"}
"""How the folder that is offered ends."""
EXPORT_JOB: Final = partial(Job, what="export")


class ExportDialog(QDialog):
    """One export of one session or several; closing it while it works only hides it."""

    ended = pyqtSignal(str, str)
    """(level of a message, words) when an export is over while the dialog is hidden."""

    def __init__(
        self, sessions: Sequence[Path], trees: Callable[[], Sequence[BranchTree]], parent: QWidget | None = None,
        start: Callable[[Sequence[str], QWidget], Job] = EXPORT_JOB,
    ) -> None:  # fmt: skip
        """Show what there is to export.

        Args:
            sessions: Folders of the sessions, one or more.
            trees: Their newest branches, in the same order.
            parent: The window.
            start: Makes the job.
        """
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.sessions, self.trees, self._start = tuple(sessions), trees, start
        self.job: Job | None = None
        self._typed = False
        """Whether the folder is the user's own."""
        self._make_fields()
        self._lay_out()
        for box in (self.format, self.what, self.review, self.outcome, self.codec):
            box.currentIndexChanged.connect(lambda _index: self.refresh())
        self.trim_idle.toggled.connect(lambda _on: self.refresh())
        self.replace.toggled.connect(lambda _on: self.refresh())
        self.out.textEdited.connect(self._on_typed)
        self.refresh()

    # -- what is asked for -----------------------------------------------------------------------------------------

    def options(self) -> ExportOptions:
        """As the fields say."""
        return ExportOptions(
            sessions=self.sessions,
            out=Path(self.out.text().strip()).expanduser(),
            format=self.format.currentData(),
            what=self.what.currentData(),
            review=self.review.currentData(),
            outcome=self.outcome.currentData(),
            window=self.window_steps.value(),
            codec=self.codec.currentData(),
            task=self.task.text().strip(),
            trim_idle=self.trim_idle.isChecked(),
        )

    def refresh(self) -> None:
        """Say what would be exported, or why nothing would."""
        if self.job is not None:
            return
        if not self._typed:
            first, more = self.sessions[0], len(self.sessions) - 1
            name = f"{first.name}{f'-and-{more}-more' if more else ''}-{_ENDS[self.format.currentData()]}"
            self.out.setText(str(first.resolve().parent.parent / "exports" / name))
        words, possible = self._words()
        self._say(words, failed=not possible)
        self.go.setEnabled(possible)

    def _words(self) -> tuple[str, bool]:
        options, trees = self.options(), self.trees()
        there = [b for tree in trees for b in tree.branches.values() if not b.discarded]
        taken = [b for tree in trees for b in chosen(tree, options.review, options.outcome)]
        if not taken:
            return f"None of {len(there)} branches fits. Accept the good ones first, or take more above.", False
        if not options.out.name:
            return "Name a folder for it.", False
        finished, unfinished = is_export(options.out), is_export(options.out.with_name(options.out.name + SUFFIX))
        self.replace.setVisible(finished)
        if finished and not self.replace.isChecked():
            return "That folder holds an export already. Replace it, or name another one.", False
        if options.out.exists() and not finished and (not options.out.is_dir() or any(options.out.iterdir())):
            return "That folder holds something else. Name another one.", False
        branches = f"{len(taken)} {'branch' if len(taken) == 1 else 'branches'}"
        if options.what == "attempts":
            words = f"{branches} of {len(there)}, {grouped(sum(branch.length for branch in taken))} steps."
        else:
            words = f"What the operator drove in {branches} of {len(there)}."
        return words + (" It holds an unfinished export, which is resumed." if unfinished else ""), True

    # -- carrying it out -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Export."""
        self.job = self._start(arguments_of(self.options(), self.replace.isChecked()), self)
        self.job.progressed.connect(self._show_progress)
        self.job.done.connect(self._show_done)
        self.job.failed.connect(self._show_failed)
        self._set_running(True)
        self._say("Reading …")
        self.job.start()

    def cancel(self) -> None:
        """Stop what runs; with nothing running, close."""
        if self.job is not None:
            self.job.cancel()
        else:
            self.reject()

    def stop(self) -> None:
        """End the export that runs, because the application closes; it can be resumed."""
        job, self.job = self.job, None
        if job is not None:
            job.stop()

    def _show_progress(self, progress: dict[str, Any]) -> None:
        self.bar.setRange(0, max(1, progress["of_steps"]))
        self.bar.setValue(progress["steps"])
        if progress["finishing"]:
            self._say("Finishing the files …")
            return
        self._say(
            f"{progress['episodes']} of {progress['of_episodes']} episodes, "
            f"{grouped(progress['steps'])} of {grouped(progress['of_steps'])} steps"
        )

    def _show_done(self, exported: dict[str, Any]) -> None:
        words = (
            f"{counted(exported['episodes'], 'episode')}, {grouped(exported['steps'])} steps are in {exported['out']}."
        )
        self.replace.setChecked(False)
        self._over("info", f"✓  {words}")
        self.go.setEnabled(False)  # until something else is asked for

    def _show_failed(self, words: str) -> None:
        stopped = "Stopped. What is written is kept; exporting the same again resumes it."
        self._over("error" if words else "info", words or stopped)

    def _over(self, level: str, words: str) -> None:
        job, self.job = self.job, None
        if job is not None:
            job.deleteLater()
        self._set_running(False)
        self._say(words, failed=level == "error")
        self.go.setEnabled(True)
        if not self.isVisible():
            self.ended.emit(level, words)

    def _set_running(self, running: bool) -> None:
        for field in self._fields:
            field.setEnabled(not running)
        self.bar.setVisible(running)
        self.bar.setRange(0, 0)
        self.go.setVisible(not running)
        self.leave.setText("Stop" if running else "Close")
        self.hide_button.setVisible(running)

    # -- widgets ---------------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.format = _choice((words, name) for name, words in FORMATS.items())
        self.what = _choice((words, name) for name, words in _WHAT.items())
        self.review, self.outcome = _choice(_REVIEWS.items()), _choice(_OUTCOMES.items())
        self.codec = _choice((words, name) for name, words in _CODECS.items())
        self.window_steps = QSpinBox()
        self.window_steps.setRange(0, 1000)
        self.window_steps.setSuffix(" steps")
        self.window_steps.setSpecialValueText("none")
        self.window_steps.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.window_steps.setToolTip(
            f"Steps before each correction whose intv_label is -10 (Sirius takes {SIRIUS_WINDOW}). "
            "Where only corrections are exported, they are exported with them."
        )
        self.task = QLineEdit()
        self.task.setPlaceholderText("the task's title")
        self.out, self.browse = QLineEdit(), QPushButton("Browse…")
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._ask_folder)
        self.trim_idle = QCheckBox("Leave out steps in which the operator's hands rested")
        self.replace = QCheckBox("Replace the existing export once the new one is complete")
        self.replace.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.hide()
        self.words = PlainLabel()
        self.words.setObjectName("startwords")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.leave, self.hide_button, self.go = QPushButton("Close"), QPushButton("Hide"), QPushButton("Export")
        for button in (self.leave, self.hide_button):
            button.setAutoDefault(False)
        self.go.setDefault(True)
        self.hide_button.hide()
        self.leave.clicked.connect(self.cancel)
        self.hide_button.clicked.connect(self.hide)
        self.go.clicked.connect(self.begin)
        self._fields: tuple[QWidget, ...] = (
            self.format, self.what, self.review, self.outcome, self.codec, self.window_steps, self.task, self.out,
            self.browse, self.trim_idle, self.replace,
        )  # fmt: skip

    def _lay_out(self) -> None:
        several = len(self.sessions) > 1
        title = PlainLabel(f"Export {len(self.sessions)} sessions together" if several else "Export this session")
        session = Elided(Qt.TextElideMode.ElideRight if several else Qt.TextElideMode.ElideLeft)
        title.setObjectName("stagetitle")
        session.setObjectName("dim")
        session.show_text(", ".join(path.name for path in self.sessions) if several else str(self.sessions[0]))
        folder = QHBoxLayout()
        folder.addWidget(self.out, 1)
        folder.addWidget(self.browse)
        folder.setSpacing(8)
        before, about = QHBoxLayout(), PlainLabel("labelled −10; exported with the corrections")
        about.setObjectName("dim")
        before.addWidget(self.window_steps)
        before.addSpacing(4)
        before.addWidget(about, 1)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, field in (
            ("Format", self.format), ("Episodes", self.what), ("Branches", self.review), ("Ended as", self.outcome),
            ("Actions", self.codec), ("Before a correction", before), ("Task", self.task), ("Folder", folder),
        ):  # fmt: skip
            name = PlainLabel(label)
            name.setObjectName("dim")
            name.setAlignment(Qt.AlignmentFlag.AlignVCenter)
            form.addRow(name, field)
        form.addRow("", self.trim_idle)
        form.addRow("", self.replace)
        ways = QHBoxLayout()
        ways.addStretch(1)
        for button in (self.leave, self.hide_button, self.go):
            ways.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(session)
        column.addSpacing(4)
        column.addLayout(form)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addLayout(ways)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            QTimer.singleShot(0, self._fit)  # when the fields have the new style too

    def _fit(self) -> None:
        fit_on_screen(self, 640, 460)

    def _say(self, words: str, failed: bool = False) -> None:
        self.words.setText(f"⚠  {words}" if failed else words)
        self.words.setProperty("failed", failed)
        style = self.words.style()
        if style is not None:
            style.polish(self.words)

    def _on_typed(self) -> None:
        self._typed = True
        self.refresh()

    def _ask_folder(self) -> None:
        where = Path(self.out.text()).parent
        folder = QFileDialog.getSaveFileName(
            self, "Folder of the export", str(where if where.is_dir() else Path.cwd()), "",
            options=QFileDialog.Option.ShowDirsOnly | QFileDialog.Option.DontConfirmOverwrite,
        )[0]  # fmt: skip
        if folder:
            self.out.setText(folder)
            self._on_typed()


def _choice(items: Any) -> QComboBox:
    """A box of (words, data)."""
    box = QComboBox()
    for words, data in items:
        box.addItem(words, data)
    return box
