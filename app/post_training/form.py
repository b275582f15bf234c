"""What a post-training begins with: base, sessions with corrections, demonstrations, mixture and length."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.post_training.reading import Corrections
from app.post_training.words import chosen_words
from app.widgets import theme
from app.widgets.labels import PlainLabel, plain_tip
from app.widgets.numbers import grouped
from models.post_training.config import PostTrainConfig
from models.post_training.options import CORRECTIONS, Selection, Weights

WEIGHTINGS = {"Every step equally": "uniform", "IWR": "iwr", "Sirius": "sirius"}
PARTS = {"The operator's part": "operator", "Whole attempts": "whole"}
DEFAULT = PostTrainConfig(Path(), Path(), ())


class Form(QWidget):
    """The fields; `config` is what they say."""

    changed = pyqtSignal()
    """The user chose something else."""
    out_changed = pyqtSignal()
    """Another output folder was named."""
    folder_chosen = pyqtSignal(object)
    """Path of another folder of sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.base, self.demos, self.out = QLineEdit(), QLineEdit("data/push_t/demos"), QLineEdit("runs/corrected")
        self.base_button, self.demos_button, self.sessions_button = _browse(), _browse(), QPushButton("Folder…")
        self.sessions = QTreeWidget()
        self.summary = PlainLabel()
        self.weighting, self.part = _choice(WEIGHTINGS), _choice(PARTS)
        self.own = QCheckBox("Also own successes")
        self.share, self.steps, self.rate = QDoubleSpinBox(), QSpinBox(), QDoubleSpinBox()
        self.own.setToolTip("Also learn from attempts in these sessions that the policy solved without an operator")
        self.summary.setWordWrap(True)
        self._typed_base = False
        """Whether the base is the user's own choice."""
        self._set_up()
        self._lay_out()

    @property
    def controls(self) -> Sequence[QWidget]:
        """What Tab reaches, in reading order."""
        return (
            self.base, self.base_button, self.sessions, self.sessions_button, self.own, self.demos, self.demos_button,
            self.share, self.weighting, self.part, self.steps, self.rate, self.out,
        )  # fmt: skip

    @property
    def chosen(self) -> list[Corrections]:
        """The sessions that are ticked."""
        items = [self.sessions.topLevelItem(place) for place in range(self.sessions.topLevelItemCount())]
        return [
            item.data(0, Qt.ItemDataRole.UserRole)
            for item in items
            if item is not None and item.checkState(0) == Qt.CheckState.Checked
        ]

    def config(self) -> PostTrainConfig:
        """As the fields say."""
        folders = tuple(one.folder for one in self.chosen)
        selection = Selection(part=self.part.currentData(), review=CORRECTIONS.review)
        return PostTrainConfig(
            base=_path(self.base), out=_path(self.out), demos=(_path(self.demos),), sessions=folders,
            own_successes=folders if self.own.isChecked() else (), share=self.share.value() / 100,
            selection=selection, weights=Weights(self.weighting.currentData()), steps=self.steps.value(),
            rate=self.rate.value(), every=min(DEFAULT.every, self.steps.value()),
        )  # fmt: skip

    def missing(self) -> str:
        """What has to be chosen before anything can start; "" where nothing is missing."""
        if not self.base.text().strip():
            return "Name the weights file of the base policy: the policy that is open has none."
        if not self.chosen:
            return "Tick at least one session with accepted corrections."
        if not self.demos.text().strip():
            return "Name the demonstrations that the base was trained on."
        return "" if self.out.text().strip() else "Name an output folder."

    def offer_base(self, weights: Path | None) -> None:
        """The policy that is open; a base that the user chose stays."""
        if not self._typed_base:
            self.base.setText("" if weights is None else str(weights))

    def clear_sessions(self) -> None:
        """Forget every session."""
        self.sessions.clear()
        self._show_sum()

    def add_session(self, found: Corrections) -> None:
        """One more session; ticked where it has corrections."""
        item = QTreeWidgetItem([found.folder.name, grouped(found.accepted), grouped(found.steps)])
        usable = not found.trouble and found.accepted > 0
        item.setData(0, Qt.ItemDataRole.UserRole, found)
        item.setCheckState(0, Qt.CheckState.Unchecked)
        item.setToolTip(0, plain_tip(f"{found.folder}\n{found.trouble or f'task {found.task}'}"))
        for column in (1, 2):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if found.trouble:
            item.setDisabled(True)
        self.sessions.blockSignals(True)
        self.sessions.addTopLevelItem(item)
        item.setCheckState(0, Qt.CheckState.Checked if usable else Qt.CheckState.Unchecked)
        self.sessions.blockSignals(False)
        self._show_sum()

    def set_running(self, running: bool) -> None:
        """While a training runs, nothing can be chosen."""
        for field in self.controls:
            field.setEnabled(not running)

    def _show_sum(self) -> None:
        self.summary.setText(chosen_words(self.chosen))
        self.changed.emit()

    def _set_up(self) -> None:
        self.sessions.setObjectName("keylist")
        self.sessions.setHeaderLabels(["Session", "Accepted", "Operator steps"])
        self.sessions.setRootIsDecorated(False)
        self.sessions.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        head = self.sessions.header()
        if head is not None:
            head.setStretchLastSection(False)
            head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.sessions.setMinimumHeight(theme.px(120))
        self.sessions.itemChanged.connect(lambda _item, _column: self._show_sum())
        _number(self.share, 1, 99, 100 * DEFAULT.share)
        self.share.setSuffix(" %")
        self.share.setDecimals(0)
        _number(self.steps, 1, 1_000_000, DEFAULT.steps)
        self.rate.setDecimals(6)
        _number(self.rate, 1e-6, 1e-2, DEFAULT.rate)
        self.base.textEdited.connect(self._on_base)
        for field in (self.base, self.demos):
            field.textChanged.connect(lambda _text: self.changed.emit())
        self.out.textChanged.connect(lambda _text: self.out_changed.emit())
        self.base_button.clicked.connect(self._ask_base)
        self.demos_button.clicked.connect(self._ask_demos)
        self.sessions_button.clicked.connect(self._ask_sessions)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(5)

        def titled(words: str, *fields: QWidget) -> None:
            label, row = PlainLabel(words), QHBoxLayout()
            label.setObjectName("dim")
            label.setWordWrap(True)
            row.setSpacing(8)
            for place, field in enumerate(fields):
                row.addWidget(field, 1 if place == 0 else 0)
                if isinstance(field, QLineEdit | QPushButton):
                    row.setAlignment(field, Qt.AlignmentFlag.AlignTop)
            column.addWidget(label)
            column.addLayout(row)
            column.addSpacing(3)

        titled("Base policy", self.base, self.base_button)
        titled("Sessions with corrections", self.summary, self.sessions_button)
        column.addWidget(self.sessions, 1)
        column.addWidget(self.own)
        titled("Demonstrations of the base", self.demos, self.demos_button)
        titled("Share of corrections in every batch", self.share)
        titled("Weighting of their steps", self.weighting)
        titled("What of an attempt is learned", self.part)
        titled("Steps", self.steps)
        titled("Peak of the learning rate", self.rate)
        titled("Output folder", self.out)
        self._show_sum()

    def _on_base(self) -> None:
        self._typed_base = True

    def _ask_base(self) -> None:
        found = QFileDialog.getOpenFileName(self, "Weights of the base policy", self.base.text(), "*.safetensors")[0]
        if found:
            self._typed_base = True
            self.base.setText(found)

    def _ask_demos(self) -> None:
        self._ask_folder("Demonstrations", self.demos.setText)

    def _ask_sessions(self) -> None:
        self._ask_folder("Folder of sessions", lambda found: self.folder_chosen.emit(Path(found)))

    def _ask_folder(self, title: str, take: Callable[[str], None]) -> None:
        found = QFileDialog.getExistingDirectory(self, title, self.demos.text())
        if found:
            take(found)


def _path(field: QLineEdit) -> Path:
    return Path(field.text().strip()).expanduser()


def _browse() -> QPushButton:
    return QPushButton("Browse…")


def _choice(items: dict[str, str]) -> QComboBox:
    box = QComboBox()
    for words, value in items.items():
        box.addItem(words, value)
    return box


def _number(box: QSpinBox | QDoubleSpinBox, low: float, high: float, value: float) -> None:
    box.setButtonSymbols(box.ButtonSymbols.NoButtons)
    if isinstance(box, QSpinBox):
        box.setRange(int(low), int(high))
        box.setValue(int(value))
    else:
        box.setRange(low, high)
        box.setValue(value)
