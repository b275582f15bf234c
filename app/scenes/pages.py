"""The three ways in which a new scene starts, a page of the dialog each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.opening.scene_book import FIRST_SEED
from app.scenes.starts import PICTURES, from_pictures, recorded_start
from app.timeline.model import labels_of
from app.timeline.words import KINDS, clock
from app.widgets.labels import PlainLabel, plain_tip
from core.branch_tree import Head
from core.errors import BadConfig, BadStore, StudioError
from core.observation import Observation
from core.store.archive import StoreArchive, open_archive
from core.task import Scene
from core.world import WorldSpec

Start = int | Observation
"""A seed, or what is seen at the start."""
Discovered = tuple[Start | None, Observation | None, str]
"""A start, None while it is not chosen yet; what it looks like, None where unknown; words on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What there is to start from."""

    spec: WorldSpec
    scene_of: Callable[[int], Scene]
    """The scene of a seed."""
    seed: int
    """Offered first."""
    here: Observation
    """At the head."""
    head: Head
    archive: StoreArchive | None
    """Of the session that is open; None where nothing is recorded."""
    sessions: Path
    """Where other sessions are looked for."""


class Page(QWidget):
    """One way."""

    changed = pyqtSignal()
    """start() would give something else."""
    title = ""

    def __init__(self, known: Known) -> None:
        super().__init__()
        self._known = known
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self._build()
        self.column.addStretch(1)

    def _build(self) -> None:
        """Make the widgets."""

    def start(self) -> Discovered:
        """What was chosen.

        Raises:
            StudioError: nothing, or something that does not fit; in words.
        """
        raise NotImplementedError


def dim(words: str) -> PlainLabel:
    """A quiet label."""
    label = PlainLabel(words)
    label.setObjectName("dim")
    return label


PICTURED = frozenset({"transport", "structured"})
"""Kinds of worlds that start from pictures only."""


class SeedPage(Page):
    """A number: the same scene in every world."""

    title = "A seed"

    def _build(self) -> None:
        self.number = QLineEdit(str(self._known.seed))
        self.number.setMaximumWidth(180)
        self.number.textChanged.connect(self.changed)
        self.setFocusProxy(self.number)
        row = QHBoxLayout()
        row.addWidget(dim("Seed"))
        row.addWidget(self.number)
        row.addStretch(1)
        self.column.addLayout(row)

    def start(self) -> Discovered:
        """See Page.start."""
        text = self.number.text().strip()
        if not text.isdecimal() or not 0 <= int(text) < FIRST_SEED:
            raise BadConfig(f"A seed is a whole number from 0 to {FIRST_SEED - 1}; {text or 'nothing'!r} is not.")
        seen = self._known.scene_of(int(text)).observation
        if seen is None:
            if self._known.spec.kind in PICTURED:
                raise BadConfig(f"No picture comes with seed {int(text)}, and this world starts from pictures.")
            return int(text), None, "No picture comes with this seed: the simulator starts it without."
        return int(text), seen, "The same seed is the same start in every world."


class StepPage(Page):
    """A step of this session or of another one."""

    title = "A recorded step"

    def _build(self) -> None:
        self._archive: StoreArchive | None = self._known.archive
        self._refused: StudioError | None = None
        self.session, self.branch = PlainLabel(), QComboBox()
        self.slider, self.step = QSlider(Qt.Orientation.Horizontal), QSpinBox()
        self.step.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        other = QPushButton("Other session…")
        other.setAutoDefault(False)
        other.clicked.connect(self._ask)
        self.branch.currentIndexChanged.connect(self._turn)
        self.slider.valueChanged.connect(self.step.setValue)
        self.step.valueChanged.connect(self.slider.setValue)
        self.step.valueChanged.connect(lambda _: self.changed.emit())
        self.setFocusProxy(self.step)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.session, 1)
        first.addWidget(other)
        for part, stretch in ((self.branch, 0), (self.slider, 1), (self.step, 0)):
            second.addWidget(part, stretch)
        self.column.addLayout(first)
        self.column.addLayout(second)
        self.show_archive(self._archive)

    def show_archive(self, archive: StoreArchive | None) -> None:
        """Offer the steps of a session; None offers the step under the head only."""
        self._archive, self._refused, known = archive, None, self._known
        mine = archive is None or archive is known.archive
        self.session.setText("This session" if mine or archive is None else archive.folder.name)
        tree = None if archive is None else archive.tree()
        self.branch.blockSignals(True)
        self.branch.clear()
        if tree is not None:
            labels = labels_of(tree)
            for branch in tree.branches.values():
                self.branch.addItem(f"{labels[branch.id]}  {branch.name or KINDS[branch.kind]}", branch.id)
        head = known.head if mine or archive is None else archive.head()
        if head is not None:
            self.branch.setCurrentIndex(max(0, self.branch.findData(head.branch)))
        self.branch.blockSignals(False)
        for part in (self.branch, self.slider, self.step):
            part.setEnabled(tree is not None)
        self._turn()
        if head is not None:
            self.step.setValue(head.index)
        self.changed.emit()

    def start(self) -> Discovered:
        """See Page.start."""
        if self._refused is not None:
            raise self._refused
        if self._archive is None:
            return self._known.here, self._known.here, "The step under the head; nothing else is recorded."
        branch = self.branch.currentData()
        if branch is None:
            raise BadStore(f"The session {self._archive.folder} holds no step yet. Choose another one.")
        seen = recorded_start(self._archive, int(branch), self.step.value(), self._known.spec.cameras)
        at = clock(self.step.value() * self._known.spec.dt)
        return (
            seen,
            seen,
            f"Step {self.step.value()}, after {at}. The world builds its scene from these pictures.",
        )

    def _turn(self) -> None:
        branch = self.branch.currentData()
        last = 0 if self._archive is None or branch is None else self._archive.tree().branches[int(branch)].length
        for part in (self.slider, self.step):
            part.setRange(0, last)
        self.changed.emit()

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A session", str(self._known.sessions))
        if folder:
            self.open(Path(folder))

    def open(self, folder: Path) -> None:
        """Offer the steps of another session."""
        try:
            self.show_archive(open_archive(folder))
        except StudioError as error:
            self._refused = error
            self.session.setText(folder.name)
            self.changed.emit()


class PicturePage(Page):
    """A file per camera, and where the end effectors were."""

    title = "Pictures"

    def _build(self) -> None:
        self.paths: dict[str, Path] = {}
        self._names: dict[str, PlainLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, camera in enumerate(self._known.spec.cameras):
            name, button = PlainLabel("not chosen"), QPushButton("Choose…")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, camera=camera.name: self._ask(camera))
            self._names[camera.name] = name
            words = f"Camera {camera.name}, {camera.width} × {camera.height}"
            for column, part in enumerate((dim(words), name, button)):
                grid.addWidget(part, row, column)
        self.hands = QComboBox()
        self.hands.addItems(["at home", "as at the step under the head"])
        self.hands.currentIndexChanged.connect(lambda _: self.changed.emit())
        grid.addWidget(dim("The hands are"), len(self._known.spec.cameras), 0)
        grid.addWidget(self.hands, len(self._known.spec.cameras), 1)
        self.column.addLayout(grid)

    def choose(self, camera: str, path: Path) -> None:
        """Take a picture for a camera."""
        self.paths[camera] = path
        self._names[camera].setText(path.name)
        self._names[camera].setToolTip(plain_tip(str(path)))
        self.changed.emit()

    def start(self) -> Discovered:
        """See Page.start."""
        ee = self._known.spec.home if self.hands.currentIndex() == 0 else self._known.here.ee_state
        if not self.paths:
            return None, None, "Choose one picture per camera, taken from that camera's place."
        cameras = self._known.spec.cameras
        seen = from_pictures(self.paths, cameras, np.asarray(ee, np.float32))
        missing = [camera.name for camera in cameras if camera.name not in seen.frames]
        if missing:
            return None, seen, f"Now the picture of camera {missing[0]!r}."
        return seen, seen, "The hands must be in the pictures where you say they are."

    def _ask(self, camera: str) -> None:
        path, _ = QFileDialog.getOpenFileName(self, f"Picture of camera {camera}", "", PICTURES)
        if path:
            self.choose(camera, Path(path))
