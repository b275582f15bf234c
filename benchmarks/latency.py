"""From a key to the frame that shows what it did, and what the loop costs around the model.

python -m benchmarks.latency

The real application in a real window (on Xvfb where there is no screen), driven by Qt key events at random moments
while the operator corrects. A key counts as shown when the first frame in which the arm has moved is on the screen. In
turn with the keys, the yardstick: the swap of a window of the same size in which an empty OpenGL widget has the place
of the pictures. The loop's overhead is its own work per step: everything between the moment it turns to a step and the
last event of that step, less world, policy and judge.
"""

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from app.application import Application
from app.opening.config import Config
from benchmarks import options
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.loop_timing import Turn, TurnClock
from benchmarks.studio import DISPLAY_FRAME_MS, empty_swap, open_studio, opened, pause, submit, wait_for
from benchmarks.yardsticks import on_screen
from core.action import arm_slice
from core.errors import StudioError
from core.events import Status
from core.verbs import Pause, Run, SameScene, TakeOver

KEYS = ((Qt.Key.Key_W, "w"), (Qt.Key.Key_S, "s"))
"""The left arm forward and back: in turn, so that it stays within reach."""
MOVED_M = 1e-3
"""The measured arm has moved when it is this far from where it rested."""
SLACK_MS = 5.0
FRAME_RATIO = 1.5
"""Goal: what a key costs beyond one control period, over the empty swap of the same window."""
IN_A_ROW = 10
"""Keys, and swaps, before it is the other one's turn."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One key, milliseconds."""

    whole: float
    """From the key event until the frame is on the screen."""
    to_status: float
    """From the key event to the status of the step that obeyed it."""

    @property
    def drawn(self) -> float:
        """From that status to the screen."""
        return self.whole - self.to_status


def press(studio: Application, key: Qt.Key, text: str, kind: QEvent.Type) -> None:
    """A key event at the widget that has the focus, as the window system would send it."""
    target: QWidget = studio.window.focusWidget() or studio.window
    event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
    QCoreApplication.postEvent(target, event)


def forward(status: Status) -> float:
    """Where the left arm is along x, metres."""
    return float(status.observation.ee_state[arm_slice(0)][0])


def at_rest(studio: Application) -> float:
    """Wait until the arm does not move any more; where it is, metres."""
    seen: list[float] = []

    def rests(status: Status) -> bool:
        seen.append(forward(status))
        return len(seen) > 2 and max(seen[-3:]) - min(seen[-3:]) < MOVED_M / 10

    wait_for([studio.display.shown], rests)
    return seen[-1]


def answered(studio: Application, key: Qt.Key, text: str) -> Answer:
    """Hold a key until the arm is seen to move."""
    origin, began = at_rest(studio), 0.0
    pause(random.uniform(0.0, 0.1))  # at any moment of the control period

    def hold() -> None:
        nonlocal began
        began = time.monotonic()
        press(studio, key, text, QEvent.Type.KeyPress)

    status: Status = wait_for([studio.display.shown], lambda s: abs(forward(s) - origin) > MOVED_M, hold)
    on_screen()
    displayed = time.monotonic()
    press(studio, key, text, QEvent.Type.KeyRelease)
    return Answer(1e3 * (displayed - began), 1e3 * (status.shown_at - began))


def drive(studio: Application, keys: int, free_steps: int) -> tuple[list[Answer], list[float]]:
    """The policy drives a while, then the operator's keys do; the answers, and the empty swaps between them, ms."""
    submit(studio, Run(), lambda s: s.phase == "AUTONOMOUS")
    steps = 0

    def enough(status: Status) -> bool:
        nonlocal steps
        steps += 1
        return steps >= free_steps or status.phase == "PAUSED"

    wait_for([studio.display.shown], enough, limit_s=600.0)
    submit(studio, Pause(), lambda s: s.phase == "PAUSED")
    submit(studio, SameScene(), lambda s: s.head.index == 0)  # a solved scene would end every correction at once
    submit(studio, TakeOver(), lambda s: s.phase == "CORRECTING")
    answers, swaps, swap = list[Answer](), list[float](), empty_swap(studio)
    for number in range(keys):
        if number % IN_A_ROW == 0:
            swaps += swap.measure(IN_A_ROW)
        answers.append(answered(studio, *KEYS[number % len(KEYS)]))
    submit(studio, Pause(), lambda s: s.phase == "PAUSED")
    return answers, swaps


def limit_ms(dt: float) -> float:
    """One control period, one display frame and the slack, milliseconds."""
    return 1e3 * dt + DISPLAY_FRAME_MS + SLACK_MS


def figures_of(
    answers: Sequence[Answer], turns: Sequence[Turn], dt: float, ui_ms: float, swaps: Sequence[float]
) -> list[Figure]:
    """The figures of what was measured; `ui_ms` is the processor time of the UI thread per displayed frame."""
    whole, to_status, drawn = ([getattr(a, name) for a in answers] for name in ("whole", "to_status", "drawn"))
    overhead, processor, model = (
        [getattr(t, name) for t in turns] for name in ("overhead", "overhead_processor", "model")
    )
    goal, swap = Goal("<=", round(limit_ms(dt), 1)), percentile(swaps, 50)
    beyond = percentile(whole, 95) - 1e3 * dt
    return [
        Figure("input_to_frame_p95_ms", "key to displayed frame, p95", percentile(whole, 95), "ms", goal),
        Figure(
            "frame_ratio", "  less one control period, over the empty swap", beyond / swap, "1", Goal("<=", FRAME_RATIO)
        ),
        Figure("empty_swap_p50_ms", "yardstick: empty OpenGL swap of this window, median", swap, "ms"),
        Figure("input_to_frame_p50_ms", "  median", percentile(whole, 50), "ms"),
        Figure("input_to_step_p95_ms", "  key to the step that obeys, p95", percentile(to_status, 95), "ms"),
        Figure("step_to_frame_p50_ms", "  from the step to the screen, median", percentile(drawn, 50), "ms"),
        Figure("step_to_frame_p95_ms", "  from the step to the screen, p95", percentile(drawn, 95), "ms"),
        Figure("loop_overhead_p99_ms", "loop around the model, p99", percentile(overhead, 99), "ms", Goal("<=", 2)),
        Figure("loop_overhead_p50_ms", "  median", percentile(overhead, 50), "ms"),
        Figure("loop_processor_p99_ms", "  its processor time, p99", percentile(processor, 99), "ms"),
        Figure("model_p50_ms", "world, policy and judge, median", percentile(model, 50), "ms"),
        Figure("model_p99_ms", "world, policy and judge, p99", percentile(model, 99), "ms"),
        Figure("ui_processor_ms", "UI thread, processor time per frame", ui_ms, "ms"),
        Figure("keys", "keys", float(len(answers)), "1"),
        Figure("steps", "control steps", float(len(turns)), "1"),
    ]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("latency", __doc__, "a few keys")
    options.add_world(parser)
    parser.add_argument("--world", default="auto", help="registry name of the world (default: the best that is here)")
    parser.add_argument("--keys", type=int, default=100, help="keys that are pressed (default: 100)")
    args = parser.parse_args(words)
    keys, free_steps = (4, 10) if args.quick else (args.keys, 200)
    title = f"From a key to the displayed frame. {options.machine()}"
    clock = TurnClock()
    random.seed(0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            config = Config(world=args.world, world_weights=args.world_weights, sessions=Path(folder))
            with open_studio(config) as studio:
                session = studio.session.opened
                assert session is not None
                clock.watch(session.runtime, session.parts.world, session.parts.policy, session.book)
                frames: list[Status] = []
                studio.display.shown.connect(frames.append)
                used = time.thread_time()
                (answers, swaps), who = drive(studio, keys, free_steps), opened(studio)
                ui_ms = 1e3 * (time.thread_time() - used) / len(frames)
                dt = session.parts.world.spec.dt
    except StudioError as error:
        print(f"benchmarks.latency: {error}", file=sys.stderr)
        return 1
    report("latency", title, figures_of(answers, clock.turns, dt, ui_ms, swaps), [who])
    return 0


if __name__ == "__main__":
    sys.exit(main())
