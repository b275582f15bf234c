"""How long the timeline takes to draw itself anew, and to show the frame under the cursor, up to a million steps.

python -m benchmarks.timeline

The real widget, 1920 x 1080, in software raster on a separate screen. Repaint: pan, zoom, scroll, another lane
height, or one more step, each followed by a whole repaint. Scrub: the cursor is dragged over the ruler; measured from
the movement of the mouse until the frame of the very step under it was read, decoded, drawn and put on the screen. The
yardsticks are a bare fill of the same area, in turn with the repaints, and an empty OpenGL swap of such a window, in
turn with new branches. The frames lie in a real session on disk of --frames steps: the steps of the larger trees show
them over and over. A hundred steps to a branch: a million steps are ten thousand branches.
"""

import gc
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget

from app.command.screen import VirtualScreen
from app.opening.config import Config
from app.opening.live_session import LiveSession
from app.opening.loading import load_parts
from app.playback.frame_reader import FrameReader
from app.qt import make_qt
from app.timeline.controller import TimelineController
from app.timeline.frame_cache import PastFrames
from app.timeline.geometry import HEIGHTS, NAMES, RULER
from app.timeline.tracks import OPERATOR, POLICY
from app.timeline.widget import Timeline
from app.viewport.widget import Viewport
from benchmarks import options
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.recorded_steps import RecordedSteps, copied, imagined
from benchmarks.yardsticks import BareFill, EmptySwap, on_screen
from core.branch_tree import Branch, Branches, BranchTree, Head, Kind, Marker, Outcome, Review
from core.errors import StudioError
from core.events import Stepped, TreeChanged
from core.observation import Observation
from core.recorder import Recorder
from core.store.archive import StoreArchive, open_archive

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PER_BRANCH = 100
WIDTH, HEIGHT = 1920, 1080
REPAINT_MS, SCRUB_MS = 8.0, 16.0
"""Goals: half of a display frame, so that the rest of the window has the other half; and one display frame."""
FILL_RATIO, FORK_RATIO = 1.5, 2.0
"""Goals: a repaint over a bare fill of its area, and a new branch over an empty swap, in the same run."""
IN_A_ROW = 10
"""Yardsticks that are measured in a row."""
TAPE = 200
OUTCOMES: tuple[Outcome, ...] = ("success", "failure", "timeout", "open")
REVIEWS: tuple[Review, ...] = ("unreviewed", "accepted", "rejected")
MOUSE_S = 0.016
"""A mouse reports about sixty times a second."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds at one size."""

    steps: int
    repaint: list[float]
    """Pan, zoom, scroll, height."""
    busy: list[float]
    """The processor time of the same repaints: less, where other programs want the processor too."""
    append: list[float]
    """One more step, with the repaint that it causes."""
    fork: list[float]
    """A new branch, with the repaint that it causes."""
    fill: list[float]
    """Yardstick of a repaint, in turn with it: one fill of the same area, put on the screen."""
    frame: list[float]
    """Yardstick of a new branch: an empty OpenGL swap of the same window."""
    scrub: list[float]
    """From the movement of the mouse until the frame of the step under it is on the screen."""


def tree(steps: int, seed: int = 0) -> list[Branch]:
    """A tree of one episode: lengths scatter around PER_BRANCH, forks anywhere on an earlier branch."""
    rng = random.Random(seed)
    branches: list[Branch] = []
    left = steps
    while left > 0:
        own = (
            left if left <= PER_BRANCH else max(1, min(left, round(rng.lognormvariate(np.log(PER_BRANCH) - 0.3, 0.8))))
        )
        number = len(branches)
        parent = branches[rng.randrange(max(0, number - 200), number)] if number and rng.random() < 0.7 else None
        if number and parent is None:
            parent = branches[0]
        fork = rng.randint(parent.fork_step, parent.length) if parent is not None else 0
        outcome: Outcome = rng.choice(OUTCOMES)
        markers = (Marker(fork + own, "failure"),) if outcome == "failure" else ()
        kind: Kind = "correction" if number else "rollout"
        found = Branch(number, None if parent is None else parent.id, fork, fork + own, 0, kind, number, 1)
        gone = rng.random() < 0.02 and parent is not None
        branches.append(replace(found, outcome=outcome, markers=markers, review=rng.choice(REVIEWS), discarded=gone))
        left -= own
    return branches


class Repeated:
    """The frames of a recorded session, over and over, for a larger tree."""

    def __init__(self, archive: StoreArchive, count: int, branches: list[Branch]) -> None:
        self._archive, self._count, self._tree = archive, count, BranchTree(Branches(branches))

    def tree(self) -> BranchTree:
        """The larger tree."""
        return self._tree

    def frame(self, branch: int, index: int, camera: str) -> NDArray[np.uint8]:
        """A frame of the recorded trunk; every branch begins at another place of it."""
        return self._archive.frame(0, (index + 37 * branch) % (self._count + 1), camera)


def fill(past: TimelineController, branches: list[Branch], seed: int = 0) -> None:
    """Give the timeline a tree and what is known of its steps."""
    rng = np.random.default_rng(seed)
    past.take_tree(TreeChanged(BranchTree(Branches(branches)), Head(branches[-1].id, branches[-1].length)))
    for branch in branches:
        count = branch.length - branch.fork_step
        source = np.full(count, POLICY, np.uint8)
        source[: count // 2] = OPERATOR
        trust, progress = rng.random((2, count), np.float32)
        past.model.load_steps(branch.id, source, trust, progress)
    past.model.refresh()


def timed(act: Callable[[], None], canvas: QWidget, busy: list[float] | None = None) -> float:
    """Milliseconds of an action and the whole repaint after it, until it is on the screen.

    `busy` takes those that the processor worked for it.
    """
    began, worked = time.perf_counter(), time.thread_time()
    act()
    canvas.repaint()
    on_screen()
    if busy is not None:
        busy.append(1e3 * (time.thread_time() - worked))
    return 1e3 * (time.perf_counter() - began)


def repaints(timeline: Timeline, count: int, busy: list[float], fills: list[float], seed: int = 0) -> list[float]:
    """Pan, zoom and scroll at random, from the whole episode down to single steps, at every height of lanes.

    `fills` takes the yardstick, in turn with them.
    """
    fill = BareFill(timeline.width(), timeline.height())
    rng = random.Random(seed)
    canvas, bar = timeline.viewport(), timeline.verticalScrollBar()
    assert canvas is not None
    assert bar is not None
    found = []
    for number in range(count):
        if number % 25 == 0:
            fills += fill.measure(IN_A_ROW)
        if number % 25 == 0:  # another zoom and height, whose first repaint is measured too
            timeline.change_height(rng.choice((-1, 1)))
            node = rng.randrange(max(1, timeline.model.longest()))
            width = round(10 ** rng.uniform(1.5, np.log10(max(40, timeline.model.longest()))))
            found.append(timed(partial(timeline.zoom_to, node, node + width), canvas, busy))
        kind = rng.random()
        if kind < 0.5:
            found.append(timed(partial(timeline.pan, rng.uniform(-60, 60)), canvas, busy))
        elif kind < 0.75:
            found.append(timed(timeline.zoom_in if rng.random() < 0.5 else timeline.zoom_out, canvas, busy))
        else:
            value = bar.value() + rng.randint(-300, 300) if rng.random() < 0.8 else rng.randint(0, bar.maximum())
            found.append(timed(partial(bar.setValue, value), canvas, busy))
    return found


def appends(past: TimelineController, branches: list[Branch], observation: Observation, count: int) -> list[float]:
    """One more step at a time, as a live run reports them, on the branch that is followed."""
    canvas, branch = past.timeline.viewport(), branches[-1]
    assert canvas is not None
    past.timeline.fit()
    canvas.repaint()
    found = []
    for number in range(count):
        began = time.perf_counter()
        past.model.stepped(Stepped(branch.id, branch.length + number, "policy", 0.9, 0.5, False, observation))
        QApplication.processEvents()
        found.append(1e3 * (time.perf_counter() - began))
    return found


def forks(past: TimelineController, branches: list[Branch], count: int) -> tuple[list[float], list[float]]:
    """One more branch at a time; and the empty swaps between them."""
    canvas, now = past.timeline.viewport(), Branches(branches)
    assert canvas is not None
    rng, found, swaps = random.Random(1), list[float](), list[float]()
    swap = EmptySwap((WIDTH, HEIGHT), (WIDTH, HEIGHT // 2))
    for turn in range(count):
        if turn % IN_A_ROW == 0:
            swaps += swap.measure(IN_A_ROW // 2)
        parent = branches[rng.randrange(len(branches))]
        number = len(now)
        now = now.put(Branch(number, parent.id, parent.fork_step, parent.fork_step, 0, "correction", number, 1))
        event = TreeChanged(BranchTree(now), Head(number, parent.fork_step))
        found.append(timed(partial(past.take_tree, event), canvas))
    return found, swaps


def scrubs(past: TimelineController, viewport: Viewport, count: int, seed: int = 0) -> list[float]:
    """Drag over the ruler, as a hand does: runs at one speed, turns, and jumps; until each frame is on the screen."""
    rng, timeline, model = random.Random(seed), past.timeline, past.model
    longest = max(model.tree.branches.values(), key=lambda b: b.length)
    past.take_tree(TreeChanged(model.tree, Head(longest.id, longest.length)))
    timeline.zoom_to(0, min(longest.length, 2000))
    QApplication.processEvents()
    found: list[float] = []
    x, speed = float(NAMES + 40), 3.0
    canvas, before = timeline.viewport(), timeline.selected_node()
    assert canvas is not None
    right = min(float(canvas.width()), timeline.layout_now.x(longest.length)) - 20
    _mouse(canvas, QEvent.Type.MouseButtonPress, x)
    while len(found) < count:
        if rng.random() < 0.1:
            speed = rng.choice((-1, 1)) * 2 ** rng.uniform(0, 6)
        if rng.random() < 0.03:
            x = rng.uniform(NAMES + 10, right)
        x += speed
        if not NAMES + 10 <= x <= right:
            speed, x = -speed, min(max(x, NAMES + 10), right)
        began = time.perf_counter()
        _mouse(canvas, QEvent.Type.MouseMove, x)
        if timeline.selected_node() != before:  # another step, not only another pixel
            before = timeline.selected_node()
            found.append(1e3 * (_wait_displayed(viewport, timeline, began) - began))
        while time.perf_counter() < began + MOUSE_S:
            QApplication.processEvents()
    _mouse(canvas, QEvent.Type.MouseButtonRelease, x)
    return found


def _wait_displayed(viewport: Viewport, timeline: Timeline, began: float) -> float:
    """Until the frame of the step under the cursor is on the screen: when that was."""
    at, moments = timeline.selected_node(), list[float]()

    def on_displayed() -> None:
        words = viewport.drawn_view.preview
        if at is not None and words.startswith(f"Step {at.index} of") and "seen" not in words:
            on_screen()
            moments.append(time.perf_counter())

    viewport.displayed.connect(on_displayed)
    while not moments:
        QApplication.processEvents()
        if time.perf_counter() > began + 5.0:
            raise StudioError(f"The frame of {at} did not come within five seconds.")
    viewport.displayed.disconnect(on_displayed)
    return moments[0]


def _mouse(canvas: QWidget, kind: QEvent.Type, x: float) -> None:
    at = QPointF(x, RULER / 2)
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, QPointF(canvas.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def measure(archive: StoreArchive, tape: RecordedSteps, steps: int, frames: int, count: int) -> Measured:
    """One size."""
    cameras = tape.parts.world.spec.cameras
    branches = tree(steps)
    names = tuple(camera.name for camera in cameras)
    reader = FrameReader(Repeated(archive, frames, branches), names)  # type: ignore[arg-type]
    viewport = Viewport(cameras)
    past = TimelineController(LiveSession(), viewport, tape.parts.world.spec.dt, reader)
    try:
        fill(past, branches)
        past.frames = PastFrames(limit=1)  # every frame comes from the disk, or from the reader's own memory
        timeline = past.timeline
        for widget, height in ((timeline, HEIGHT), (viewport, 500)):
            widget.resize(WIDTH, height)
            widget.show()
        viewport.show_frames(tape.start.observation.frames)
        QApplication.processEvents()
        gc.collect()
        busy, fills = list[float](), list[float]()
        moves, steps_more = (
            repaints(timeline, count, busy, fills),
            appends(past, branches, tape.start.observation, count),
        )
        more, swaps = forks(past, branches, min(count, 50))
        found = Measured(steps, moves, busy, steps_more, more, fills, swaps, scrubs(past, viewport, count))
    finally:
        past.stop()
        for widget in (past.timeline, viewport):
            widget.close()
            widget.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
    return found


def fill_ratio(found: Measured) -> float:
    """A repaint, p95, over a bare fill of the same area."""
    return percentile(found.repaint, 95) / percentile(found.fill, 50)


def fork_ratio(found: Measured) -> float:
    """The longest new branch over an empty swap of the same window."""
    return max(found.fork) / percentile(found.frame, 50)


def figures_of(found: Sequence[Measured]) -> list[Figure]:
    """The worst size first, then every size."""

    def worst(name: str) -> float:
        return max(percentile(getattr(m, name), 95) for m in found)

    figures = [
        Figure("repaint_p95_ms", "repaint, p95, worst size", worst("repaint"), "ms", Goal("<=", REPAINT_MS)),
        Figure(
            "fill_ratio",
            "  over a bare fill of its area, worst size",
            max(map(fill_ratio, found)),
            "1",
            Goal("<=", FILL_RATIO),
        ),
        Figure("fill_p50_ms", "yardstick: bare fill, median", percentile([f for m in found for f in m.fill], 50), "ms"),
        Figure("repaint_busy_p95_ms", "  of which the processor worked", worst("busy"), "ms"),
        Figure("scrub_p95_ms", "mouse to frame, p95, worst size", worst("scrub"), "ms", Goal("<=", SCRUB_MS)),
        Figure("append_p95_ms", "one more step, p95, worst size", worst("append"), "ms"),
        Figure("fork_p95_ms", "one more branch, p95, worst size", worst("fork"), "ms"),
        Figure(
            "fork_ratio",
            "  the longest of all, over the empty swap",
            max(map(fork_ratio, found)),
            "1",
            Goal("<=", FORK_RATIO),
        ),
        Figure(
            "empty_swap_p50_ms",
            "yardstick: empty OpenGL swap of such a window, median",
            percentile([f for m in found for f in m.frame], 50),
            "ms",
        ),
    ]
    for m in found:
        for name, label in (("repaint", "repaint"), ("busy", "repaint, processor"), ("scrub", "mouse to frame"),
                            ("append", "one more step")):  # fmt: skip
            words = f"  {m.steps:,} steps: {label}, p95".replace(",", " ", 2 if m.steps >= 10**6 else 1)
            figures.append(Figure(f"{name}_p95_ms_{m.steps}", words, percentile(getattr(m, name), 95), "ms"))
    figures.append(Figure("repaints", "repaints per size", float(min(len(m.repaint) for m in found)), "1"))
    figures.append(Figure("scrubs", "movements per size", float(min(len(m.scrub) for m in found)), "1"))
    return figures


def recorded(folder: Path, frames: int, tape: RecordedSteps) -> StoreArchive:
    """A closed session of one trunk."""
    recorder = Recorder(folder)
    copied(tape, recorder, [frames])
    recorder.close()
    return open_archive(folder)


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("timeline", __doc__, "a thousand steps, few movements")
    options.add_world(parser)
    parser.add_argument(
        "--frames", type=int, default=2000, help="recorded steps that are scrubbed over (default: 2000)"
    )
    parser.add_argument("--count", type=int, default=400, help="repaints and movements per size (default: 400)")
    args = parser.parse_args(words)
    sizes, frames, count = (SIZES[:1], 200, 30) if args.quick else (SIZES, args.frames, args.count)
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    title = f"The timeline at {WIDTH} x {HEIGHT}. {options.machine()}"
    try:
        parts = load_parts(Config(world_weights=args.world_weights), lambda words: None)
        tape = imagined(parts.world, parts.policy, parts.task, min(TAPE, frames))
        Path("out").mkdir(exist_ok=True)
        with VirtualScreen(WIDTH, HEIGHT + 600), tempfile.TemporaryDirectory(dir="out", prefix="timeline-") as folder:
            application = make_qt()
            archive = recorded(Path(folder) / "session", frames, tape)
            found = [measure(archive, tape, steps, frames, count) for steps in sizes]
            application.quit()
    except StudioError as error:
        print(f"benchmarks.timeline: {error}", file=sys.stderr)
        return 1
    notes = [f"lanes of {', '.join(str(h) for h in HEIGHTS)} pixels; {PER_BRANCH} steps to a branch"]
    report("timeline", title, figures_of(found), notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
