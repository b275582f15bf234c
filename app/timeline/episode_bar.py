"""The corner of the timeline: which episode is shown, zoom, and the trash."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.timeline.model import TimelineModel, episode_letter
from app.widgets import icons, theme
from app.widgets.labels import ColouredLabel


class EpisodeBar(QFrame):
    """Shows and changes what a TimelineModel shows; never takes the keyboard."""

    zoom_out = pyqtSignal()
    zoom_in = pyqtSignal()
    fit = pyqtSignal()
    height_changed = pyqtSignal(int)
    """+1 for taller lanes, -1 for lower ones."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timelinehead")
        self._model = model
        self._title = ColouredLabel()
        self._title.setObjectName("episode")
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.previous = self._button("previous", "Previous episode", lambda: self._turn(-1))
        self.following = self._button("following", "Next episode", lambda: self._turn(+1))
        self.trash = self._button("discard", "Show discarded branches", self._toggle_trash)
        self.trash.setCheckable(True)
        self.trash.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.hidden = self._button("hidden", "Show hidden branches", self._toggle_hidden)
        self.hidden.setCheckable(True)
        self.hidden.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        for row in (top, bottom):
            row.setSpacing(2)
        top.addWidget(self.previous)
        top.addWidget(self._title, 1)
        top.addWidget(self.following)
        bottom.addWidget(self._button("zoom_out", "Zoom out (wheel)", self.zoom_out.emit))
        bottom.addWidget(self._button("zoom_in", "Zoom in (wheel)", self.zoom_in.emit))
        bottom.addWidget(self._button("fit", "Fit the whole episode", self.fit.emit))
        bottom.addWidget(self._button("down", "Lower lanes (Alt and wheel)", lambda: self.height_changed.emit(-1)))
        bottom.addWidget(self._button("up", "Taller lanes (Alt and wheel)", lambda: self.height_changed.emit(+1)))
        bottom.addStretch(1)
        bottom.addWidget(self.hidden)
        bottom.addWidget(self.trash)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(2)
        column.addLayout(top)
        column.addLayout(bottom)
        model.subscribe(self.refresh)
        self._shown: tuple[object, ...] = ()
        self.refresh()

    def refresh(self) -> None:
        """Follow the model; does nothing where nothing of this bar changed."""
        model = self._model
        shown = (
            model.order_revision, model.episode, model.discarded, model.shows_trash, model.hidden, model.shows_hidden
        )  # fmt: skip
        if self._shown == shown:
            return
        self._shown, episodes = shown, model.episodes()
        place = episodes.index(model.episode) if model.episode in episodes else None
        if place is None:
            self._title.show_words("No episode")
            self.setToolTip("")
        else:
            trunk = model.trunk()
            seed = trunk.scene_seed if trunk is not None else "unknown"
            count = f"{place + 1} of {len(episodes)}" if len(episodes) > 1 else ""
            self._title.show_parts([[(f"Episode {episode_letter(place)}", ""), (f" {count}", theme.TEXT_DIM)]])
            self.setToolTip(f"Episode {place + 1} of {len(episodes)}, scene seed {seed}")
        self.previous.setEnabled(place is not None and place > 0)
        self.following.setEnabled(place is not None and place < len(episodes) - 1)
        self.trash.setVisible(model.discarded > 0)
        self.trash.setText(str(model.discarded))
        self.trash.setChecked(model.shows_trash)
        self.hidden.setVisible(model.hidden > 0)
        self.hidden.setText(str(model.hidden))
        self.hidden.setChecked(model.shows_hidden)

    def _turn(self, direction: int) -> None:
        episodes = self._model.episodes()
        if self._model.episode in episodes:
            place = episodes.index(self._model.episode) + direction
            self._model.show_episode(episodes[max(0, min(len(episodes) - 1, place))])

    def _toggle_trash(self) -> None:
        self._model.show_trash(not self._model.shows_trash)

    def _toggle_hidden(self) -> None:
        self._model.show_hidden(not self._model.shows_hidden)

    def _button(self, icon: str, words: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icons.icon(icon, theme.TEXT_DIM))
        button.setIconSize(QSize(16, 16))
        button.setObjectName("small")
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda _checked=False: act())
        return button
