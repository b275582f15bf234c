"""Records a session: takes its steps and verbs without waiting, and writes them on a thread.

Nothing is dropped. If the disk is too slow or a write fails, steps and changes wait in memory, ``check`` raises before
the caller takes another step, and writing is retried until it succeeds. ``recorded`` counts only what the operating
system has accepted: ``kill -9`` loses none of it. The journal is synced about once a second and before a journal file
is removed, so a power cut loses about the last second.
"""

import errno
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.branch_tree import Branch, Head
from core.errors import BadStore, StudioError
from core.events import Message
from core.history import Change
from core.journal import Record
from core.recording import SessionInfo, StateCodec
from core.step import Node, Step
from core.store.archive import StoreArchive
from core.store.encoder import Encoder
from core.store.serialization import workcell_values
from core.store.writer import StoreWriter
from core.verbs import Verb

log = logging.getLogger(__name__)

DEFAULT_LIMIT = 256
"""Told things that may wait before ``check`` refuses another step."""
_BATCH = 32
_RETRY_S = 0.5
_FOLD_RETRY_S = 5.0
_PIECES = 6
"""Of a fold, for each record that came meanwhile: more than it takes for a step, or steps would pile up in memory."""
_SYNC_S = 1.0
_Told = Callable[[], list[Record]] | threading.Event
"""Gives its records, on the writer thread; an event is set when everything before it is recorded."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What a recorder holds in memory because the disk refuses it."""

    steps: int
    edits: int
    """Changes of branches: marks, reviews, names, notes, new and discarded branches."""
    why: str
    """The error of the last write, in words."""

    def words(self) -> str:
        """For example "2 steps and 1 change of a branch"."""
        parts = [
            f"{count} {noun}{'' if count == 1 else 's'}{rest}"
            for count, noun, rest in ((self.steps, "step", ""), (self.edits, "change", " of branches"))
            if count
        ]
        return " and ".join(parts) or "The end of the recording"


class Recorder:
    """A core.recording.Sink that writes one session folder. Told by one thread, read from any."""

    def __init__(
        self,
        folder: Path,
        tell: Callable[[Message], None] = lambda message: None,
        *,
        limit: int = DEFAULT_LIMIT,
        sync: bool = True,
    ) -> None:
        """Open or begin a session and start the writer thread.

        Args:
            folder: Of the session.
            tell: Takes words for the user on the writer thread; returns at once.
            limit: Told things that may wait.
            sync: Whether to wait for the disk now and then.

        Raises:
            StoreBusy: another program records into it.
            BadStore: it cannot be opened; the text says why and what to do.
        """
        self._writer = StoreWriter(folder, sync=sync)
        self._encoder = Encoder(self._writer.contents)
        self._tell, self._limit = tell, limit
        self.archive = StoreArchive(self._writer.contents, self._writer.files, self._writer.recovery)
        """Reads back what was recorded, now and in earlier sessions."""
        self._queue: queue.SimpleQueue[_Told] = queue.SimpleQueue()
        self._next = {number: branch.length for number, branch in self.archive.tree().branches.items()}
        self._trouble = ""
        self._steps_taken, self._steps_before = 0, self.archive.steps
        self._edits_taken = self._edits_encoded = self._edits_written = 0
        self._broken: Exception | None = None
        self._refusal: OSError | None = None
        """The error of the last write, while writing fails."""
        self._stopping = threading.Event()
        self._closing = False
        # a daemon: a program that forgot to close ends all the same, and any instant is safe to be killed at
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    # Told by the session's thread; each returns at once.

    def begin(self, info: SessionInfo, codec: StateCodec) -> None:
        """See core.recording.Sink.

        Raises:
            BadStore: the folder holds a session of another task, or of cameras that look different.
        """
        self._require_fit(info)
        now = time.time()
        self._queue.put(lambda: self._encoder.begin(info, codec, now))

    def episode(self, branch: Branch, start: Node) -> None:
        """See core.recording.Sink."""
        self._next[branch.id] = 0
        self._queue.put(lambda: self._encoder.episode(branch, start))

    def branch(self, branch: Branch) -> None:
        """See core.recording.Sink."""
        self._next.setdefault(branch.id, branch.fork_step)
        self._queue.put(lambda: self._encoder.branch(branch))

    def step(self, step: Step) -> None:
        """See core.recording.Sink.

        Raises:
            BadStore: the branch is unknown, or this is not its next step.
        """
        if self._next.get(step.branch) != step.index:
            raise BadStore(
                f"Step {step.index} of branch {step.branch} cannot be recorded: its next step is "
                f"{self._next.get(step.branch)}. This is a mistake of the program, please report it."
            )
        self._next[step.branch] += 1
        self._steps_taken += 1
        self._queue.put(lambda: self._encoder.step(step))

    def moved(self, head: Head) -> None:
        """See core.recording.Sink."""
        self._queue.put(lambda: self._encoder.moved(head))

    def verb(self, verb: Verb) -> None:
        """See core.recording.Sink."""
        now = time.time()
        self._queue.put(lambda: self._encoder.verb(verb, now))

    def edited(self, change: Change) -> None:
        """See core.recording.Sink."""
        self._edits_taken += 1
        self._queue.put(lambda: self._edit(change))

    @property
    def recorded(self) -> int:
        """Steps of this session that the operating system has taken."""
        return self.archive.steps

    @property
    def waiting(self) -> int:
        """Told things that are not recorded yet, roughly."""
        return self._queue.qsize()

    @property
    def unwritten(self) -> Unwritten | None:
        """What is lost if the program ends now; None while the disk takes everything."""
        if not self._trouble:
            return None
        steps = self._steps_taken - (self.archive.steps - self._steps_before)
        return Unwritten(steps, self._edits_taken - self._edits_written, self._trouble)

    def check(self) -> None:
        """Call before taking a step; steps and changes that were passed already are kept either way.

        Raises:
            BadStore: writing fails or is too slow; the text gives the cause and the fix.
        """
        if self._broken is not None:
            raise BadStore(self._trouble) from self._broken
        if self._trouble:
            raise BadStore(self._trouble)
        if self.waiting >= self._limit:
            raise BadStore(
                f"The disk does not keep up: {self.waiting} steps wait to be written to {self.archive.folder}. "
                "Nothing is lost; run again when they are written, at a lower speed or on a faster disk."
            )

    def flush(self, timeout: float = 60.0) -> bool:
        """Wait until everything passed in is recorded; False where that took longer than ``timeout`` seconds."""
        done = threading.Event()
        self._queue.put(done)
        deadline = time.monotonic() + timeout
        while self._thread.is_alive() and time.monotonic() < deadline:
            if done.wait(0.1):
                return True
        return done.is_set()

    def close(self, timeout: float = 60.0) -> None:
        """Write everything, fold it, and unlock the folder. Idempotent.

        Raises:
            BadStore: it could not be written; it stays open, and close may be called again. See also abandon.
        """
        self._closing = True
        self._queue.put(threading.Event())
        deadline = time.monotonic() + timeout
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._thread.join(0.05)
            if self._trouble and self._thread.is_alive():
                break
        if self._thread.is_alive() or self._broken is not None:
            words, refusal = self._trouble, self._refusal
            if refusal is not None and self._broken is None:
                words = _words(self.archive.folder, refusal, AT_THE_END)
            raise BadStore(words or f"The session {self.archive.folder} was not written in {timeout:.0f} s.")

    def abandon(self) -> None:
        """Give up what is not recorded; the next opening brings back the rest. Idempotent."""
        self._stopping.set()
        self._queue.put(threading.Event())
        self._thread.join()

    # Everything below runs on the writer thread, except _require_fit.

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:
            log.exception("the recorder stopped", exc_info=error)
            self._trouble = (
                f"Recording into {self.archive.folder} stopped at a mistake of the program "
                f"({type(error).__name__}: {error}). What was recorded before is safe; start a new session."
            )
            if isinstance(error, StudioError):
                self._trouble = f"Recording into {self.archive.folder} stopped: {error}"
            self._broken = error
            self._tell(Message("error", self._trouble))
            self._writer.abandon()

    def _work(self) -> None:
        fold: Iterator[None] | None = None
        fold_after = synced = 0.0
        unsynced = False
        while not self._stopping.is_set():
            if self._closing and fold is None and self._queue.empty() and self._close():
                return
            records, events, torn = self._batch(wait=fold is None)
            unsynced |= self._append(records, events)
            if torn is not None:
                raise torn
            now = time.monotonic()
            if unsynced and now - synced > _SYNC_S and self._tried(self._writer.sync):
                synced, unsynced = now, False
            if fold is None and self._writer.fold_due and now >= fold_after:
                fold = self._writer.folding()
            if fold is not None:
                try:
                    for _ in range(1 + _PIECES * len(records)):
                        next(fold)
                except StopIteration:
                    fold = None
                except OSError as error:
                    log.warning("folding failed, it will be tried again: %s", error)
                    fold, fold_after = None, now + _FOLD_RETRY_S
        self._writer.abandon()

    def _batch(self, *, wait: bool) -> tuple[list[Record], list[threading.Event], Exception | None]:
        """Records of the queued calls, up to one that fails to encode; waits briefly if the queue is empty."""
        records: list[Record] = []
        events: list[threading.Event] = []
        for place in range(_BATCH):
            try:
                queued = self._queue.get(timeout=_RETRY_S) if wait and place == 0 else self._queue.get_nowait()
            except queue.Empty:
                break
            if isinstance(queued, threading.Event):
                events.append(queued)
                continue
            try:
                records += queued()
            except Exception as error:
                return records, events, error
        return records, events, None

    def _edit(self, change: Change) -> list[Record]:
        self._edits_encoded += 1
        return self._encoder.edited(change)

    def _append(self, records: list[Record], events: list[threading.Event]) -> bool:
        """Record, however long it takes the disk to agree; whether anything was."""
        while records and not self._tried(lambda: self._writer.append(records)):
            if self._stopping.wait(_RETRY_S):
                return False
        self._edits_written = self._edits_encoded
        for event in events:
            event.set()
        return bool(records)

    def _close(self) -> bool:
        if self._tried(self._writer.close):
            return True
        self._stopping.wait(_RETRY_S)
        return False

    def _tried(self, write: Callable[[], None]) -> bool:
        """Whether it succeeded; trouble begins and ends with words."""
        try:
            write()
        except OSError as error:
            if not self._trouble:
                log.warning("recording stalls: %s", error)
                self._refusal = error
                self._trouble = _words(self.archive.folder, error, MEANWHILE)
                self._tell(Message("error", self._trouble))
            return False
        if self._trouble:
            self._trouble, self._refusal = "", None
            self._tell(Message("info", f"Recording into {self.archive.folder} goes on; nothing was lost."))
        return True

    def _require_fit(self, info: SessionInfo) -> None:
        known = self._writer.contents.info
        if known is None:
            return
        folder = self.archive.folder
        if known["task"] != info.task:
            raise BadStore(
                f"The session {folder} is of the task {known['task']!r}; steps of {info.task!r} cannot go into it. "
                "Open it with its own task, or start a new session."
            )
        workcell = workcell_values(known["world"])
        was = [(c["name"], c["width"], c["height"]) for c in workcell["cameras"]]
        now = [(camera.name, camera.width, camera.height) for camera in info.world.cameras]
        if was != now or workcell["codec"] != info.world.codec:
            raise BadStore(
                f"The session {folder} has cameras {was} and actions {known['world']['codec']!r}; this world has "
                f"{now} and {info.world.codec!r}. Open it with the world that made it, or start a new session."
            )


MEANWHILE = "What was recorded is safe, newer steps and changes wait in memory, and recording resumes by itself."
AT_THE_END = "What was recorded is safe; newer steps and changes are not on the disk."


def _words(folder: Path, error: OSError, tail: str) -> str:
    """The failed write, its cause and fix, and what happens to the steps that were not written."""
    head = f"The session {folder} cannot be written"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{head}: its disk is full. Free some space. {tail}"
        case errno.EFBIG:
            return f"{head}: a file in it may not grow any more. Raise the limit of file sizes (`ulimit -f`). {tail}"
        case errno.ENOENT | errno.ENOTDIR | errno.ESTALE:
            return f"{head}: it was moved or deleted. Put it back. {tail}"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{head}: writing is not permitted any more. Make it writable. {tail}"
        case _:
            return f"{head}: {error.strerror or error}. Check the disk. {tail}"
