"""What the operator feels: a small grammar of pulses, told apart without looking.

A cue plays on every sink that the driving devices have: a motor that rumbles, a light that blinks in the same rhythm.
A more urgent cue interrupts; a less urgent one that comes meanwhile is dropped, never queued: it would be old news.
"""

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, Protocol, runtime_checkable

Cue = Literal["device_problem", "take_over", "workspace_edge", "low_trust"]
URGENCY: Final[tuple[Cue, ...]] = ("device_problem", "take_over", "workspace_edge", "low_trust")
"""The most urgent first."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One push of the motor, one blink of the light."""

    strength: float
    """0..1; a light is simply on."""
    seconds: float
    pause: float = 0.0
    """Seconds of silence afterwards."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word of the grammar."""

    pulses: tuple[Pulse, ...]
    quiet: float
    """Seconds from its beginning in which the same cue is not played again."""
    words: str
    """For the documentation and the settings."""


GRAMMAR: Final[Mapping[Cue, Pattern]] = MappingProxyType(
    {
        "device_problem": Pattern((Pulse(1.0, 0.16, 0.10),) * 3, 1.0, "three hard knocks"),
        "take_over": Pattern((Pulse(0.6, 0.12),), 0.0, "one firm tap"),
        "workspace_edge": Pattern((Pulse(0.3, 0.03, 0.05),) * 4, 0.4, "a light buzz, as long as you push"),
        "low_trust": Pattern((Pulse(0.35, 0.40, 0.25),) * 2, 4.0, "two long soft swells"),
    }
)


@runtime_checkable
class Rumbling(Protocol):
    """A device with a motor."""

    def rumble(self, strength: float, seconds: float) -> None:
        """Rumble at 0..1; returns at once, and is no error where it cannot."""


@runtime_checkable
class Shining(Protocol):
    """A device with a light."""

    def light(self, on: bool) -> None:
        """Light it or put it out; returns at once, and is no error where it cannot."""


class Feedback:
    """Plays cues on a separate thread; any thread may request one."""

    def __init__(self, grammar: Mapping[Cue, Pattern] = GRAMMAR) -> None:
        self._grammar = grammar
        self._told: queue.SimpleQueue[Cue | None] = queue.SimpleQueue()
        self._sinks: tuple[object, ...] = ()
        self._began: dict[Cue, float] = {}
        self._thread: threading.Thread | None = None

    def to(self, devices: Sequence[object]) -> None:
        """Play on these devices from now on; those without motor or light are passed over."""
        self._sinks = tuple(devices)

    def tell(self, cue: Cue) -> None:
        """Play a cue, unless something more urgent plays or it was just played."""
        self._told.put(cue)

    def start(self) -> None:
        """Begin to play."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="feedback", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Be silent; returns when the thread has ended. Idempotent."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._told.put(None)
            thread.join()

    def _run(self) -> None:
        cue = self._told.get()
        while cue is not None:
            if self._due(cue):
                interrupted, cue = self._play(cue)
                if interrupted:
                    continue
            cue = self._told.get()

    def _due(self, cue: Cue) -> bool:
        now, before = time.monotonic(), self._began.get(cue)
        if before is not None and now - before < self._grammar[cue].quiet:
            return False
        self._began[cue] = now
        return True

    def _play(self, cue: Cue) -> tuple[bool, Cue | None]:
        """Whether something interrupted it, and what: a more urgent cue, or None for the end."""
        for pulse in self._grammar[cue].pulses:
            self._push(pulse)
            interrupted, by = self._wait(cue, pulse.seconds)
            self._shine(True)  # a light rests lit
            if not interrupted:
                interrupted, by = self._wait(cue, pulse.pause)
            if interrupted:
                return True, by
        return False, None

    def _wait(self, cue: Cue, seconds: float) -> tuple[bool, Cue | None]:
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            try:
                told = self._told.get(timeout=rest)
            except queue.Empty:
                break
            if told is None or URGENCY.index(told) < URGENCY.index(cue):
                return True, told
        return False, None

    def _push(self, pulse: Pulse) -> None:
        for sink in self._sinks:
            if isinstance(sink, Rumbling):
                sink.rumble(pulse.strength, pulse.seconds)
        self._shine(False)

    def _shine(self, on: bool) -> None:
        for sink in self._sinks:
            if isinstance(sink, Shining):
                sink.light(on)
