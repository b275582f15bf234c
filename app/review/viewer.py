"""One branch to look at: pictures that play, a strip to scrub on, and its curves. Reads on separate threads."""

from collections.abc import Callable

import numpy as np
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.playback.background import Background
from app.playback.frame_reader import FrameReader
from app.playback.moves import acts_on
from app.playback.over import Over
from app.playback.pictures import Frames, PictureView, paths_of
from app.playback.player import Player
from app.playback.playhead import LEAD
from app.playback.plot_panel import PlotPanel
from app.playback.scrub_bar import Mark, ScrubBar
from app.playback.tracks import Track, track_of
from app.playback.transport import Transport
from app.timeline.words import clock
from core.branch_tree import Branch, BranchTree, lineage
from core.step import SOURCES
from core.store.archive import StoreArchive

DROVE = {"policy": "the policy drove", "operator": "an operator drove", "replay": "replayed"}


class BranchViewer(QWidget):
    """Shows a branch of an archive; plays it as soon as it is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures, self.scrub, self.transport, self.plots = PictureView(), ScrubBar(), Transport(), PlotPanel()
        self.player = Player(ready=lambda: not self._waiting)
        self._reader: FrameReader | None = None
        self._archive: StoreArchive | None = None
        self._tracks = Background("review curves")
        self._branch: Branch | None = None
        self._track: Track | None = None
        self._waiting = False
        self._paths_on = True
        self._lay_out()
        self.player.moved.connect(self._show_node)
        self.player.changed.connect(self._show_player)
        self.scrub.sought.connect(self.player.seek)
        self.plots.sought.connect(self.player.seek)
        self.transport.asked.connect(lambda name: self.acts()[name]())
        self.transport.step.entered.connect(self.player.seek)
        self.transport.step.left.connect(self.setFocus)
        self._tracks.done.connect(self._show_track)
        self._tracks.failed.connect(self._show_no_track)
        self.clear("")

    def _lay_out(self) -> None:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pictures, 1)
        column.addWidget(self.scrub)
        column.addWidget(self.transport)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Over(upper, self.plots, (360, 230)))

    @property
    def branch(self) -> Branch | None:
        """What is looked at."""
        return self._branch

    @property
    def track(self) -> Track | None:
        """Its columns, once they are read."""
        return self._track

    def show_branch(self, archive: StoreArchive, tree: BranchTree, branch: int) -> None:
        """Look at a branch from a little before its fork, and play it; a branch that is seen already plays on."""
        found = tree.branches[branch]
        same = self._archive is archive and self._branch is not None and self._branch.id == branch
        if self._archive is not archive:
            self._look_into(archive)
        self._branch = found
        marks = [m for b in lineage(tree, branch) for m in b.markers if m.index <= found.length]
        first = max(0, found.fork_step - LEAD) if found.parent is not None else 0
        self.scrub.show_range(first, found.length, found.fork_step, [Mark(m.index, m.kind) for m in marks])
        if same and self.player.head.last == found.length:
            return
        self._track, self._waiting = None, False
        self.pictures.set_paths(None)
        self.plots.show_track(None)
        self.scrub.show_drivers(())
        self._tracks.ask(lambda tell: track_of(archive, tree, branch))
        if not same:
            self.player.clear_range()
        self.player.load(first, found.length, first)
        if not self.player.playing and self.isVisible():
            self.player.set_speed(abs(self.player.speed))

    def clear(self, words: str) -> None:
        """Look at nothing, and say why."""
        self.player.stop()
        self._branch = self._track = None
        self.pictures.show_words(words)
        self.pictures.set_paths(None)
        self.plots.show_track(None)
        self.scrub.show_drivers(())
        self.scrub.show_range(0, 1, 0)
        self.transport.show_place(0, "", "")

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the commands that play do, by their names."""
        return {
            **acts_on(self.player),
            "event_back": lambda: self.to_event(-1),
            "event_forward": lambda: self.to_event(+1),
            "paths": self.toggle_paths,
        }

    def to_event(self, direction: int) -> None:
        """Go to the nearest fork, marker or end in a direction."""
        self.player.seek(self.scrub.event_from(self.player.head.node, direction))

    def toggle_paths(self) -> None:
        """Draw the paths over the pictures, or do not."""
        self._paths_on = not self._paths_on
        self.pictures.show_paths(self._paths_on)
        self._show_player()

    def ask_step(self) -> None:
        """Let a step be typed."""
        self.transport.step.setFocus()
        self.transport.step.selectAll()

    def release(self) -> None:
        """Close the session that is shown, without waiting for what is being read."""
        self.player.stop()
        self._tracks.cancel()
        self._close_reader()
        self._archive = None

    def stop(self) -> None:
        """End the reading threads, when the program ends."""
        self.release()
        self._tracks.stop()

    def _look_into(self, archive: StoreArchive) -> None:
        self._close_reader()
        self._archive = archive
        cameras = archive.cameras()
        self.pictures.set_cameras(cameras)
        self._reader = FrameReader(archive, tuple(camera.name for camera in cameras))
        self._reader.found.connect(self._show_found)
        self._reader.missed.connect(self._show_missed)
        self.player.dt = archive.dt

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.found.disconnect()
            self._reader.missed.disconnect()
            self._reader.stop(wait=False)
            self._reader = None

    def _show_node(self, node: int) -> None:
        if self._branch is None or self._reader is None:
            return
        self._waiting = True
        self._reader.ask(self._branch.id, node)
        self.scrub.show_head(node)
        self._show_place()

    def _known_of(self, node: int) -> tuple[str, ...]:
        """What is known of a node, longest wording first."""
        track = self._track
        if track is None or not 0 <= node <= track.last:
            return ("",)
        code = int(track.source[node])
        drove = DROVE[SOURCES[code]] if 0 <= code < len(SOURCES) else "the start"
        shared = ", shared with its parent" if node <= track.fork and track.fork > 0 else ""
        if np.isnan(track.trust[node]):
            return f"{drove}{shared}", drove
        trust = f"trust {100 * track.trust[node]:.0f} %"
        return f"{drove}{shared} · {trust}", f"{drove} · {trust}", trust

    def _show_found(self, branch: int, node: int, frames: Frames) -> None:
        if self._branch is None or branch != self._branch.id:
            return
        self._waiting = node != self.player.head.node and self._waiting
        self.pictures.show_frames(frames, node)

    def _show_missed(self, branch: int, node: int, words: str) -> None:
        if self._branch is not None and branch == self._branch.id:
            self._waiting = False
            self.pictures.show_words(words)

    def _show_track(self, track: Track) -> None:
        if self._branch is None or track.branch != self._branch.id:
            return
        self._track = track
        self.pictures.set_paths(paths_of(track.ee_state, track.fork))
        self.scrub.show_drivers([(0, track.source)])
        self.plots.show_track(track, self.player.head.first)
        self._show_place()

    def _show_no_track(self, words: str) -> None:
        self.transport.show_place(self.player.head.node, "", words)

    def _show_place(self) -> None:
        if self._branch is not None:
            node = self.player.head.node
            of = f"of {self._branch.length} · {clock(node * self.player.dt)}"
            self.transport.show_place(node, of, *self._known_of(node))
            self.plots.set_head(node)

    def _show_player(self) -> None:
        self.scrub.show_played(self.player.head.begin, self.player.head.end)
        self.transport.show_player(self.player.speed, self.player.playing)
        self.transport.show_choices(loop=self.player.head.loops, paths=self._paths_on)
