"""One branch of a comparison: its name, where it is, and its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout

from app.compare.alignment import Place
from app.playback.frame_reader import FrameReader
from app.playback.pictures import Frames, PictureView, paths_of
from app.playback.tracks import Track
from app.review.head import OUTCOMES
from app.review.queue_view import COLOURS, ICONS, VERDICTS
from app.timeline.words import KINDS
from app.widgets import icons, theme
from app.widgets.fitting import HeadBar
from app.widgets.labels import ColouredLabel, PlainLabel
from core.branch_tree import Branch, Outcome
from core.store.archive import StoreArchive

BEYOND = {-1: "not begun", 0: "", 1: "ended"}
PLACES = ("Reference", "Against it", "Third", "Fourth")


@dataclass(frozen=True, slots=True)
class Choice:
    """A branch that a pane can show."""

    branch: int
    words: str
    """A1  around the left."""
    outcome: Outcome


def choice_of(branch: Branch, label: str) -> Choice:
    """A branch as a pane offers it."""
    return Choice(branch.id, f"{label}  {branch.name or KINDS[branch.kind]}", branch.outcome)


class Pane(QFrame):
    """Shows one branch; reads its frames on a separate thread."""

    chosen = pyqtSignal(int, int)
    """Number of the pane, and the branch that it is to show."""
    shown = pyqtSignal()
    """A frame was shown, or cannot be."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.number, self.waiting = number, False
        self._branch = -1
        self._place = Place(0, 0)
        self._reader: FrameReader | None = None
        self._archive: StoreArchive | None = None
        self.choice, self.outcome, self.where = QComboBox(), ColouredLabel(), PlainLabel()
        self.choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(4)
        self.choice.activated.connect(self._on_choice)
        self.where.setObjectName("dim")
        swatch = QFrame()
        swatch.setFixedSize(14, 14)
        swatch.setStyleSheet(f"background: {theme.LANES[number]}; border-radius: 3px;")
        self.pictures = PictureView()
        bar = HeadBar((self.where, self.outcome))
        bar.setObjectName("panebar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(8)
        row.addWidget(swatch)
        row.addWidget(self.choice, 1)
        row.addWidget(self.outcome)
        row.addWidget(self.where)
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.pictures, 1)
        self._bar = bar

    @property
    def branch(self) -> int:
        """What it shows."""
        return self._branch

    @property
    def place(self) -> Place:
        """Where it is."""
        return self._place

    def show_branch(self, archive: StoreArchive, branch: Branch, track: Track) -> None:
        """Show another branch."""
        if self._archive is not archive:
            self.stop()
            cameras = archive.cameras()
            self.pictures.set_cameras(cameras)
            self._archive = archive
            self._reader = FrameReader(archive, tuple(camera.name for camera in cameras))
            self._reader.found.connect(self._show_found)
            self._reader.missed.connect(self._show_missed)
        self._branch, self.waiting = branch.id, False
        self.pictures.set_paths(paths_of(track.ee_state, track.fork))
        verdict = VERDICTS.get(branch.review)
        judged = [[(verdict[2], verdict[1])]] if verdict is not None else []
        self.outcome.show_parts([[(OUTCOMES[branch.outcome], COLOURS[branch.outcome])], *judged])

    def offer(self, choices: Sequence[Choice]) -> None:
        """The branches that can be chosen; an icon says how each ended."""
        self.choice.clear()
        for one in choices:
            icon = ICONS.get(one.outcome, "open")
            self.choice.addItem(icons.icon(icon, COLOURS[one.outcome]), one.words, one.branch)
        self.choice.setCurrentIndex([one.branch for one in choices].index(self._branch))
        self.choice.setToolTip(PLACES[self.number])

    def go(self, place: Place) -> None:
        """Show a place of the branch."""
        self._place = place
        words = f"step {place.node}" + (f", {BEYOND[place.beyond]}" if place.beyond else "")
        if len(words) != len(self.where.text()):
            self.where.setText(words)
            self._bar.refit()
        else:
            self.where.setText(words)
        if self._reader is not None:
            self.waiting = True
            self._reader.ask(self._branch, place.node)

    def stop(self) -> None:
        """End the reading thread, without waiting for the frame that it reads."""
        if self._reader is not None:
            self._reader.found.disconnect()
            self._reader.missed.disconnect()
            self._reader.stop(wait=False)
        self._reader = self._archive = None
        self.waiting = False

    def _show_found(self, branch: int, node: int, frames: Frames) -> None:
        if branch == self._branch:
            self.waiting = self.waiting and node != self._place.node
            self.pictures.show_frames(frames, node, dimmed=self._place.beyond != 0 and node == self._place.node)
            self.shown.emit()

    def _show_missed(self, branch: int, node: int, words: str) -> None:
        if branch == self._branch:
            self.waiting = False
            self.pictures.show_words(words)
            self.shown.emit()

    def _on_choice(self, index: int) -> None:
        self.chosen.emit(self.number, int(self.choice.itemData(index)))
