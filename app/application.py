"""The one wiring file: configuration -> parts, devices, session, store, runtime, bridge and window."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFileDialog

from app.bridge import Bridge
from app.commands import BY_NAME
from app.config import Config
from app.hands import Hands, keyboard_motion
from app.main_window import MainWindow
from app.opening import Opened, Opener, Preview
from app.past import Past
from app.settings import WindowSettings
from app.viewport import Viewport
from core.branch_tree import BranchTree, Head
from core.errors import StudioError
from core.events import Message, Status, Stepped, TreeChanged
from core.verbs import SetDevice, Verb

if TYPE_CHECKING:
    from app.frame_reader import FrameReader
    from app.recording import Strip

SCREENSHOTS = Path("out/screenshots")
DT = 0.1
"""Seconds per step of the empty timeline, until a world says its own."""


class Application(QObject):
    """A running studio; implements app.studio.Studio."""

    ready = pyqtSignal()
    """The session can be driven."""
    shown = pyqtSignal(object)
    """The frame of this Status is on the screen."""
    opening_failed = pyqtSignal(str)
    """Why nothing could be opened, in words; the window lives on."""

    def __init__(self, config: Config, settings: WindowSettings | None = None) -> None:
        super().__init__()
        self.config = config
        self.hands = Hands()
        self.bridge = Bridge(self)
        self.viewport = Viewport()
        self.past = Past(self, self.viewport, DT)
        self.window = MainWindow(self, self.viewport, self.past.timeline, settings or WindowSettings())
        if config.size is not None:
            self.window.resize(*config.size)
        self._opener = Opener(self.bridge.emit, self.hands)
        self.opened: Opened | None = None
        self._status: Status | None = None
        self._swapped: Status | None = None
        self._tree = TreeChanged(BranchTree(), Head(0, 0))
        self._unread: Sequence[Strip] = ()
        self._connect()

    def _connect(self) -> None:
        self.bridge.status.connect(self._show_status)
        self.bridge.tree.connect(self._show_tree)
        self.bridge.stepped.connect(self._show_step)
        self.bridge.message.connect(self.window.show_message)
        self._opener.words.connect(self.window.show_loading)
        self._opener.previewed.connect(self._show_preview)
        self._opener.opened.connect(self._attach)
        self._opener.failed.connect(self._show_failure)
        self.viewport.frameSwapped.connect(self._on_swap)
        self.window.device_chosen.connect(self.choose_device)
        self.window.closing.connect(self.close)
        self.window.offer_devices(self.hands.names)
        self.window.set_keyboard(self.hands.keyboard, keyboard_motion())

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Show the window; what is slow to load begins when it is on the screen."""
        self.window.show_loading("Starting")
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        QTimer.singleShot(0, lambda: self.open(self.config))

    def open(self, config: Config) -> None:
        """Close what is open and open something else."""
        self.close_session()
        self.config = config
        self.window.show_loading("Loading the world")
        self._opener.open(config)

    def close(self) -> None:
        """Stop every thread; what is recorded is on disk afterwards."""
        self._opener.stop()
        self.close_session()
        self.hands.close()

    def dispose(self) -> None:
        """Close, and let go of the window while Qt still lives; for whoever made this object."""
        self.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()

    def close_session(self) -> None:
        """Close the session that is open, if any; the window stays."""
        opened, self.opened = self.opened, None
        self._status, self._tree = None, TreeChanged(BranchTree(), Head(0, 0))
        self.window.key_router.release_all()
        self.past.stop()
        if opened is not None:
            opened.close()

    # -- what comes in ---------------------------------------------------------------------------------------------

    def _show_preview(self, preview: Preview) -> None:
        self.viewport.set_cameras(preview.spec.cameras)
        self.viewport.show_frames(preview.observation.frames)
        self.window.show_world(preview.spec, preview.why)

    def _attach(self, opened: Opened) -> None:
        """The session runs: from now on its events are shown."""
        self.opened = opened
        spec = opened.parts.world.spec
        self.past = Past(self, self.viewport, spec.dt, frame_reader(opened))
        self.window.set_timeline(self.past.timeline)
        self.viewport.set_cameras(spec.cameras)
        self.viewport.set_recording(opened.folder is not None)
        self.window.show_session(opened.parts, opened.folder)
        self.choose_device(self.config.device)
        self._unread = opened.past
        opened.runtime.start()
        self.ready.emit()

    def _show_failure(self, words: str) -> None:
        self.opening_failed.emit(words)
        self.window.show_failure(
            words, [("Try again", lambda: self.open(self.config)), ("Open session…", self.open_session)]
        )

    def _show_status(self, status: Status) -> None:
        if self.opened is None:
            return  # of a session that is closed
        self._status = status
        self.viewport.show_status(status)
        self.past.take_status(status)
        self.window.show_status(status, self.length(status.head.branch))

    def _show_tree(self, event: TreeChanged) -> None:
        if self.opened is not None:
            self._tree = event
            self.past.take_tree(event)
            if self._unread:  # the tree came first: now its branches have a place
                self.past.load(self._unread)
                self._unread = ()
            self.window.show_tree(event)

    def _show_step(self, event: Stepped) -> None:
        if self.opened is not None:
            self.past.take_step(event)
            plan = event.plan if event.source == "policy" and isinstance(event.plan, np.ndarray) else None
            self.viewport.show_plan(plan)

    def _on_swap(self) -> None:
        drawn = self.viewport.drawn
        if drawn is not None and drawn is not self._swapped:
            self._swapped = drawn
            self.window.show_swapped(drawn)
            self.shown.emit(drawn)

    # -- app.studio.Studio -----------------------------------------------------------------------------------------

    @property
    def status(self) -> Status | None:
        """See Studio."""
        return self._status

    @property
    def tree(self) -> BranchTree:
        """See Studio."""
        return self._tree.tree

    @property
    def head(self) -> Head | None:
        """See Studio."""
        return self._status.head if self._status is not None else None

    def length(self, branch: int) -> int:
        """See Studio."""
        return self.past.model.length(branch)

    def submit(self, *verbs: Verb) -> None:
        """See Studio; while loading there is nobody to hear."""
        if self.opened is not None:
            for verb in verbs:
                self.opened.runtime.submit(verb)

    def run_command(self, name: str) -> None:
        """Trigger a command's action, exactly as its key does; nothing where it is not possible."""
        self.window.command_actions[BY_NAME[name].name].trigger()

    def choose_device(self, name: str) -> None:
        """Open a device and let it drive corrections."""
        try:
            self.hands.assign(name)
        except StudioError as error:
            self.window.show_message(Message("error", str(error)))
            return
        self.submit(SetDevice(name))

    def screenshot(self) -> None:
        """See Studio."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / time.strftime("%Y-%m-%d_%H-%M-%S.png")
        if self.window.grab().save(str(path)):
            self.window.show_message(Message("info", f"Saved {path}."))
        else:
            self.window.show_message(Message("error", f"The screenshot could not be written to {path.absolute()}."))

    def new_scene_from(self) -> None:
        """See Studio."""

    def open_session(self) -> None:
        """See Studio."""
        where = str(self.config.sessions or Path.cwd())
        folder = QFileDialog.getExistingDirectory(self.window, "Open session", where)
        if folder:
            self.open(replace(self.config, session=Path(folder)))

    def toggle_full_screen(self) -> None:
        """See Studio."""
        if self.window.isFullScreen():
            self.window.showNormal()
        else:
            self.window.showFullScreen()

    def show_help(self) -> None:
        """See Studio."""
        self.window.help_card.toggle()

    def leave(self) -> None:
        """See Studio."""
        if not self.window.help_card.isHidden():
            self.window.help_card.toggle()
        elif self.window.isFullScreen():
            self.window.showNormal()

    def quit(self) -> None:
        """See Studio."""
        self.window.close()


def frame_reader(opened: Opened) -> "FrameReader | None":
    """A reader of recorded frames; None where nothing is recorded."""
    if opened.archive is None:
        return None
    from app.frame_reader import FrameReader  # with the store, which the first window does not wait for

    return FrameReader(opened.archive, tuple(camera.name for camera in opened.parts.world.spec.cameras))
