"""The page "Post-training": choose, start, watch, and hold the result against the policy before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.commands.key_words import KeyOf, with_key
from app.jobs.job import Job
from app.playback.background import Background, Tell
from app.post_training.curves import Curves
from app.post_training.form import Form
from app.post_training.outcome import Outcome
from app.post_training.reading import Result, corrections_of, read_result
from app.post_training.words import card_words, comparison_words, time_left
from app.widgets import theme
from app.widgets.elided import polish
from app.widgets.labels import PlainLabel
from app.widgets.numbers import grouped
from app.widgets.tab_focus import reach_by_tab
from core.store.folders import session_folders
from models.post_training.command import arguments_of

ATTEMPTS = 40
"""Scenes of a comparison, each tried by both policies."""
Start = Callable[[Sequence[str], QWidget, str, bool], Job]
"""Makes a job: command line, owner, what it is called, whether it saves its state when it is ended."""


@dataclass(frozen=True, slots=True)
class Arena:
    """The world that is open, in which policies are compared."""

    world: str
    task: str
    weights: Path | None

    def words(self) -> list[str]:
        """As options of `main.py compare-policies`."""
        named = [f"--world-weights={self.weights}"] if self.weights is not None else []
        return [f"--world={self.world}", f"--task={self.task}", *named]


class PostTrainingPage(QWidget):
    """One post-training at a time, and one comparison."""

    drive_asked = pyqtSignal(object, object)
    """(weights, seed of the scene or None) of what is to be driven."""
    ended = pyqtSignal(str, str)
    """(level of a message, words) when a job is over while the page is hidden."""

    def __init__(self, start: Start = Job) -> None:
        """Show an empty form.

        Args:
            start: Makes the jobs.
        """
        super().__init__()
        self._start = start
        self.job: Job | None = None
        self.comparison: Job | None = None
        self.folder: Path | None = None
        self.arena: Arena | None = None
        self.result: Result | None = None
        self._asks = False
        """Whether what is said is what has to be chosen."""
        self.form, self.curves, self.outcome = Form(), Curves(), Outcome()
        self.go, self.cancel_button, self.words = QPushButton("Start"), QPushButton("Stop"), PlainLabel()
        self.bar = QProgressBar()
        self._reading, self._looking = Background("correction reader"), Background("result reader")
        self._lay_out()
        self._connect()
        self._set_running(False)
        self.look()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def read(self, folder: Path) -> None:
        """List the sessions of a folder."""
        self.folder = folder
        self.form.clear_sessions()

        def work(tell: Tell) -> None:
            for path in session_folders(folder):
                tell(corrections_of(path))

        self._reading.ask(work)

    def look(self) -> None:
        """Show what is in the output folder already."""
        if self.job is None and self.form.out.text().strip():
            out = self.form.config().out
            self._looking.ask(lambda tell: read_result(out))

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the commands of this page do, by their names."""
        return {"start_training": self.begin, "stop_training": self.cancel}

    def show_keys(self, key: KeyOf) -> None:
        """The keys of this page, wherever they are written."""
        self.go.setToolTip(with_key("Start", key("start_training")))
        self.cancel_button.setToolTip(with_key("Stop", key("stop_training")))

    def _take_result(self, result: Result) -> None:
        self.result = result
        self.curves.show_history(result.history)
        self.outcome.show_card(card_words(result.card) if result.card is not None else "")
        self._show_form()

    def _show_form(self) -> None:
        if self.job is not None:
            return
        missing = self.form.missing()
        self.go.setEnabled(not missing)
        there = self.result is not None and self.result.history and self.result.policy is None
        self.go.setText("Go on" if there else "Start")
        if missing or self._asks:
            self._say(missing)
        self._asks = bool(missing)

    # -- training --------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start, or go on with what the output folder holds."""
        if self.job is not None or self.form.missing():
            return
        self._looking.cancel()
        self.job = self._start(arguments_of(self.form.config()), self, "post-training", True)
        self.job.progressed.connect(self._show_progress)
        self.job.said.connect(self._say)
        self.job.done.connect(self._show_done)
        self.job.failed.connect(self._show_failed)
        self._set_running(True)
        self._say("Reading …")
        self.job.start()

    def cancel(self) -> None:
        """End what runs: the training, else the comparison."""
        job = self.job or self.comparison
        if job is not None:
            self._say("Stopping …")
            job.cancel()

    def stop(self) -> None:
        """The window closes: end every process and thread. Idempotent."""
        for job in (self.job, self.comparison):
            if job is not None:
                job.stop()
        self.job = self.comparison = None
        self._reading.stop()
        self._looking.stop()

    def _show_progress(self, progress: dict[str, Any]) -> None:
        self.bar.setRange(0, max(1, progress["steps"]))
        self.bar.setValue(progress["step"])
        self.curves.add({"step": float(progress["step"]), **progress["figures"]})
        if progress["event"] == "losses":
            step, steps = grouped(progress["step"]), grouped(progress["steps"])
            self._say(f"Step {step} of {steps}, {time_left(progress['minutes_left'])}")

    def _show_done(self, result: dict[str, Any]) -> None:
        self._over("info", f"✓  The policy is {result['policy']}. {result['fitted']}".strip())
        self.look()

    def _show_failed(self, words: str) -> None:
        stopped = "Stopped. What is learned is saved; starting again goes on from there."
        self._over("error" if words else "info", words or stopped)
        self.look()

    def _over(self, level: str, words: str) -> None:
        job, self.job = self.job, None
        if job is not None:
            job.deleteLater()
        self._set_running(False)
        self._say(words, failed=level == "error")
        self._tell(level, words)

    def _tell(self, level: str, words: str) -> None:
        if not self.isVisible():
            self.ended.emit(level, words)

    # -- comparison ------------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """Play the old and the new policy on the same scenes of the world that is open."""
        result, arena = self.result, self.arena
        if self.comparison is not None or result is None or result.policy is None:
            return
        if arena is None:
            self.outcome.say("Open a world first: both policies are tried in the world that is open.")
            return
        words = [
            "compare-policies",
            f"--old={_base_of(result, self.form.config().base)}",
            f"--new={result.policy}",
            *arena.words(),
        ]
        words += ["--attempts", str(ATTEMPTS), "--json", "--progress", "json"]
        self.comparison = self._start(words, self, "comparison", False)
        self.comparison.progressed.connect(self._show_pairs)
        self.comparison.done.connect(self._show_comparison)
        self.comparison.failed.connect(self._compared)
        self.outcome.say("Loading the world and both policies …")
        self._set_running(self.job is not None)
        self.comparison.start()

    def _show_pairs(self, progress: dict[str, Any]) -> None:
        self.outcome.show_pairs(progress["seeds"])
        done, of = progress["attempts"], progress["of"]
        self.outcome.say(f"{done} of {of} scenes, {time_left(progress['minutes_left'])}")

    def _show_comparison(self, result: dict[str, Any]) -> None:
        self.outcome.show_pairs(result["seeds"])
        self._compared(comparison_words(result), "info")

    def _compared(self, words: str, level: str = "error") -> None:
        job, self.comparison = self.comparison, None
        if job is not None:
            job.deleteLater()
        self._set_running(self.job is not None)
        self.outcome.say(words or "The comparison was stopped.")
        if self.job is None and not words:
            self._say("")
        self._tell(level if words else "info", words or "The comparison was stopped.")

    # -- widgets ---------------------------------------------------------------------------------------------------

    def _set_running(self, training: bool) -> None:
        comparing = self.comparison is not None
        self.form.set_running(training)
        self.bar.setVisible(training)
        if training and self.bar.maximum() == self.bar.value():
            self.bar.setRange(0, 0)
        self.go.setVisible(not training)
        self.cancel_button.setVisible(training or comparing)
        self.outcome.compare.setEnabled(not comparing and not training)
        self.outcome.drive.setEnabled(not training)

    def _say(self, words: str, failed: bool = False) -> None:
        self.words.setText(f"⚠  {words}" if failed else words)
        self.words.setProperty("failed", failed)
        polish(self.words)

    def _drive(self, seed: int | None = None) -> None:
        if self.result is not None and self.result.policy is not None:
            self.drive_asked.emit(self.result.policy, seed)

    def _connect(self) -> None:
        self._reading.part.connect(self.form.add_session)
        self._reading.done.connect(lambda _answer: self._show_form())
        self._reading.failed.connect(lambda words: self._say(words, failed=True))
        self._looking.done.connect(self._take_result)
        self._looking.failed.connect(lambda words: self._say(words, failed=True))
        self.form.changed.connect(self._show_form)
        self.form.out_changed.connect(self.look)
        self.form.folder_chosen.connect(self.read)
        self.go.clicked.connect(self.begin)
        self.cancel_button.clicked.connect(self.cancel)
        self.outcome.drive_asked.connect(self._drive)
        self.outcome.row_opened.connect(self._drive)
        self.outcome.compare_asked.connect(self.compare)

    def _lay_out(self) -> None:
        title, head, head_row = PlainLabel("Post-training"), QFrame(), QHBoxLayout()
        title.setObjectName("pagetitle")
        head.setObjectName("pagehead")
        head_row.setContentsMargins(14, 9, 12, 9)
        head_row.addWidget(title, 1)
        head.setLayout(head_row)
        self.words.setObjectName("startwords")
        self.words.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        foot, row = QFrame(), QHBoxLayout()
        foot.setObjectName("verdictbar")
        row.setContentsMargins(14, 6, 12, 6)
        row.addWidget(self.words, 1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.go)
        foot.setLayout(row)
        right, shown = QWidget(), QVBoxLayout()
        shown.setContentsMargins(0, 0, 0, 0)
        shown.addWidget(self.curves, 1)
        shown.addWidget(self.outcome, 1)
        right.setLayout(shown)
        self._left, middle = _scrolled(self.form), QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._left)
        middle.addWidget(_scrolled(right), 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addLayout(middle, 1)
        whole.addWidget(self.bar)
        whole.addWidget(foot)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        outcome = self.outcome
        reach_by_tab(
            self,
            [*self.form.controls, outcome.drive, outcome.compare, outcome.table, self.cancel_button, self.go],
        )
        self.show_keys(lambda name: "")

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """The form keeps at most half of the width; see QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._left.setFixedWidth(min(theme.px(440), self.width() // 2))


def _base_of(result: Result, otherwise: Path) -> Path:
    """The weights that a result began with, as its card names them."""
    base = (result.card or {}).get("base")
    return Path(str(base["weights"])) if isinstance(base, dict) and "weights" in base else otherwise


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName("sidepanel")
    inside.setObjectName("sidecontent")
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area
