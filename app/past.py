"""The timeline of one session: fed with its events, and what the user does to it turned into verbs and previews."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QInputDialog, QMenu

from app.past_frames import Frames, PastFrames
from app.studio import Studio
from app.timeline import Timeline
from app.timeline_model import TimelineModel
from app.viewport import Viewport
from core.events import Status, Stepped, TreeChanged
from core.verbs import Discard, Mark, Pause, Rename, Replay, RollBack, SetReview, Verb

if TYPE_CHECKING:
    from app.frame_reader import FrameReader
    from app.recording import Strip


class Past(QObject):
    """Owns the model and the widget; a new session gets a new one."""

    def __init__(self, studio: Studio, viewport: Viewport, dt: float, reader: "FrameReader | None" = None) -> None:
        super().__init__()
        self._studio, self._viewport, self._reader = studio, viewport, reader
        self._wish: tuple[int, int] | None = None
        self.frames = PastFrames()
        self.model = TimelineModel(dt)
        self.timeline = Timeline(self.model)
        self.timeline.seek_requested.connect(self.seek)
        self.timeline.preview_requested.connect(self.preview)
        self.timeline.preview_ended.connect(self.end_preview)
        self.timeline.rename_requested.connect(self.ask_name)
        self.timeline.menu_requested.connect(self.show_menu)
        if reader is not None:
            reader.found.connect(self._show_found)

    def load(self, strips: "Sequence[Strip]") -> None:
        """What was recorded before this session was opened."""
        for strip in strips:
            self.model.load_steps(strip.branch, strip.source, strip.trust, strip.progress)
            for node, frame in strip.pictures:
                self.model.add_thumbnail(strip.branch, node, frame)

    def stop(self) -> None:
        """End the reader's thread."""
        if self._reader is not None:
            self._reader.stop()

    def take_tree(self, event: TreeChanged) -> None:
        """A new tree."""
        self.model.tree_changed(event)

    def take_step(self, event: Stepped) -> None:
        """One more step."""
        self.model.stepped(event)
        self.frames.put(event.branch, event.index + 1, event.observation.frames)

    def take_status(self, status: Status) -> None:
        """The head, and its frames."""
        self.model.status(status)
        self.frames.put(status.head.branch, status.head.index, status.observation.frames)

    def seek(self, branch: int, node: int) -> None:
        """Go to a node."""
        self._viewport.show_seeking(f"Step {node} of {self.model.label(branch)}")
        self._studio.submit(RollBack(branch, node))

    def preview(self, branch: int, node: int) -> None:
        """Show a node's picture while the head stays: the frames that were seen, else what the reader finds."""
        owner = self.model.owner(branch, node)
        self._wish = (owner, node)
        frames = self.frames.get(owner, node)
        if frames is None and self._reader is not None:
            self._reader.ask(owner, node)
            frames = self._thumbnail(branch, node)
        if frames is not None:
            self._viewport.show_preview(frames, f"Step {node} of {self.model.label(branch)}")

    def end_preview(self) -> None:
        """Back to the head's picture."""
        self._wish = None
        self._viewport.end_preview()

    def _show_found(self, branch: int, node: int, frames: Frames) -> None:
        """The reader found frames; they are shown where they are still wished for."""
        self.frames.put(branch, node, frames)
        if self._wish == (branch, node):
            self._viewport.show_preview(frames, f"Step {node} of {self.model.label(branch)}")

    def ask_name(self, branch: int) -> None:
        """Ask for the name of a branch."""
        known = self.model.tree.branches.get(branch)
        name, given = QInputDialog.getText(
            self.timeline, "Name this branch", "Name", text=known.name if known is not None else ""
        )
        self._window_again()
        if given:
            self._studio.submit(Rename(name.strip(), branch))

    def ask_note(self) -> None:
        """Ask for words about the step under the head; the world waits, or the note would land on a later step."""
        status = self._studio.status
        if status is not None and status.phase != "PAUSED":
            self._studio.submit(Pause())
        text, given = QInputDialog.getText(self.timeline, "Note at this step", "Note")
        self._window_again()
        if given and text.strip():
            self._studio.submit(Mark("note", text.strip()))

    def _window_again(self) -> None:
        """After a dialog the keys are the window's again, also where no window manager sees to it."""
        window = self.timeline.window()
        if window is not None:
            window.activateWindow()

    def show_menu(self, branch: int, node: int, place: QPoint) -> None:
        """What can be done to a branch."""
        menu = QMenu(self.timeline)
        entries: tuple[tuple[str, Verb], ...] = (
            (f"Go to step {node}", RollBack(branch, node)),
            ("Replay", Replay(branch)),
            ("Accept", SetReview("accepted", branch)),
            ("Reject", SetReview("rejected", branch)),
            ("Discard", Discard(branch)),
        )
        for words, verb in entries:
            action = menu.addAction(words)
            if action is not None:
                action.triggered.connect(lambda _checked=False, verb=verb: self._studio.submit(verb))
        rename = menu.addAction("Rename…")
        if rename is not None:
            rename.triggered.connect(lambda: self.ask_name(branch))
        menu.exec(place)
        menu.deleteLater()

    def _thumbnail(self, branch: int, node: int) -> Frames | None:
        """The small picture of the first camera, under its name."""
        found, cameras = self.model.picture(branch, node), self._viewport.view.cameras
        return {cameras[0].name: found[1]} if found is not None and cameras else None
