"""Shows what a session reports: each event goes to timeline, pictures, window and pages, in a fixed order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from app.opening.bridge import Bridge
from app.opening.live_session import LiveSession
from app.opening.opener import Opened, Preview
from app.pages.pages import Pages
from app.studio.switcher import SessionSwitcher
from app.timeline.controller import TimelineController
from app.timeline.player import TimelinePlayer
from app.timeline.words import branch_title, verdict, with_labels
from app.viewport.widget import Viewport
from app.window.guide import Guide
from app.window.main_window import MainWindow
from core.events import Message, StatesMoved, Status, Stepped, TreeChanged

if TYPE_CHECKING:
    from app.opening.session_folder import RecordedBranch
    from app.playback.frame_reader import FrameReader
    from app.xr.headset import Headset

DT = 0.1
"""Seconds per step of the empty timeline, until a world has its own."""


class SessionDisplay(QObject):
    """Owns the timeline of the session that is open, and forwards events in a fixed order."""

    shown = pyqtSignal(object)
    """The frame of this Status is on the screen."""

    def __init__(self, session: LiveSession, viewport: Viewport, headset: "Headset | None") -> None:
        super().__init__()
        self._session, self._viewport, self._headset = session, viewport, headset
        self.timeline = TimelineController(session, viewport, DT)
        self.player = TimelinePlayer(self, self)
        self.player.attach(self.timeline)
        self._displayed: Status | None = None
        self._unread: Sequence[RecordedBranch] = ()
        session.submitting.connect(self.player.stop)

    def connect(
        self, bridge: Bridge, window: MainWindow, pages: Pages, switcher: SessionSwitcher, guide: Guide
    ) -> None:
        """Follow the events of a bridge from now on."""
        self._window, self._pages, self._switcher, self._guide = window, pages, switcher, guide
        bridge.status.connect(self.show_status)
        bridge.tree.connect(self._show_tree)
        bridge.stepped.connect(self._show_step)
        bridge.states.connect(self._show_moves)
        bridge.message.connect(self.tell)
        self._session.stand_in.connect(lambda words: self.tell(Message("warning", words)))
        self._viewport.displayed.connect(self._on_displayed)
        switcher.kept.connect(self.show_status)
        switcher.previewed.connect(self._show_preview)
        switcher.closing.connect(self._leave)

    def attach(self, opened: Opened) -> None:
        """Another session is open: its timeline takes the place of the old one."""
        self._guide.begin()
        spec = opened.parts.world.spec
        self.timeline = TimelineController(self._session, self._viewport, spec.dt, frame_reader(opened))
        self.player.attach(self.timeline)
        self._session.attach(opened, self.timeline.model.length)
        self._unread = opened.past
        self._window.set_timeline(self.timeline.timeline)
        self._viewport.set_cameras(spec.cameras)
        self._viewport.set_recording(opened.folder is not None)
        self._window.show_session(opened.parts, opened.folder)

    def show_status(self, status: Status) -> None:
        """The newest status."""
        if self._session.opened is None:
            return  # of a session that is closed
        self._session.take_status(status)
        if self._switcher.busy:
            return  # the window shows what is being opened
        self._viewport.show_status(status)
        self.timeline.take_status(status)
        self._guide.look(status, self._session.tree)
        self._pages.take_status(status)
        model, at = self.timeline.model, status.head.branch
        self._viewport.set_verdict(verdict(model, status.head))
        self._window.show_status(status, model.length(at), branch_title(model, at), model.steps())

    def tell(self, message: Message) -> None:
        """Words about the session, with the names that the timeline shows; the name of a verb helps no user."""
        text = with_labels(message.text, self.timeline.model)
        details = {name: words for name, words in message.details.items() if name != "verb"}
        self._window.show_message(replace(message, text=text, details=details))
        if self._headset is not None:
            self._headset.say(replace(message, text=text))

    def _leave(self) -> None:
        self._pages.leave_session()
        self._window.key_router.release_all()
        self.player.cancel()
        self.timeline.stop()

    def _show_preview(self, preview: Preview) -> None:
        self._viewport.set_cameras(preview.spec.cameras)
        self._viewport.show_frames(preview.observation.frames)
        self._window.show_world(preview.spec, preview.why)

    def _show_tree(self, event: TreeChanged) -> None:
        if self._session.opened is None:
            return
        self._session.take_tree(event)
        self.timeline.take_tree(event)
        if self._unread:  # the tree came first: now its branches have a place
            self.timeline.load(self._unread)
            self._unread = ()
        self._pages.take_tree()
        self._window.show_history(event.history, lambda words: with_labels(words, self.timeline.model))

    def _show_step(self, event: Stepped) -> None:
        if self._session.opened is not None:
            self.timeline.take_step(event)
            plan = event.plan if event.source == "policy" and isinstance(event.plan, np.ndarray) else None
            self._viewport.show_plan(plan)

    def _show_moves(self, event: StatesMoved) -> None:
        if self._session.opened is not None:
            self.timeline.take_moves(event)

    def _on_displayed(self) -> None:
        drawn = self._viewport.drawn
        if drawn is not None and drawn is not self._displayed:
            self._displayed = drawn
            self._window.show_displayed(drawn)
            self.shown.emit(drawn)


def frame_reader(opened: Opened) -> "FrameReader | None":
    """A reader of recorded frames; None where nothing is recorded."""
    if opened.archive is None:
        return None
    from app.playback.frame_reader import FrameReader  # with the store, which the first window does not wait for

    return FrameReader(opened.archive, tuple(camera.name for camera in opened.parts.world.spec.cameras))
