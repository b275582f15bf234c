"""Opens a session off the UI thread: world first, so that its first picture shows while the rest still loads."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from app.opening.config import Config
from app.opening.loading import Parts, load_policy, load_task, load_world
from app.opening.scene_book import SceneBook
from core.control import ControlConfig
from core.errors import StudioError
from core.events import Event, Message, Status
from core.latest_worker import LatestWorker
from core.observation import Observation
from core.reading import DeviceReading
from core.runtime import Runtime
from core.session import Session
from core.world import WorldSpec
from models import TASKS

if TYPE_CHECKING:
    from app.opening.session_folder import RecordedBranch
    from core.recorder import Unwritten
    from core.store.archive import StoreArchive

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preview:
    """The first picture of a world, before there is a session."""

    spec: WorldSpec
    why: str
    observation: Observation


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that can run; its receiver starts the runtime and calls close() in the end."""

    parts: Parts
    book: SceneBook
    runtime: Runtime
    archive: "StoreArchive | None"
    """Reads what is recorded; None where nothing is."""
    past: "Sequence[RecordedBranch]"
    """What the timeline shows of a continued session."""
    unwritten: Callable[[], "Unwritten | None"]
    """What the disk refuses now; None while it takes everything."""
    close: Callable[[], None]
    """Stops the runtime and closes the store; idempotent."""

    @property
    def folder(self) -> Path | None:
        """Where steps are written; None where nothing is recorded."""
        return self.archive.folder if self.archive is not None else None


class Inputs(Protocol):
    """The input devices, as a session needs them; read and cued on the runtime thread."""

    @property
    def control(self) -> ControlConfig:
        """How readings become actions."""

    @property
    def operator(self) -> str:
        """Name of the operator whose profile is active."""

    @property
    def assigned(self) -> str:
        """Name of the device that drives."""

    def read(self) -> DeviceReading | None:
        """The newest reading of the driving device."""

    def why(self) -> str:
        """Why there is no reading, in words."""

    def show(self, observation: Observation, world_time: float) -> None:
        """Give a device that acts on pictures the newest observation; `world_time` in seconds."""

    def feel(self, status: Status) -> None:
        """Give cues (rumble, lights) for what the status says."""


class Opener(QObject):
    """One opening at a time, on a thread; a cancelled opening is closed and emits no signal."""

    words = pyqtSignal(str)
    """What is being loaded now."""
    previewed = pyqtSignal(object)
    """A Preview, as soon as there is one."""
    opened = pyqtSignal(object)
    """An Opened."""
    failed = pyqtSignal(str)
    """Why it could not be opened, in words."""
    _done = pyqtSignal(int)

    def __init__(self, emit: Callable[[Event], None], inputs: Inputs) -> None:
        super().__init__()
        self._emit, self._inputs = emit, inputs
        self._worker = LatestWorker("opener", self._work)
        self._wanted = 0
        self._results: dict[int, Opened] = {}
        """By ticket, until the UI thread takes them."""
        self._done.connect(self._hand_over)

    def open(self, config: Config) -> None:
        """Begin to open; the outcome comes as a signal. An opening under way is abandoned."""
        self._wanted += 1
        self._worker.request((config, self._wanted))

    def cancel(self) -> None:
        """Abandon what is under way, without waiting for its thread."""
        self._wanted += 1
        self._worker.cancel()

    def stop(self) -> None:
        """Abandon what is under way, wait for the thread, and close what was opened but not handed over."""
        self.cancel()
        self._worker.stop()
        for ticket in list(self._results):
            self._hand_over(ticket)

    def _hand_over(self, ticket: int) -> None:
        """On the UI thread: hand over what was opened once, or close it where the opening was cancelled."""
        result = self._results.pop(ticket, None)
        if result is None:
            return
        if ticket == self._wanted:
            self.opened.emit(result)
        else:
            result.close()

    def _work(self, request: tuple[Config, int]) -> None:
        config, ticket = request
        self._close_unwanted(ticket)
        try:
            result = self._open(config, ticket)
        except StudioError as error:
            self._fail(ticket, str(error))
        except Exception as error:
            log.exception("opening failed")
            self._fail(ticket, f"Opening failed ({type(error).__name__}: {error}). Try again, or open another session.")
        else:
            if result is not None:
                self._results[ticket] = result
                self._done.emit(ticket)

    def _close_unwanted(self, ticket: int) -> None:
        """Close what earlier, cancelled openings left: it may hold the lock of this session."""
        for earlier in [number for number in list(self._results) if number < ticket]:
            result = self._results.pop(earlier, None)
            if result is not None:
                result.close()

    def _fail(self, ticket: int, words: str) -> None:
        if ticket == self._wanted:
            self.failed.emit(words)

    def _say(self, ticket: int, words: str) -> None:
        if ticket == self._wanted:
            self.words.emit(words)

    def _open(self, config: Config, ticket: int) -> Opened | None:
        """Load the parts and the session; None where the opening was abandoned meanwhile."""
        if config.session is not None:
            from app.opening.session_folder import made_by

            self._say(ticket, f"Reading {config.session}")
            config = made_by(config)
        world, world_why = load_world(config, lambda words: self._say(ticket, words))
        task = load_task(world)
        seed = TASKS.row(world.spec.task).first_scene if config.seed is None else config.seed
        if config.session is None and ticket == self._wanted:
            first = world.observe(world.reset([task.scene(seed)], [seed]))[0]
            self.previewed.emit(Preview(world.spec, world_why, first))
        policy, policy_why = load_policy(config, world, lambda words: self._say(ticket, words))
        if ticket != self._wanted:
            return None
        self._say(ticket, "Opening the session")
        return self._session(config, seed, Parts(task, world, policy, world_why, policy_why))

    def _session(self, config: Config, seed: int, parts: Parts) -> Opened:
        """The session and its runtime, not yet started."""
        from app.opening.session_folder import (  # slow to import: the world comes first
            close_recorder,
            new_folder,
            recorded_branches,
            settings_of,
        )
        from core.geometry import rotations
        from core.recorder import Recorder
        from core.scratch import Scratch

        rotations()  # or the first correction would wait for it

        folder = config.session or new_folder(config)
        book = SceneBook(parts.task, folder.parent / f"{folder.name}.scenes" if folder is not None else None)
        recorder = Recorder(folder, self._tell) if folder is not None else None
        archive = recorder.archive if recorder is not None else None
        keeper = recorder if recorder is not None else Scratch(self._tell)

        def close() -> None:
            try:
                runtime.stop()
            except TimeoutError as error:
                log.error("%s", error)
            if recorder is not None:
                close_recorder(recorder, new=config.session is None, tell=self._emit, compact=config.compact)
                if not recorder.archive.folder.exists():
                    book.forget()
            else:
                keeper.close()

        try:
            past = recorded_branches(archive) if archive is not None else []
            session = Session(
                parts.world, parts.policy, book,
                sink=keeper, archive=keeper.archive, seed=seed, settings=settings_of(config, archive),
                control_config=self._inputs.control, memory=config.memory, operator=self._inputs.operator,
            )  # fmt: skip
        except BaseException:
            if recorder is not None:
                close_recorder(recorder, new=config.session is None, tell=self._emit)
            else:
                keeper.close()
            raise
        if archive is not None and archive.recovery.words():
            self._tell(
                Message(
                    "warning" if archive.recovery.damaged or archive.recovery.root else "info", archive.recovery.words()
                )
            )
        runtime = Runtime(session, self._inputs.read, self._tell, why=self._inputs.why)
        unwritten = (lambda: recorder.unwritten) if recorder is not None else (lambda: None)
        return Opened(parts, book, runtime, archive, past, unwritten, close)

    def _tell(self, event: Event) -> None:
        """On the runtime's thread: a device that acts on pictures gets every step, then the window gets the event."""
        try:
            if isinstance(event, Status):
                self._inputs.show(event.observation, event.world_time)
                self._inputs.feel(event)
        except Exception:  # an error of the device must not keep the event from the window
            log.exception("the device %r failed to look", self._inputs.assigned)
        self._emit(event)
