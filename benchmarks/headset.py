"""What the headset costs, against a real OpenXR runtime (Monado, scripted hands, no headset).

python -m benchmarks.headset

The real application shows a session in the headset while its world steps as fast as it may (speed 4) under a policy
that holds still, one episode after the other. Work is the processor time that our own code takes per frame on the
OpenXR thread: input, uploads, layers. What waits for the runtime or for a core is not work; it is in the frame's
length and in the frames that were missed, which are reported only: compositor and OpenGL are software here. Before
that, poses are moved below the runtime until the control chain has turned them into an action. The yardstick of the
work is an empty OpenGL swap of the window on the screen, once a second meanwhile.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.application import Application
from app.command.screen import VirtualScreen
from app.inputs.input_devices import AUTO
from app.opening.config import Config
from benchmarks import options
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.monado import Hands, Service, ready
from benchmarks.studio import NothingCame, empty_swap, open_studio, opened, pause, submit
from core.action import ACTION_DIM, ActionLimits
from core.control import command, start
from core.errors import StudioError
from core.verbs import Run, SetSpeed
from devices.openxr.thread import FrameTime

GOAL_MS = 4.0
PATIENCE_S = 60.0
SETTLE_S = 3.0
"""Of the rollout before it is measured."""
MOVED_M = 1e-3
LOOK_S = 0.0005
DT = 0.1
FREE = ActionLimits(np.full(ACTION_DIM, -10.0, np.float32), np.full(ACTION_DIM, 10.0, np.float32))
SETUP = Path(__file__).resolve().parent.parent / ".ci/monado.py"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run."""

    frames: Sequence[FrameTime]
    seconds: float
    action_ms: Sequence[float]
    """Pose to action."""
    age_ms: Sequence[float]
    """From the sample that an action was made of to the action."""
    steps_per_s: float
    swap_ms: Sequence[float]
    """Yardstick: empty OpenGL swaps of the window on the screen, in turn with the frames."""
    what: str
    """Which world and policy."""


def wait(done: Callable[[], bool], what: str) -> None:
    """Let the application run until something is so.

    Raises:
        NothingCame: it never was.
    """
    end = time.monotonic() + PATIENCE_S
    while not done():
        pause(0.02)
        if time.monotonic() > end:
            raise NothingCame(f"{what} did not come within {PATIENCE_S:.0f} s.")


def to_action(studio: Application, hands: Hands) -> tuple[float, float]:
    """Milliseconds from a moved pose to the action that obeys it, and from the runtime's sample to the action."""
    read, control = studio.hands.read, studio.hands.control
    state, end = start(np.zeros(ACTION_DIM, np.float32), FREE), time.monotonic() + 0.15
    while time.monotonic() < end:
        state = command(read(), state, control, FREE, DT).state
        pause(0.005)
    pause(random.uniform(0.0, 0.02))
    left = hands.scene.left
    x = 0.1 if left.position[0] < 0 else -0.1
    began = time.perf_counter()
    hands.send(replace(hands.scene, left=replace(left, position=(x, *left.position[1:]))))
    while time.perf_counter() - began < PATIENCE_S:
        reading = read()
        out = command(reading, state, control, FREE, DT)
        if reading is not None and np.abs(out.action - state.target).max() > MOVED_M:
            return 1e3 * (time.perf_counter() - began), 1e3 * (time.monotonic() - reading.time)
        state = out.state
        time.sleep(LOOK_S)
    raise NothingCame("A hand was moved and no action came of it.")


def measure(world: str, seconds: float, motions: int) -> Measured:
    """The application in the headset."""
    with ExitStack() as stack:
        stack.enter_context(VirtualScreen(1600, 1200))
        service = stack.enter_context(Service(window=True, display=os.environ["DISPLAY"]))
        os.environ.update(service.environment)
        hands = Hands(service.port)
        stack.callback(hands.close)
        config = Config(world=world, policy="hold", sessions=None, device=AUTO, hardware=True, headset="auto")
        studio = stack.enter_context(open_studio(config, {}))
        if studio.headset is None:
            raise NothingCame("There is no headset in this configuration.")
        xr = studio.headset.xr
        wait(lambda: studio.hands.assigned == "openxr" and xr.state.drawing and not xr.state.why, "The headset")
        hands.send(replace(hands.scene, left=replace(hands.scene.left, squeeze=1.0)))
        wait(lambda: (now := studio.hands.read()) is not None and now.left is not None and now.left.clutch, "A clutch")
        answers = [to_action(studio, hands) for _ in range(motions)]
        submit(studio, SetSpeed(4.0), lambda status: status.speed == 4.0)
        submit(studio, Run(), lambda status: status.phase == "AUTONOMOUS")
        pause(SETTLE_S)
        stepped: list[object] = []
        studio.bridge.stepped.connect(stepped.append)
        began, swaps, swap = time.monotonic(), list[float](), empty_swap(studio)
        while time.monotonic() < began + seconds:
            pause(0.1)
            if time.monotonic() - began > len(swaps):
                swaps += swap.measure(1)
            if (
                studio.session.status is not None and studio.session.status.phase == "PAUSED"
            ):  # an episode has a last step
                studio.window.run_command("next_scene")
                studio.session.submit(Run())
        took = time.monotonic() - began
        studio.bridge.stepped.disconnect(stepped.append)
        frames = [frame for frame in list(xr.frames) if frame.at >= began]
        if not frames:
            raise NothingCame("The headset showed no frame.")
        moved, aged = [one for one, _ in answers], [age for _, age in answers]
        return Measured(frames, took, moved, aged, len(stepped) / took, swaps, opened(studio))


def figures_of(run: Measured) -> list[Figure]:
    """What is held, and what is reported."""
    work, wall = (
        [1e3 * value for value in values] for values in zip(*((f.work, f.wall) for f in run.frames), strict=True)
    )
    swap = percentile(run.swap_ms, 50)
    missed = sum(frame.missed for frame in run.frames)
    return [
        Figure("work_p99_ms", "our work per frame, p99", percentile(work, 99), "ms", Goal("<=", GOAL_MS)),
        Figure("work_ratio", "  over the empty swap", percentile(work, 99) / swap, "1"),
        Figure("empty_swap_p50_ms", "yardstick: empty OpenGL swap of the window on the screen, median", swap, "ms"),
        Figure("work_p50_ms", "  median", percentile(work, 50), "ms"),
        Figure("frame_p99_ms", "from the runtime's word to the end of the frame, p99", percentile(wall, 99), "ms"),
        Figure("frames_per_s", "frames", len(run.frames) / run.seconds, "1/s"),
        Figure("missed", f"frames missed in {run.seconds:.0f} s", missed, "1"),
        Figure("steps_per_s", "steps of the world meanwhile", run.steps_per_s, "1/s"),
        Figure("pose_to_action_p50_ms", "pose to action, median", percentile(run.action_ms, 50), "ms"),
        Figure("pose_to_action_p99_ms", "  p99", percentile(run.action_ms, 99), "ms"),
        Figure("sample_to_action_p50_ms", "the runtime's sample to action, median", percentile(run.age_ms, 50), "ms"),
        Figure("sample_to_action_p99_ms", "  p99", percentile(run.age_ms, 99), "ms"),
    ]  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("headset", __doc__, "two seconds, a few motions")
    parser.add_argument("--world", default="auto", help="registry name of the world (default: the best that is here)")
    parser.add_argument("--seconds", type=float, default=60.0, help="of frames (default: 60)")
    parser.add_argument("--motions", type=int, default=200, help="to an action (default: 200)")
    args = parser.parse_args(words)
    if not ready():  # the same command once more, on Monado's libraries
        own = sys.argv[1:] if words is None else list(words)
        os.execv(sys.executable, [sys.executable, str(SETUP), "-m", "benchmarks.headset", *own])
    seconds, motions = (2.0, 5) if args.quick else (args.seconds, args.motions)
    title = f"The headset, on Monado's software compositor. {options.machine()}"
    random.seed(0)
    try:
        run = measure(args.world, seconds, motions)
    except (StudioError, RuntimeError, OSError) as error:
        print(f"benchmarks.headset: {error}", file=sys.stderr)
        return 1
    notes = [run.what, f"{len(run.frames)} frames in {run.seconds:.0f} s, {motions} motions; no headset was attached"]
    report("headset", title, figures_of(run), notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
