"""The thread that talks to OpenXR: looks for a runtime in the background, follows its life, publishes the hands.

No thread waits for it, and it waits for the runtime alone: what it reads is a frozen value in a mailbox of one, and
a failure becomes words, a lost device, and another try. Starting it costs the caller nothing.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.errors import DeviceLost, MissingPackage, StudioError
from core.reading import DeviceReading
from devices.openxr.controllers import Controllers
from devices.openxr.frame import heading_of
from devices.openxr.hand import HandInput, stick_rests, without_stick
from devices.openxr.picture import Picture
from devices.openxr.profiles import NOTHING_HELD, InUse
from devices.openxr.runtime_file import runtime_file, would_be_launched

if TYPE_CHECKING:
    from devices.openxr.session import XrSession

log = logging.getLogger(__name__)

Inputs = tuple[HandInput, HandInput]
PERIOD: Final = 1 / 120
"""Seconds between two looks where there are no frames."""
FIRST_RETRY, LAST_RETRY = 1.0, 8.0
"""Seconds until a runtime is tried again; doubled after every failure."""
LEAVE: Final = 5.0
"""Seconds that a runtime may take to end a session; some never do (ValveSoftware/SteamVR-for-Linux#422)."""
IDLE: Final = 0.02
"""Seconds between two looks at a session that does not run."""
NO_RUNTIME: Final = (
    "No OpenXR runtime is set up. Start SteamVR, Meta Quest Link, WiVRn or Monado and make it the active runtime; "
    "docs/vr.md says how."
)
SLEEPING: Final = "SteamVR is not running. Start it; the headset is then found by itself."
NOT_WORN: Final = "The headset is not worn, or shows another program. Put it on, or choose the studio in it."
HANGS: Final = (
    "The OpenXR runtime has not ended the session before. Restart the runtime, then the application; the other devices "
    "work meanwhile."
)
TICK: Final = (0.25, 0.02)
"""Strength and seconds of the pulse when a clutch is squeezed or released."""


@dataclass(frozen=True, slots=True)
class XrState:
    """What is known of the headset."""

    runtime: str = ""
    """Name of the runtime; "" while there is none."""
    system: str = ""
    """Name of the headset."""
    why: str = "The headset is looked for."
    """Why the controllers cannot drive now, in words; "" while they can."""
    found: bool = False
    """Whether controllers could be read since the start."""
    installed: bool = False
    """Whether a runtime is set up on this machine."""
    used: InUse = NOTHING_HELD
    """Controllers that are held."""
    tracked: tuple[bool, bool] = (False, False)
    drawing: bool = False
    """Whether the headset shows our picture; else only its controllers are used."""


@dataclass(frozen=True, slots=True)
class FrameTime:
    """What one frame cost."""

    at: float
    """time.monotonic() when it began."""
    work: float
    """Seconds of the processor that our own code took on this thread, without the wait for the runtime."""
    wall: float
    """Seconds from the runtime's word to the end of the frame."""
    missed: int
    """Frames of the runtime that went by before it."""


class XrThread:
    """One per process. Any thread may use it."""

    def __init__(self, picture: Callable[[], Picture] | None = None, *, launch: bool = False) -> None:
        """Get ready; start() begins.

        Args:
            picture: makes what the headset shows; None: only the controllers.
            launch: also ask a runtime that would be launched by that.
        """
        self._make_picture, self._launch = picture, launch
        self.state = XrState()
        self.frames: deque[FrameTime] = deque(maxlen=20_000)
        """The newest frames."""
        self.told = threading.Event()
        """Set once it is known whether controllers can be read."""
        self._rumbles: queue.SimpleQueue[tuple[int, float, float]] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._newest: DeviceReading | None = None
        self._recentre, self._ending = True, False
        self._clutched = (False, False)
        self._lent: tuple[bool, ...] = (False, False)
        self._shown = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._controllers = Controllers()

    def start(self) -> None:
        """Begin; idempotent, returns at once. A thread that hangs in the runtime since stop() gets no second one."""
        if self._thread is not None and self._thread.is_alive():
            if self._stopping.is_set():
                self._lose(HANGS)
            return
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="openxr", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the session; returns when the thread has ended, or hangs inside the runtime. Idempotent."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(LEAVE)
            if self._thread.is_alive():
                log.warning("the OpenXR runtime does not return from a call; the application ends without it")

    def recentre(self) -> None:
        """Forward is where the head looks, from the next frame on."""
        self._recentre = True

    def ask_to_end(self) -> None:
        """Let the runtime end the session; a new one is begun afterwards."""
        self._ending = True

    def rumble(self, strength: float, seconds: float) -> None:
        """Rumble both hands at 0..1."""
        for side in (0, 1):
            self._rumbles.put((side, strength, seconds))

    def newest(self, after: float, timeout: float) -> DeviceReading | None:
        """The newest reading later than `after`, time.monotonic(); None where none comes within `timeout` seconds.

        Raises:
            DeviceLost: the controllers cannot drive, with the reason.
        """
        with self._changed:
            self._changed.wait_for(lambda: bool(self.state.why) or self._fresh(after), timeout)
            if self.state.why:
                raise DeviceLost(self.state.why)
            return self._newest if self._fresh(after) else None

    def _fresh(self, after: float) -> bool:
        return self._newest is not None and self._newest.time > after

    # -- on its own thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        retry = FIRST_RETRY
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._guarded(self._opened())
                retry = FIRST_RETRY if time.monotonic() - began > LAST_RETRY else retry
            except StudioError as error:
                self._lose(str(error))
            except Exception as error:  # whatever a runtime does, the studio goes on
                log.warning("OpenXR failed", exc_info=error)
                self._lose(f"The OpenXR runtime failed: {error}. It is tried again.")
            self.told.set()
            self._stopping.wait(retry)
            retry = min(LAST_RETRY, 2 * retry)
        self._lose("The headset was closed.")

    def _opened(self) -> "XrSession":
        found = runtime_file()
        self._tell(installed=found is not None)
        if found is None:
            raise DeviceLost(NO_RUNTIME)
        if not self._launch and would_be_launched(found):
            raise DeviceLost(SLEEPING)
        try:
            from devices.openxr.session import XrSession
        except ImportError as error:
            raise MissingPackage(f"VR controllers need pyopenxr ({error}): run `make env`.") from error
        return XrSession(self._make_picture() if self._make_picture is not None else None)

    def _guarded(self, session: "XrSession") -> None:
        """Serve a session until it ends; what ends it becomes words."""
        from devices.openxr.session import LOSSES

        self._recentre, self._shown = True, 0
        self._tell(runtime=session.runtime, system=session.system, drawing=session.drawing)
        self._lose(NOT_WORN)
        try:
            while not self._stopping.is_set():
                if self._ending:
                    self._ending = False
                    session.ask_to_end()
                session.poll()
                if not session.running:
                    self._lose(NOT_WORN)
                    self._stopping.wait(IDLE)
                elif session.drawing:
                    self._frame(session)
                else:
                    self._look(session, session.now(0))
                    self._stopping.wait(PERIOD)
        except LOSSES:
            self._lose(f"{session.runtime} ended or crashed. Start it again; the controllers then come back.")
        except StudioError as error:
            self._lose(str(error))
        except Exception as error:
            log.warning("the OpenXR session failed", exc_info=error)
            self._lose(f"{session.runtime} failed: {error}. It is tried again.")
        finally:
            self._tell(runtime="", used=NOTHING_HELD, tracked=(False, False), drawing=False)
            session.close()

    def _frame(self, session: "XrSession") -> None:
        frame = session.wait()
        began, cpu = time.monotonic(), time.thread_time()
        session.begin_frame()
        recentred, inputs = self._look(session, session.now(frame.predicted_display_time))
        session.end_frame(frame, inputs, recentred)
        period = max(1, frame.predicted_display_period)
        before, self._shown = self._shown, frame.predicted_display_time
        missed = round((frame.predicted_display_time - before) / period) - 1 if before else 0
        self.frames.append(FrameTime(began, time.thread_time() - cpu, time.monotonic() - began, max(0, missed)))

    def _look(self, session: "XrSession", at: int) -> "tuple[bool, Inputs | None]":
        """Publish both hands at an XrTime; whether this look re-centred, and what the hands say."""
        recentred = self._recentred(session, at)
        if session.moved:
            session.moved = False
            self._controllers.moved()
        inputs = session.inputs(at)
        if inputs is None:
            self._lose(NOT_WORN)
            return recentred, None
        if not session.used.path:
            session.look_at_profiles()
        mine = self._unborrowed(session.busy, inputs)
        look = self._controllers.look(mine, session.used, time.monotonic())
        tracked = inputs[0].tracked, inputs[1].tracked
        if (session.used, tracked) != (self.state.used, self.state.tracked):
            self._tell(used=session.used, tracked=tracked)
        if look.missing:
            self._lose(look.missing)
        else:
            self._publish(look.reading)
        self._shake(session, look.clutched)
        return recentred, inputs

    def _unborrowed(self, busy: tuple[bool, bool], inputs: Inputs) -> Inputs:
        """The hands without the sticks that a panel has, until they are let go: no verb comes of the rest of a push."""
        self._lent = tuple(
            held or (lent and not stick_rests(said)) for held, lent, said in zip(busy, self._lent, inputs, strict=True)
        )
        left, right = (without_stick(said) if lent else said for said, lent in zip(inputs, self._lent, strict=True))
        return left, right

    def _recentred(self, session: "XrSession", at: int) -> bool:
        """Turn forward to where the head looks, where that was asked for and the head is tracked."""
        head = session.head(at) if self._recentre else None
        if head is None:
            return False
        self._recentre = False
        self._controllers.recentre(heading_of(head[1]))
        return True

    def _publish(self, reading: DeviceReading) -> None:
        with self._changed:
            self._newest = reading
            if self.state.why:
                self.state = replace(self.state, why="", found=True)
            self._changed.notify_all()
        self.told.set()

    def _shake(self, session: "XrSession", clutched: tuple[bool, bool]) -> None:
        """Let hands feel what is waiting to be felt, and their clutches."""
        for side, (before, now) in enumerate(zip(self._clutched, clutched, strict=True)):
            if before != now:
                session.rumble(side, *TICK)
        self._clutched = clutched
        while True:
            try:
                session.rumble(*self._rumbles.get_nowait())
            except queue.Empty:
                return

    def _lose(self, why: str) -> None:
        """The controllers cannot drive."""
        with self._changed:
            if self.state.why != why:
                self._controllers.forget()
                self.state = replace(self.state, why=why)
            self._newest = None
            self._changed.notify_all()

    def _tell(self, **values: object) -> None:
        self.state = replace(self.state, **values)  # type: ignore[arg-type]
