"""The row under pictures that play: play or stop, step, speed, loop, paths."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from app.commands.key_words import KeyOf, with_key
from app.widgets import icons, theme
from app.widgets.fields import StepField
from app.widgets.fitting import Wording
from app.widgets.labels import PlainLabel


class Transport(QFrame):
    """Shows the player; its buttons ask."""

    asked = pyqtSignal(str)
    """The name of a command that plays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 10, 2)
        row.setSpacing(4)
        self._play = self._button("play_pause", "run")
        row.addWidget(self._play)
        step = PlainLabel("Step")
        step.setObjectName("dim")
        row.addSpacing(4)
        row.addWidget(step)
        self.step = StepField()
        row.addWidget(self.step)
        self._of = PlainLabel()
        self._of.setObjectName("dim")
        row.addWidget(self._of)
        self._where = Wording()
        self._where.setObjectName("dim")
        self._where.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(self._where, 1)
        self._speed = PlainLabel("1×")
        self._speed.setObjectName("dim")
        row.addWidget(self._speed)
        self._loop, self._paths = self._choice("loop", "Loop"), self._choice("paths", "Paths")
        row.addSpacing(8)
        row.addWidget(self._loop)
        row.addWidget(self._paths)
        self.show_keys(lambda name: "")

    def show_keys(self, key: KeyOf) -> None:
        """The keys of the page, in the tool tips."""
        self._play.setToolTip(with_key("Play or stop", key("play_pause")))
        self.step.setToolTip(with_key("Go to step", key("go_to_step")))
        self._loop.setToolTip(with_key("Begin again at the end", key("loop")))
        self._paths.setToolTip(with_key("Draw the paths of the end effectors", key("paths")))
        keys = " and ".join(filter(None, (key("play_back"), key("play"))))
        self._speed.setToolTip(f"Speed: {keys}, again for twice the speed" if keys else "Speed")

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What Tab reaches, in reading order."""
        return self._play, self.step, self._loop, self._paths

    def _button(self, name: str, icon: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icons.icon(icon, theme.TEXT))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.asked.emit(name))
        return button

    def _choice(self, name: str, text: str) -> QToolButton:
        button = self._button(name, "")
        button.setObjectName("choice")
        button.setText(text)
        button.setCheckable(True)
        button.setChecked(True)
        return button

    def show_player(self, speed: float, playing: bool) -> None:
        """What it plays at, or would."""
        self._play.setIcon(icons.icon("pause" if playing else "run", theme.TEXT))
        backwards = "backwards " if speed < 0 else ""
        self._speed.setText(f"{backwards}{abs(speed):g}×")

    def show_place(self, node: int, of: str, *where: str) -> None:
        """The step, what it is out of, and what is known of it: wordings, longest first."""
        self.step.show_step(node)
        self._of.setText(of)
        self._where.show_wordings(*where)

    def show_choices(self, *, loop: bool, paths: bool) -> None:
        """What is ticked."""
        self._loop.setChecked(loop)
        self._paths.setChecked(paths)
