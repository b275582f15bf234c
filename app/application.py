"""The one wiring file: configuration -> devices, session, store, runtime, bridge and window."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QTimer, pyqtSignal

from app.commands.command import Command
from app.export.controller import ExportController
from app.inputs.controller import InputController
from app.inputs.input_devices import InputDevices
from app.inputs.pedal import Pedal
from app.inputs.polling import InputPolling
from app.opening.bridge import Bridge
from app.opening.config import Config
from app.opening.live_session import LiveSession
from app.opening.opener import Opened, Opener
from app.pages.page import PageRow
from app.pages.pages import Pages
from app.pages.table import PAGES
from app.scenes.controller import SceneController
from app.studio.display import SessionDisplay
from app.studio.studio import Studio
from app.studio.switcher import SessionSwitcher
from app.studio.table import COMMANDS, carry_out
from app.viewport.widget import Viewport
from app.window.guide import Guide
from app.window.main_window import MainWindow
from app.window.picture_menu import PictureMenu
from app.window.settings import WindowSettings
from core.events import Message
from core.verbs import JumpInHistory
from devices.discovery import Driver
from devices.keyboard.words import motion_words
from models import load_operator

if TYPE_CHECKING:
    from app.timeline.controller import TimelineController
    from app.xr.headset import Headset


class Application(QObject):
    """A running studio: makes the parts, connects them, starts and ends them."""

    ready = pyqtSignal()
    """The session can be driven."""

    def __init__(
        self,
        config: Config,
        settings: WindowSettings | None = None,
        drivers: Mapping[str, Driver] | None = None,
        commands: Sequence[Command[Studio]] = COMMANDS,
        pages: Sequence[PageRow] = PAGES,
    ) -> None:
        """Make every part; nothing is opened before start().

        Args:
            config: What start() opens.
            settings: What the window remembers; None for the user's own.
            drivers: Of hardware by name; None for all.
            commands: Rows of the commands.
            pages: Rows of the pages beside driving.
        """
        super().__init__()
        self._commands = tuple(commands)
        self.headset = headset_of(config)
        self.hands = InputDevices(config.profile, drivers, self.headset.drivers if self.headset is not None else None)
        self.bridge, self.session, self.viewport = Bridge(self), LiveSession(), Viewport()
        self.display = SessionDisplay(self.session, self.viewport, self.headset)
        self._settings = settings = settings or WindowSettings()
        self.window = MainWindow(
            commands,
            lambda command: carry_out(self.studio, command),
            self.viewport,
            self.timeline.timeline,
            settings,
        )
        self._picture_menu = PictureMenu(self.viewport, self.window.command_actions, self.window.show_message)
        self.guide = Guide(settings, self.window.command_actions.key_words, self.window.show_message, config.hints)
        if config.size is not None:
            self.window.resize(*config.size)
        self.switcher = SessionSwitcher(
            config, self.session, Opener(self.bridge.emit, self.hands), self.window, lambda: self.hands.choice
        )
        self.input_polling = InputPolling(self.session, self.window, self.hands, self)
        self.input_controller = InputController(self.session, self.hands, self.window, self.viewport, self)
        if self.headset is not None:
            self.input_controller.panel.tell_of_headset(lambda: self.headset.words if self.headset is not None else "")
        self._pedal = Pedal(self.window, self.hands.hold_clutch, lambda: self.hands.clutched)
        self.pages = Pages(
            self.session, self.window, lambda: self.switcher.config.sessions, drive=self._drive, rows=pages,
            opening=lambda: self.switcher.busy, config=lambda: self.switcher.config,
            open=self._open,
        )  # fmt: skip
        self.export = ExportController(self.window, self.window.show_message)
        self.studio = self._studio()
        self._connect()

    def _studio(self) -> Studio:
        window, player = self.window, self.display.player
        return Studio(
            window=window,
            pages=self.pages,
            ways_out=(
                window.leave_card, player.cancel, window.leave_full_screen, self.pages.leave, self.switcher.cancel,
            ),
            session=self.session,
            player=player,
            timeline=lambda: self.timeline,
            viewport=self.viewport,
            inputs=self.input_controller,
            scenes=SceneController(self.session, lambda: self.switcher.config, window, window.show_message),
            export=self.export,
            switcher=self.switcher,
            headset=self.headset,
        )  # fmt: skip

    def _connect(self) -> None:
        self.display.connect(self.bridge, self.window, self.pages, self.switcher, self.guide)
        self.switcher.opened.connect(self._attach)
        self.switcher.closing.connect(self.export.stop)
        self.bridge.tree.connect(lambda _tree: self.export.refresh())
        self.switcher.closed.connect(self.bridge.flush)
        self.pages.turning.connect(self.display.player.stop)
        self.window.device_chosen.connect(self.input_controller.choose_device)
        self.window.session_asked.connect(self._drive)
        self.window.closing.connect(self.close)
        self.window.unwritten = self.session.unwritten
        self.window.history_panel.jumped.connect(lambda done: self.session.submit(JumpInHistory(done)))
        self.input_polling.said.connect(self.display.tell)
        self.input_polling.reassigned.connect(self.input_controller.follow_hands)
        self.window.command_actions["markers"].setChecked(True)  # height is the hardest thing to see
        self.viewport.set_markers(True)
        self.window.offer_devices(self.hands.names)
        self.window.set_keyboard(self.hands.keyboard, motion_words(self.hands.keyboard.motions))

    @property
    def timeline(self) -> "TimelineController":
        """Of the session that is open."""
        return self.display.timeline

    def start(self) -> None:
        """Show the window; what is slow to load begins when it is on the screen."""
        self.window.show_loading("Starting", self.switcher.cancel)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        QTimer.singleShot(0, lambda: self.switcher.open(self.switcher.config))

    def close(self) -> None:
        """Stop every thread; what is recorded is on disk afterwards."""
        self.pages.stop()
        self.input_polling.stop()
        self.switcher.stop()
        self.hands.close()
        if self.headset is not None:
            self.headset.close()

    def dispose(self) -> None:
        """Close, and delete the window while Qt still lives; the caller that made this object calls it."""
        self.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()

    def _drive(self, folder: Path) -> None:
        self.pages.show("drive")
        self.switcher.drive(folder)

    def _open(self, config: Config) -> None:
        self.pages.show("drive")
        self.switcher.open(config)

    def _attach(self, opened: Opened) -> None:
        """The session runs: from now on its events are shown."""
        self.display.attach(opened)
        config = self.switcher.config
        if config.device == "operator":
            self.hands.add("operator", load_operator(opened.parts.task.name)())
        self.input_controller.choose_device(config.device)
        if self.headset is not None:
            world, bindings = opened.parts.world.spec, lambda: self.hands.profile.bindings
            self.headset.watch(self.viewport, lambda: self.timeline.model, world, bindings, self._commands)
            for words in self.headset.take_trouble():
                self.window.show_message(Message("warning", words))
        opened.runtime.start()
        self.input_controller.tell()
        self.pages.take_session()
        if opened.folder is not None:
            self._settings.remember_session(opened.folder)
        if config.hardware:
            self.input_polling.start()
        self.ready.emit()


def headset_of(config: Config) -> "Headset | None":
    """What shows the session in a headset; None where none is wanted."""
    if not config.hardware or config.headset == "off":
        return None
    from app.xr.headset import Headset  # its panels, which a window without a headset does not wait for

    return Headset(config.headset == "auto", config.profile)
