"""The one wiring file: configuration -> parts, devices, session, store, runtime, bridge and window."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFileDialog

from app.commands.command import Command
from app.commands.studio import Mode
from app.commands.table import BY_NAME, COMMANDS
from app.export.controller import ExportController
from app.inputs.controller import InputController
from app.inputs.input_devices import InputDevices
from app.inputs.pedal import Pedal
from app.inputs.polling import InputPolling
from app.opening.bridge import Bridge
from app.opening.config import AUTO, Config
from app.opening.opener import Opened, Opener, Preview
from app.pages import Pages
from app.timeline.controller import TimelineController
from app.timeline.player import TimelinePlayer
from app.timeline.words import branch_title, verdict, with_labels
from app.viewport.widget import Viewport
from app.window import screenshots
from app.window.guide import Guide
from app.window.main_window import MainWindow
from app.window.settings import WindowSettings
from core.branch_tree import BranchTree, Head
from core.errors import StudioError
from core.events import Message, StatesMoved, Status, Stepped, TreeChanged
from core.history import History
from core.verbs import JumpInHistory, NewEpisode, Pause, SetControl, SetDevice, Verb
from devices.discovery import Driver
from devices.keyboard.words import motion_words
from models import load_operator

if TYPE_CHECKING:
    from app.opening.session_folder import RecordedBranch
    from app.playback.frame_reader import FrameReader
    from app.scenes.dialog import SceneDialog
    from app.scenes.pages import Start
    from app.xr.headset import Headset
    from core.store.archive import StoreArchive

DT = 0.1
"""Seconds per step of the empty timeline, until a world says its own."""


class Application(QObject):
    """A running studio; implements app.commands.studio.Studio."""

    ready = pyqtSignal()
    """The session can be driven."""
    shown = pyqtSignal(object)
    """The frame of this Status is on the screen."""
    opening_failed = pyqtSignal(str)
    """Why nothing could be opened, in words; the window lives on."""

    def __init__(
        self, config: Config, settings: WindowSettings | None = None, drivers: Mapping[str, Driver] | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.headset = headset_of(config)
        self.hands = InputDevices(config.profile, drivers, self.headset.drivers if self.headset is not None else None)
        self.bridge = Bridge(self)
        self.viewport = Viewport()
        self.past = TimelineController(self, self.viewport, DT)
        self.deck = TimelinePlayer(self, self)
        self.deck.attach(self.past)
        settings = settings or WindowSettings()
        self.window = MainWindow(COMMANDS, self.carry_out, self.viewport, self.past.timeline, settings)
        self.guide = Guide(settings, self.window.command_actions.key_words, self.window.show_message, config.hints)
        if config.size is not None:
            self.window.resize(*config.size)
        self.input_polling = InputPolling(self, self.hands, self)
        self.input_controller = InputController(self, self.hands, self.window, self.viewport, self)
        if self.headset is not None:
            self.input_controller.panel.tell_of_headset(lambda: self.headset.words if self.headset is not None else "")
        self._pedal = Pedal(self.window, self.hands.hold_clutch, lambda: self.hands.clutched)
        self._opener = Opener(self.bridge.emit, self.hands)
        self.pages = Pages(self, self.window, self.window.pages)
        self.opened: Opened | None = None
        self._status: Status | None = None
        self._displayed: Status | None = None
        self._tree = TreeChanged(BranchTree(), Head(0, 0))
        self._unread: Sequence[RecordedBranch] = ()
        self.export = ExportController(self, self.bridge.tree, self.window, self.window.show_message)
        self._wanted: Config | None = None
        """What is being opened; None while nothing is."""
        self._connect()

    def _connect(self) -> None:
        self.bridge.status.connect(self._show_status)
        self.bridge.tree.connect(self._show_tree)
        self.bridge.stepped.connect(self._show_step)
        self.bridge.states.connect(self._show_moves)
        self.bridge.message.connect(self._show_message)
        self._opener.words.connect(self._show_loading)
        self._opener.previewed.connect(self._show_preview)
        self._opener.opened.connect(self._attach)
        self._opener.failed.connect(self._show_failure)
        self.viewport.displayed.connect(self._on_displayed)
        self.window.device_chosen.connect(self.choose_device)
        self.window.closing.connect(self.close)
        self.window.unwritten = lambda: self.opened.unwritten() if self.opened is not None else None
        self.window.history_panel.jumped.connect(lambda done: self.submit(JumpInHistory(done)))
        self.input_polling.said.connect(self._show_message)
        self.input_polling.reassigned.connect(self.follow_hands)
        self.window.offer_devices(self.hands.names)
        self.window.set_keyboard(self.hands.keyboard, motion_words(self.hands.keyboard.motions))

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Show the window; what is slow to load begins when it is on the screen."""
        self.window.show_loading("Starting", self.cancel_opening)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        QTimer.singleShot(0, lambda: self.open(self.config))

    def open(self, config: Config) -> None:
        """Open something else; what is open stays, paused, until the other is there."""
        if self.opened is not None and config.session is not None and same_folder(config.session, self.opened.folder):
            self.close_session()  # its writer holds the lock
        if self._status is not None and self._status.phase != "PAUSED":
            self.submit(Pause())
        self._wanted = config
        self.window.show_loading("Loading the world", self.cancel_opening)
        self._opener.open(config)

    def cancel_opening(self) -> None:
        """Go on with what was open before."""
        self._opener.cancel()
        self._go_back("Nothing is open", "Opening was cancelled.")

    def _go_back(self, title: str, words: str) -> None:
        """Nothing new was opened: the session that is open goes on; where none is, offer ways on."""
        wanted, self._wanted = self._wanted or self.config, None
        if self._status is not None:
            self._show_status(self._status)
            return
        ways = [("Try again", lambda: self.open(wanted)), ("Open session…", self.open_session)]
        plain = replace(wanted, session=None, world=AUTO, world_weights=None, policy=AUTO, seed=None)
        if plain != wanted:  # what was asked for may never open
            ways.append(("New session", lambda: self.open(plain)))
        self.window.show_failure(title, words, ways)

    def close(self) -> None:
        """Stop every thread; what is recorded is on disk afterwards."""
        self._wanted = None
        self.pages.stop()
        self.input_polling.stop()
        self._opener.stop()
        self.close_session()
        self.hands.close()
        if self.headset is not None:
            self.headset.close()

    def dispose(self) -> None:
        """Close, and let go of the window while Qt still lives; for whoever made this object."""
        self.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()

    def close_session(self) -> None:
        """Close the session that is open, if any; the window stays."""
        self.pages.leave_session()
        opened, self.opened = self.opened, None
        self._status, self._tree = None, TreeChanged(BranchTree(), Head(0, 0))
        self.window.key_router.release_all()
        self.deck.cancel()
        self.past.stop()
        self.export.stop()
        if opened is not None:
            opened.close()
            self.bridge.flush()

    # -- what comes in ---------------------------------------------------------------------------------------------

    def _show_loading(self, words: str) -> None:
        if self._wanted is not None:  # it was not cancelled, and the window is not closed
            self.window.show_loading(words, self.cancel_opening)

    def _show_preview(self, preview: Preview) -> None:
        if self.opened is not None or self._wanted is None:
            return  # the session that is open stays to be seen until the other is there
        self.viewport.set_cameras(preview.spec.cameras)
        self.viewport.show_frames(preview.observation.frames)
        self.window.show_world(preview.spec, preview.why)

    def _attach(self, opened: Opened) -> None:
        """The session runs: from now on its events are shown."""
        self.close_session()
        self.config, self._wanted = self._wanted or self.config, None
        self.opened = opened
        self.guide.begin()
        spec = opened.parts.world.spec
        self.past = TimelineController(self, self.viewport, spec.dt, frame_reader(opened))
        self.deck.attach(self.past)
        self.window.set_timeline(self.past.timeline)
        self.viewport.set_cameras(spec.cameras)
        self.viewport.set_recording(opened.folder is not None)
        self.window.show_session(opened.parts, opened.folder)
        if self.config.device == "operator":
            self.hands.add("operator", load_operator(opened.parts.task.name)())
        self.choose_device(self.config.device)
        self._unread = opened.past
        if self.headset is not None:
            self.headset.watch(self.viewport, lambda: self.past.model, spec, lambda: self.hands.profile.bindings)
            for words in self.headset.take_trouble():
                self.window.show_message(Message("warning", words))
        opened.runtime.start()
        self.input_controller.tell()
        self.pages.take_session()
        if self.config.hardware:
            self.input_polling.start()
        self.ready.emit()

    def _show_failure(self, words: str) -> None:
        self.opening_failed.emit(words)
        if self._status is not None:
            self.window.show_message(Message("error", f"{words} The session that was open goes on."))
        self._go_back("This could not be opened", words)

    def _show_status(self, status: Status) -> None:
        if self.opened is None:
            return  # of a session that is closed
        self._status = status
        if self._wanted is not None:
            return  # the window tells what is being opened
        self.viewport.show_status(status)
        self.past.take_status(status)
        self.guide.look(status, self._tree.tree)
        self.pages.take_status(status)
        self.viewport.set_verdict(verdict(self.past.model, status.head))
        model, at = self.past.model, status.head.branch
        self.window.show_status(status, model.length(at), branch_title(model, at), model.steps())

    def _show_tree(self, event: TreeChanged) -> None:
        if self.opened is not None:
            self._tree = event
            self.past.take_tree(event)
            if self._unread:  # the tree came first: now its branches have a place
                self.past.load(self._unread)
                self._unread = ()
            self.pages.take_tree()
            self.window.show_history(event.history, lambda words: with_labels(words, self.past.model))

    def _show_step(self, event: Stepped) -> None:
        if self.opened is not None:
            self.past.take_step(event)
            plan = event.plan if event.source == "policy" and isinstance(event.plan, np.ndarray) else None
            self.viewport.show_plan(plan)

    def _show_moves(self, event: StatesMoved) -> None:
        if self.opened is not None:
            self.past.take_moves(event)

    def _show_message(self, message: Message) -> None:
        """Words of the session, in the names that the timeline shows; the name of a verb says nothing to a user."""
        text = with_labels(message.text, self.past.model)
        details = {name: words for name, words in message.details.items() if name != "verb"}
        self.window.show_message(replace(message, text=text, details=details))
        if self.headset is not None:
            self.headset.say(replace(message, text=text))

    def _on_displayed(self) -> None:
        drawn = self.viewport.drawn
        if drawn is not None and drawn is not self._displayed:
            self._displayed = drawn
            self.window.show_displayed(drawn)
            self.shown.emit(drawn)

    # -- app.commands.studio.Studio -----------------------------------------------------------------------------------

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

    @property
    def folder(self) -> Path | None:
        """Where the open session is recorded; None where nothing is."""
        return self.opened.folder if self.opened is not None else None

    @property
    def archive(self) -> "StoreArchive | None":
        """See app.pages.Host."""
        return self.opened.archive if self.opened is not None else None

    @property
    def history(self) -> History:
        """See app.pages.Host."""
        return self._tree.history

    @property
    def sessions(self) -> Path | None:
        """See app.pages.Host."""
        return self.config.sessions

    def submit(self, *verbs: Verb) -> None:
        """See Studio; while loading there is nobody to hear. What is played stops first, and it happens there."""
        self.deck.stop()
        if self.opened is not None:
            for verb in verbs:
                self.opened.runtime.submit(verb)

    def carry_out(self, command: Command[Any]) -> None:
        """Do what a command means on the page that is shown."""
        act = self.pages.acts.get(command.name)
        if act is not None:
            act()
        elif command.act is not None:
            command.act(self)

    def run_command(self, name: str) -> None:
        """Trigger a command's action, exactly as its key does; nothing where it is not possible."""
        self.window.command_actions[BY_NAME[name].name].trigger()

    def choose_device(self, name: str) -> None:
        """Open a device and let it drive corrections."""
        if self._status is not None and self._status.phase == "CORRECTING" and name != self.hands.choice:
            self.submit(Pause())  # before the hands change, so that this is no loss of a device
        try:
            self.hands.assign(name)
        except StudioError as error:
            self.window.show_message(Message("error", str(error)))
            return
        self.follow_hands()

    def follow_hands(self) -> None:
        """The session takes its readings from whatever the hands are now, with the feel of that device."""
        if (
            self._status is not None
            and self._status.phase == "CORRECTING"
            and self._status.device != self.hands.assigned
        ):
            self.submit(Pause())
        self.submit(SetDevice(self.hands.assigned), SetControl(self.hands.control))

    def show_mode(self, mode: Mode) -> None:
        """See Studio."""
        self.deck.stop()
        self.pages.show(mode)

    def toggle_plots(self) -> None:
        """See Studio."""
        self.pages.toggle_plots()

    def show_devices(self) -> None:
        """See Studio."""
        self.pages.show("drive")
        self.window.side_column.turn_to("Devices")

    def switch_arm(self) -> None:
        """See Studio."""
        self.hands.switch_arm()

    def screenshot(self) -> None:
        """See Studio."""
        self.window.show_message(screenshots.save(self.window))

    def new_scene_from(self) -> None:
        """See Studio."""
        self.ask_scene()

    def new_scene_from_here(self) -> None:
        """See Studio."""
        if self._status is not None:
            self.start_scene(self._status.observation)

    def ask_scene(self) -> "SceneDialog | None":
        """Pause and open the dialog of new scenes; None while there is no session."""
        if self.opened is None or self._status is None:
            return None
        from app.scenes.ask import scene_dialog  # with the store, which the first window does not wait for

        if self._status.phase != "PAUSED":
            self.submit(Pause())
        dialog = scene_dialog(self.opened, self._status, self.tree, self.config, self.window)
        dialog.chosen.connect(self.start_scene)
        dialog.finished.connect(self.window.activateWindow)  # the keys are the window's again
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def start_scene(self, start: "Start") -> None:
        """Begin a new episode from a seed, or from what is seen."""
        if self.opened is None:
            return
        try:
            seed = start if isinstance(start, int) else self.opened.book.add(start)
        except OSError as error:
            self.window.show_message(Message("error", f"The start could not be kept: {error}. Is the disk full?"))
            return
        self.submit(NewEpisode(seed))

    def recentre(self) -> None:
        """See Studio."""
        if self.headset is not None:
            self.headset.recentre()

    def rescale(self, direction: int) -> None:
        """See Studio."""
        try:
            scale = self.hands.rescale(direction)
        except StudioError as error:
            self.window.show_message(Message("error", str(error)))
            return
        self.submit(SetControl(self.hands.control))
        self.window.show_message(Message("info", f"A hand that moves 10 cm moves its tool {10 * scale:g} cm."))

    def rename_branch(self) -> None:
        """See Studio."""
        if self.head is not None:
            self.past.ask_name(self.head.branch)

    def add_note(self) -> None:
        """See Studio."""
        self.past.ask_note()

    def note_branch(self) -> None:
        """See Studio."""
        if self.head is not None:
            self.past.ask_branch_note(self.head.branch)

    def show_history(self) -> None:
        """See Studio."""
        self.window.side_column.turn_to("History")

    def show_palette(self) -> None:
        """See Studio."""
        self.window.palette_card.present()

    def change_text_size(self, direction: int) -> None:
        """See Studio."""
        self.window.change_text_size(direction)

    def tell(self, message: Message) -> None:
        """See Studio."""
        self._show_message(message)

    def open_session(self) -> None:
        """See Studio."""
        where = str(self.config.sessions or Path.cwd())
        folder = QFileDialog.getExistingDirectory(self.window, "Open session", where)
        if folder:
            self.drive(Path(folder))

    def drive(self, folder: Path) -> None:
        """See app.pages.Host."""
        self.pages.show("drive")
        self.open(replace(self.config, session=folder, world=AUTO, policy=AUTO, device=self.hands.choice))

    def export_session(self) -> None:
        """See Studio."""
        self.export.show()

    def toggle_full_screen(self) -> None:
        """See Studio."""
        if self.window.isFullScreen():
            self.window.showNormal()
        else:
            self.window.showFullScreen()

    def toggle_plan(self) -> None:
        """See Studio."""
        self.viewport.set_plans(self.window.command_actions["plan"].isChecked())

    def toggle_markers(self) -> None:
        """See Studio."""
        self.viewport.set_markers(self.window.command_actions["markers"].isChecked())

    def show_help(self) -> None:
        """See Studio."""
        self.window.help_card.toggle()

    def leave(self) -> None:
        """See Studio."""
        if not self.window.help_card.isHidden():
            self.window.help_card.toggle()
        elif self.deck.cancel():
            return
        elif self.window.isFullScreen():
            self.window.showNormal()
        elif self.pages.mode != "drive":
            self.pages.show("drive")
        elif self._wanted is not None:
            self.cancel_opening()

    def quit(self) -> None:
        """See Studio."""
        self.window.close()


def headset_of(config: Config) -> "Headset | None":
    """What shows the session in a headset; None where none is wanted."""
    if not config.hardware or config.headset == "off":
        return None
    from app.xr.headset import Headset  # its panels, which a window without a headset does not wait for

    return Headset(config.headset == "auto", config.profile)


def same_folder(one: Path, other: Path | None) -> bool:
    """Whether two paths lead to one session."""
    return other is not None and one.resolve() == other.resolve()


def frame_reader(opened: Opened) -> "FrameReader | None":
    """A reader of recorded frames; None where nothing is recorded."""
    if opened.archive is None:
        return None
    from app.playback.frame_reader import FrameReader  # with the store, which the first window does not wait for

    return FrameReader(opened.archive, tuple(camera.name for camera in opened.parts.world.spec.cameras))
