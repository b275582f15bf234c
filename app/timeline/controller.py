"""The timeline of one session: fed with its events, and what the user does to it turned into verbs and previews."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QInputDialog

from app.opening.live_session import LiveSession
from app.timeline.branch_menu import BranchMenu
from app.timeline.frame_cache import Frames, PastFrames
from app.timeline.model import TimelineModel
from app.timeline.thumbnails import MOST_CAMERAS
from app.timeline.tracks import BY_SOURCE
from app.timeline.widget import Timeline
from app.viewport.widget import Viewport
from core.branch_tree import Head
from core.events import StatesMoved, Status, Stepped, TreeChanged
from core.verbs import Mark, Pause, Rename, RollBack, SetNote

if TYPE_CHECKING:
    from app.opening.session_folder import RecordedBranch
    from app.playback.frame_reader import FrameReader

AHEAD = 6
"""Frames that are read in advance while the user moves through the past."""


class TimelineController(QObject):
    """Owns the model and the widget; a new session gets a new one."""

    def __init__(
        self, session: LiveSession, viewport: Viewport, dt: float, reader: "FrameReader | None" = None
    ) -> None:
        super().__init__()
        self._session, self._viewport, self._reader = session, viewport, reader
        self._wish: Head | None = None
        self._sought_at = 0.0
        self._last = 0
        self._phase = ""
        self.frames = PastFrames()
        self.model = TimelineModel(dt)
        self.timeline = Timeline(self.model)
        self.timeline.seek_requested.connect(self.seek)
        self.timeline.preview_requested.connect(self.preview)
        self.timeline.preview_ended.connect(self.end_preview)
        self.timeline.rename_requested.connect(self.ask_name)
        self.timeline.menu_requested.connect(self.show_menu)
        self.timeline.pictures_wanted.connect(self._fetch_pictures)
        if reader is not None:
            reader.found.connect(self._show_found)
            reader.filled.connect(self.model.add_thumbnail)

    def load(self, branches: "Sequence[RecordedBranch]") -> None:
        """What was recorded before this session was opened; its pictures are read when they are looked at."""
        for steps in branches:
            self.model.load_steps(steps.branch, BY_SOURCE[steps.source], steps.trust, steps.progress)
        self.model.refresh()

    def stop(self) -> None:
        """End the reader's thread; what it found last is for a window that may be gone."""
        if self._reader is not None:
            self._reader.found.disconnect(self._show_found)
            self._reader.filled.disconnect(self.model.add_thumbnail)
            self._reader.stop(wait=False)
            self._reader = None

    def take_tree(self, event: TreeChanged) -> None:
        """A new tree."""
        self.model.tree_changed(event)

    def take_step(self, event: Stepped) -> None:
        """One more step."""
        self.model.stepped(event)
        self.frames.put(event.branch, event.index + 1, event.observation.frames)

    def take_moves(self, event: StatesMoved) -> None:
        """States went to disk or came back."""
        for branch, node, in_memory in event.moves:
            self.model.kept(branch, node, in_memory=in_memory)
        self.model.tell()

    def take_status(self, status: Status) -> None:
        """The head, and its frames; in another phase the card under the pointer is out of date, and in the way."""
        if status.phase != self._phase:
            self._phase = status.phase
            self.timeline.hide_card()
        self.model.status(status)
        if status.shown_at >= self._sought_at:
            self.timeline.show_requested(None)
        self.frames.put(status.head.branch, status.head.index, status.observation.frames)

    def seek(self, branch: int, node: int) -> None:
        """Go to a node."""
        self._viewport.show_seeking(f"Step {node} of {self.model.label(branch)}")
        self._sought_at = time.monotonic()
        self.timeline.show_requested(Head(branch, node))
        self._session.submit(RollBack(branch, node))

    def preview(self, branch: int, node: int) -> None:
        """Show a node's picture while the head stays: the frames that were seen, else what the reader finds."""
        owner = self.model.owner(branch, node)
        self._wish = Head(branch, node)
        stride, self._last = node - self._last, node
        frames = self.frames.get(owner, node)
        if self._reader is not None and frames is None:
            self._reader.ask(owner, node, self._expected(branch, node, stride))
        if frames is not None:
            self._show(frames, node)
            return
        small = self._thumbnail(branch, node)
        if small is not None:
            self._show(small[1], small[0])

    def end_preview(self) -> None:
        """Back to the head's picture."""
        self._wish = None
        self.timeline.show_shown(None)
        self._viewport.end_preview()

    def _expected(self, branch: int, node: int, stride: int) -> list[tuple[int, int]]:
        """Nodes that come next if the movement goes on."""
        length = self.model.length(branch)
        nodes = [node + stride * ahead for ahead in range(1, AHEAD + 1)] if 0 < abs(stride) <= 64 else []
        return [(self.model.owner(branch, n), n) for n in nodes if 0 <= n <= length]

    def _show(self, frames: Frames, shown: int) -> None:
        """Show pictures of the requested step, or of another one in their place."""
        wish = self._wish
        if wish is None:
            return
        words = f"Step {wish.index} of {self.model.label(wish.branch)}"
        self._viewport.show_preview(frames, words if shown == wish.index else f"{words}, seen is step {shown}")
        self.timeline.show_shown(None if shown == wish.index else shown)

    def _show_found(self, branch: int, node: int, frames: Frames) -> None:
        """The reader found frames; they are shown if they are still requested."""
        self.frames.put(branch, node, frames)
        wish = self._wish
        if wish is not None and (self.model.owner(wish.branch, wish.index), wish.index) == (branch, node):
            self._show(frames, node)

    def _fetch_pictures(self, wanted: list[tuple[int, int]]) -> None:
        """Small pictures for the film: from frames that were seen, else from the disk when it has time."""
        missing = []
        for branch, node in wanted:
            frames = self.frames.get(branch, node)
            if frames is not None:
                self.model.add_thumbnail(branch, node, frames)
            else:
                missing.append((branch, node))
        if self._reader is not None:
            self._reader.fill(missing)

    def ask_name(self, branch: int) -> None:
        """Ask for the name of a branch."""
        known = self.model.tree.branches.get(branch)
        title = f"Name branch {self.model.label(branch)}"
        name = self._ask(title, "Name", known.name if known is not None else "")
        if name is not None:
            self._session.submit(Rename(name, branch))

    def ask_branch_note(self, branch: int) -> None:
        """Ask for the note of a branch."""
        known = self.model.tree.branches.get(branch)
        title = f"Note on branch {self.model.label(branch)}"
        text = self._ask(title, "Note", known.note if known is not None else "")
        if text is not None:
            self._session.submit(SetNote(text, branch))

    def ask_note(self, branch: int | None = None, node: int | None = None) -> None:
        """Ask for words about a step, usually the head's; the world waits, or they would land on a later step."""
        status = self._session.status
        if status is not None and status.phase != "PAUSED":
            self._session.submit(Pause())
        text = self._ask("Note at this step" if node is None else f"Note at step {node}", "Note")
        if text:
            owner = None if branch is None or node is None else self.model.owner(branch, node)
            self._session.submit(Mark("note", text, owner, node))

    def ask_step(self) -> str | None:
        """Ask for a step to go to; what was typed."""
        head = self.model.head
        return (
            None if head is None else self._ask("Go to step", "Step, +10, −10, or seconds as 12.5 s", str(head.index))
        )

    def _ask(self, title: str, label: str, text: str = "") -> str | None:
        """One line from the user; None where it was taken back."""
        words, given = QInputDialog.getText(self.timeline, title, label, text=text)
        window = self.timeline.window()
        if window is not None:  # the keys are the window's again, also where no window manager sees to it
            window.activateWindow()
        return words.strip() if given else None

    def show_menu(self, branch: int, node: int, place: QPoint) -> None:
        """What can be done to a step (node -1: to no step) and to its branch."""
        menu = BranchMenu(self, self._session, branch, node if node >= 0 else None)
        menu.exec(place)
        menu.deleteLater()

    def _thumbnail(self, branch: int, node: int) -> tuple[int, Frames] | None:
        """(node, the small pictures of the first cameras), as near as there is one."""
        found, cameras = self.model.picture(branch, node), self._viewport.view.cameras[:MOST_CAMERAS]
        if found is None or not cameras:
            return None
        parts = np.array_split(found[1], len(cameras), 1)
        return found[0], {camera.name: part for camera, part in zip(cameras, parts, strict=True)}
