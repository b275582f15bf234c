"""Whether a very long session stays as light and as quick as it began.

python -m benchmarks.soak

A tiny world runs through the real runtime, recorder and timeline model (without a window) for a million steps, with a
fork or a label every few hundred steps and a new episode every ten thousand. The memory of the process is looked at all
the while; its slope after the cache is full (or over the second half, where it was full before) is what the goal
holds. What stays for ever on purpose is 17 bytes per step:
which row of the store it is, and what the timeline shows of it. Latency is the processor time of the runtime's thread
per step and of the timeline's thread per event, so that a busy machine does not count.
"""

import queue
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.timeline.model import TimelineModel
from app.timeline.thumbnails import Thumbnails
from benchmarks import options
from benchmarks.figures import Figure, Goal, report
from core import verbs as v
from core.events import Event, Message, StatesMoved, Status, Stepped, TreeChanged
from core.observation import Observation
from core.recorder import Recorder
from core.runtime import Runtime
from core.session import Session
from core.settings import Settings
from core.world import WorldSpec
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyState, ToyWorld

STEPS = 1_000_000
FORK, EPISODE = 400, 10_000
"""Steps between two rollbacks or labels, and between two new episodes."""
SAMPLES = 200
MEMORY_MB = 16
"""Of nodes kept in memory: reached early, so that what grows afterwards is not the cache."""
MB_PER_1E5 = 1.0
"""Goal: what a session may grow, MB per 1e5 steps."""
QUEUE = 4096
"""Events that may wait for the timeline before the runtime waits too."""
THUMBNAILS = 1 << 20
"""Of small pictures kept for the timeline: reached early, too."""
WAITING = 128
"""Steps that may wait for the disk."""
OUT = Path("out")


class TinyWorld(ToyWorld):
    """The toy world at 8 x 8 pixels, as fast as it can be stepped."""

    @property
    def spec(self) -> WorldSpec:
        """See ToyWorld."""
        spec = super().spec
        cameras = tuple(replace(camera, width=8, height=8) for camera in spec.cameras)
        return replace(spec, workcell=replace(spec.workcell, cameras=cameras, dt=1e-5))

    def observe(self, states: Sequence[ToyState]) -> list[Observation]:
        """Pictures in which the block is one grey."""
        return [Observation({c.name: _grey(state) for c in self.spec.cameras}, state.ee) for state in states]


def _grey(state: ToyState) -> NDArray[np.uint8]:
    return np.full((8, 8, 3), int(255 * float(state.block[0])) & 255, np.uint8)


class Endless(ToyTask):
    """Never ends an attempt."""

    max_steps = 10**9

    def judge(self, observations: Sequence[Observation]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Nothing is known and nothing is solved."""
        count = len(observations)
        return np.full(count, 0.5, np.float32), np.zeros(count, bool)


@dataclass(slots=True)
class Course:
    """What was seen, one entry per sample."""

    steps: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    """Resident memory of the process."""
    runtime_s: list[float] = field(default_factory=list)
    """Processor time of the runtime's thread since the beginning."""
    timeline_s: list[float] = field(default_factory=list)
    """Of the timeline's thread."""
    full_at: int | None = None
    """Steps when a state first left the memory for the disk; None while the cache is not full."""


def resident_mb() -> float:
    """Resident memory of this process, MB.

    Raises:
        OSError: the system does not tell (only Linux does, in this way).
    """
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


class Soak:
    """The session, its timeline, and an operator that does something now and then."""

    def __init__(self, folder: Path, steps: int, memory: int) -> None:
        self._steps, self._random = steps, random.Random(0)
        self._events: queue.Queue[tuple[Event, float]] = queue.Queue(QUEUE)
        self.recorder = Recorder(folder)
        session = Session(
            TinyWorld(), ToyPolicy(), Endless(), sink=self.recorder, archive=self.recorder.archive,
            settings=Settings(speed=4.0), memory=memory,
        )  # fmt: skip
        self.model = TimelineModel()
        self.model.thumbnails = Thumbnails(THUMBNAILS)
        self.runtime = Runtime(session, lambda: None, self._emit)
        self.course, self.words = Course(), list[str]()
        self.done = self.branches = 0

    def _emit(self, event: Event) -> None:
        """On the runtime's thread; a world that is faster than the disk waits for it."""
        while isinstance(event, Stepped) and self.recorder.waiting > WAITING:
            time.sleep(0.001)
        self._events.put((event, time.thread_time()))

    def run(self, minutes: float) -> None:
        """Until so many steps were taken, or the time is over."""
        end = time.monotonic() + 60 * minutes
        self.runtime.start()
        self.runtime.submit(v.Run())
        every, busy, began = max(1, self._steps // SAMPLES), 0.0, time.thread_time()
        sampled = 0
        while self.done < self._steps and time.monotonic() < end:
            event, runtime_s = self._events.get(timeout=120.0)
            self._show(event)
            if not isinstance(event, Stepped):
                continue
            self.done += 1
            if self.done % FORK == 0:
                self._do(self.done)
            if self.done - sampled >= every:
                sampled, busy = self.done, time.thread_time() - began
                course = self.course
                course.steps.append(self.done)
                course.megabytes.append(resident_mb())
                course.runtime_s.append(runtime_s)
                course.timeline_s.append(busy)
                print(f"\r{self.done} of {self._steps} steps, {course.megabytes[-1]:.0f} MB", end="", file=sys.stderr)
        print(file=sys.stderr)
        self.branches = len(self.model.tree.branches)

    def stop(self) -> None:
        """End the runtime, close the store."""
        self.runtime.submit(v.Pause())
        with suppress(queue.Empty):  # the runtime may wait for room
            while True:
                self._events.get(timeout=0.5)
        self.runtime.stop()
        self.recorder.close()

    def _show(self, event: Event) -> None:
        """What the window would do with an event, but draw."""
        match event:
            case Stepped():
                self.model.stepped(event)
            case StatesMoved():
                if self.course.full_at is None and not all(in_memory for _, _, in_memory in event.moves):
                    self.course.full_at = self.done
                for branch, node, in_memory in event.moves:
                    self.model.kept(branch, node, in_memory=in_memory)
            case TreeChanged():
                self.model.tree_changed(event)
            case Status():
                self.model.status(event)
                if event.phase == "PAUSED" and self.done:
                    self.runtime.submit(v.Run())
            case Message():
                self.words.append(event.text)

    def _do(self, step: int) -> None:
        """What an operator does now and then."""
        if step % EPISODE == 0:
            self.runtime.submit(v.NewEpisode())
            return
        branch = self._random.choice(list(self.model.tree.branches)[-20:])
        match self._random.randrange(6):
            case 0:
                self.runtime.submit(v.Mark("failure", "slips"))
            case 1:
                self.runtime.submit(v.Rename(f"try {step}"))
            case 2:
                self.runtime.submit(v.Undo())
            case _:
                self.runtime.submit(v.RollBack(branch, self._random.randint(0, self.model.length(branch))))


def slope(course: Course) -> float:
    """MB per 1e5 steps after the cache was full, and not before the second half of the course."""
    half = len(course.steps) // 2
    full = next((i for i, step in enumerate(course.steps) if step >= (course.full_at or 0)), half)
    first = min(max(half, full), len(course.steps) - 2)
    steps, megabytes = np.array(course.steps[first:]), np.array(course.megabytes[first:])
    return float(np.polyfit(steps, megabytes, 1)[0] * 1e5)


def growth(steps: Sequence[int], seconds: Sequence[float]) -> float:
    """Time per step in the last quarter, over time per step in the second."""
    quarter = len(steps) // 4

    def rate(first: int, last: int) -> float:
        return (seconds[last] - seconds[first]) / (steps[last] - steps[first])

    return rate(len(steps) - 1 - quarter, len(steps) - 1) / rate(quarter, 2 * quarter)


def figures_of(soak: Soak, seconds: float) -> list[Figure]:
    """The figures of what was measured."""
    course = soak.course
    per_step = 1e3 * course.runtime_s[-1] / course.steps[-1]
    runtime, timeline = (growth(course.steps, s) for s in (course.runtime_s, course.timeline_s))
    return [
        Figure(
            "mb_per_1e5_steps",
            "memory, slope once the cache is full",
            slope(course),
            "MB/1e5 steps",
            Goal("<=", MB_PER_1E5),
        ),
        Figure("full_at_steps", "  full after", float(course.full_at or 0), "steps"),
        Figure("latency_growth", "step, last quarter over second", runtime, "1", Goal("<=", 1.2)),
        Figure("timeline_growth", "timeline, last quarter over second", timeline, "1", Goal("<=", 1.2)),
        Figure("memory_mb", "memory at the end", course.megabytes[-1], "MB"),
        Figure("step_cpu_ms", "processor time of a step", per_step, "ms"),
        Figure(
            "lost",
            "steps that are not on disk",
            float(soak.done - min(soak.done, soak.recorder.recorded)),
            "1",
            Goal("==", 0),
        ),
        Figure("steps", "steps", float(soak.done), "1"),
        Figure("branches", "branches", float(soak.branches), "1"),
        Figure("seconds", "took", seconds, "s"),
    ]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("soak", __doc__, "two thousand steps")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"to take (default: {STEPS})")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop after so long, with what there is then")
    parser.add_argument("--memory", type=int, default=MEMORY_MB, help=f"MB of the cache (default: {MEMORY_MB})")
    args = parser.parse_args(words)
    try:
        resident_mb()
    except OSError:
        print(
            "benchmarks.soak: this system does not tell the memory of a process in /proc; use Linux.", file=sys.stderr
        )
        return 1
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT, prefix="soak-") as folder:
        steps = 2000 if args.quick else args.steps
        soak, began = Soak(Path(folder) / "session", steps, args.memory << 20), time.monotonic()
        try:
            soak.run(args.minutes)
        finally:
            soak.stop()
        figures = figures_of(soak, time.monotonic() - began)
    report("soak", f"A long session. {options.machine()}", figures, sorted(set(soak.words))[:5])
    return 0


if __name__ == "__main__":
    sys.exit(main())
