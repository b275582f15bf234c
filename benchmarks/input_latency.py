"""From a raw sample below each device's library to the action, and to the frame that shows it.

python -m benchmarks.input_latency

Every device is moved through the seam of its tests: the real SDL, pyspacemouse, Feetech and Dynamixel SDKs run, the
hardware below them is made up (a cable adds what it adds). A motion counts as an action when the control chain has
turned a reading of it into one, asked every half millisecond: what a session adds to that is the wait for its next
step, which is in the time to the displayed frame. That is measured in the real application, at random moments of
the control period, until the swap of the first frame in which an arm has moved.

The yardsticks: a device that is sampled is held against its own sample period in the same run, the keyboard against a
bare thread hand-over; hand-overs are measured in turn with the motions.
"""

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.application import Application
from app.inputs.input_devices import AUTO, InputDevices
from app.opening.config import Config
from benchmarks import options
from benchmarks.emulated.seams import SEAMS, Seam
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.machine_yardsticks import hand_over
from benchmarks.studio import NothingCame, open_studio, pause, submit, wait_for
from core.action import ACTION_DIM, ActionLimits, arm_slice
from core.control import ControlState, command, start
from core.errors import StudioError
from core.events import Status
from core.verbs import Pause, TakeOver
from devices.reader import Reader

GOAL_MS = 30.0
"""A reading of a leader arm every 10 ms, a puck's every 8 ms, and a thread that has to get its turn."""
MOVED_M = 1e-3
"""An arm has moved when it is this far from where it rested."""
LOOK_S = 0.0005
PATIENCE_S = 20.0
REST_S = 0.12
"""Between two motions; a puck's report of rest has come by then."""
CALLS = 2000
"""Reads over which the cost of one is averaged."""
DT = 0.1
FREE = ActionLimits(np.full(ACTION_DIM, -10.0, np.float32), np.full(ACTION_DIM, 10.0, np.float32))


@dataclass(frozen=True, slots=True)
class Measured:
    """One device."""

    name: str
    action_ms: Sequence[float]
    """Raw sample to action, milliseconds each."""
    frame_ms: Sequence[float]
    """Raw sample to displayed frame, milliseconds each; empty where that was left out."""
    poll_us: float
    """Mean time of one read, microseconds."""
    rate_hz: float
    """Samples per second while it moves; 0 for the keyboard, which reports changes only."""
    hand_over_ms: Sequence[float]
    """Bare thread hand-overs, in turn with the motions, milliseconds each."""

    @property
    def yardstick_ms(self) -> float:
        """One sample period; for a device that is not sampled the median hand-over. Milliseconds."""
        return 1e3 / self.rate_hz if self.rate_hz else percentile(self.hand_over_ms, 50)

    @property
    def action_ratio(self) -> float:
        """Raw sample to action, p99, over the yardstick."""
        return percentile(self.action_ms, 99) / self.yardstick_ms


def seat(hands: InputDevices, name: str) -> None:
    """Wait until a device drives.

    Raises:
        NothingCame: it cannot be read; why.
    """
    hands.assign(AUTO)
    end = time.monotonic() + PATIENCE_S
    while hands.assigned != name or hands.read() is None:
        hands.take_in()
        time.sleep(0.005)
        if time.monotonic() > end:
            raise NothingCame(f"The virtual {name} does not come: {hands.why()}")


def settled(hands: InputDevices) -> ControlState:
    """The control state of hands that have rested for a while."""
    state, end = start(np.zeros(ACTION_DIM, np.float32), FREE), time.monotonic() + REST_S
    while time.monotonic() < end:
        state = command(hands.read(), state, hands.control, FREE, DT).state
        time.sleep(0.005)
    return state


def to_action(hands: InputDevices, hand: Seam) -> float:
    """Milliseconds from one motion below the library to the action that obeys it.

    Raises:
        NothingCame: it did not move anything.
    """
    state = settled(hands)
    time.sleep(random.uniform(0.0, 0.02))  # at any moment of the device's own period
    began = time.perf_counter()
    hand.go()
    while time.perf_counter() - began < PATIENCE_S:
        out = command(hands.read(), state, hands.control, FREE, DT)
        if not out.idle and np.abs(out.action - state.target.astype(np.float32)).max() > MOVED_M:
            elapsed = time.perf_counter() - began
            hand.rest()
            return 1e3 * elapsed
        state = out.state
        time.sleep(LOOK_S)
    raise NothingCame("A device was moved and no action came of it.")


def poll_cost(hands: InputDevices) -> float:
    """Mean microseconds of one read by the session."""
    began = time.perf_counter()
    for _ in range(CALLS):
        hands.read()
    return 1e6 * (time.perf_counter() - began) / CALLS


def rate(hands: InputDevices, hand: Seam) -> float:
    """Samples per second while the device moves."""
    hand.go()
    time.sleep(1.5)  # the rate is that of the newest hundred samples
    rates = [one.device.rate_hz for one in hands.driving if isinstance(one.device, Reader)]
    hand.rest()
    return max(rates, default=0.0)


def tools(status: Status) -> np.ndarray:
    """(2, 3) metres."""
    return np.array([status.observation.ee_state[arm_slice(arm)][:3] for arm in (0, 1)])


def to_frame(studio: Application, hand: Seam) -> float:
    """Milliseconds from one motion below the library to the swap of the first frame in which an arm has moved."""
    seen: list[np.ndarray] = []

    def rests(status: Status) -> bool:
        seen.append(tools(status))
        return len(seen) > 2 and float(np.ptp(seen[-3:], axis=0).max()) < MOVED_M / 10

    wait_for([studio.display.shown], rests)
    origin, began = seen[-1], 0.0
    pause(random.uniform(0.0, 0.1))

    def go() -> None:
        nonlocal began
        began = time.perf_counter()
        hand.go()

    wait_for([studio.display.shown], lambda status: float(np.abs(tools(status) - origin).max()) > MOVED_M, go)
    elapsed = time.perf_counter() - began
    hand.rest()
    return 1e3 * elapsed


def frames_of(name: str, hand: Seam, world: str, count: int) -> list[float]:
    """Motion to frame in the real application, milliseconds each."""
    config = Config(world=world, sessions=None, device=AUTO, hardware=True)
    with open_studio(config, hand.drivers) as studio:
        hand.attach(studio.hands.keyboard)
        end = time.monotonic() + PATIENCE_S
        while not (
            studio.session.status is not None
            and studio.session.status.device == name
            and studio.session.status.device_connected
        ):
            pause(0.05)
            if time.monotonic() > end:
                raise NothingCame(f"The virtual {name} does not drive: {studio.hands.why()}")
        pause(0.3)
        submit(studio, TakeOver(), lambda status: status.phase == "CORRECTING")
        answers = [to_frame(studio, hand) for _ in range(count)]
        submit(studio, Pause(), lambda status: status.phase == "PAUSED")
    return answers


def measure(name: str, world: str, motions: int, frames: int) -> Measured:
    """One device, on a table of its own."""
    with tempfile.TemporaryDirectory() as folder, SEAMS[name](Path(folder)) as hand:
        hands = InputDevices(drivers=hand.drivers)
        hand.attach(hands.keyboard)
        hands.start()
        try:
            seat(hands, name)
            answers, hand_overs = list[float](), list[float]()
            for _ in range(motions):
                answers.append(to_action(hands, hand))
                hand_overs.append(hand_over())
            cost, hz = poll_cost(hands), rate(hands, hand)
        finally:
            hands.close()
        shown = frames_of(name, hand, world, frames) if frames else []
    return Measured(name, answers, shown, cost, hz, hand_overs)


def figures_of(all_of_them: Sequence[Measured]) -> list[Figure]:
    """The figures of what was measured; the worst device is the one that is held."""
    worst = max(percentile(one.action_ms, 99) for one in all_of_them)
    sampled = [one.action_ratio for one in all_of_them if one.rate_hz]
    figures = [Figure("worst_action_p99_ms", "sample to action, p99, worst device", worst, "ms", Goal("<=", GOAL_MS))]
    if sampled:
        figures.append(Figure("worst_period_ratio", "  over a sample period, worst sampled device", max(sampled), "1"))
    passed_on = percentile([ms for one in all_of_them for ms in one.hand_over_ms], 50)
    figures.append(Figure("hand_over_p50_ms", "yardstick: bare thread hand-over, median", passed_on, "ms"))
    for one in all_of_them:
        name = one.name
        figures += [
            Figure(f"{name}_action_p50_ms", f"{name}: sample to action, median", percentile(one.action_ms, 50), "ms"),
            Figure(f"{name}_action_p99_ms", "  p99", percentile(one.action_ms, 99), "ms"),
            Figure(
                f"{name}_action_ratio",
                f"  p99, over {'one sample period' if one.rate_hz else 'a thread hand-over'}",
                one.action_ratio,
                "1",
            ),
        ]
        if one.frame_ms:
            figures += [
                Figure(f"{name}_frame_p50_ms", "  sample to frame, median", percentile(one.frame_ms, 50), "ms"),
                Figure(f"{name}_frame_p99_ms", "  p99", percentile(one.frame_ms, 99), "ms"),
            ]
        figures.append(Figure(f"{name}_poll_us", "  one read", one.poll_us, "us"))
        if one.rate_hz:
            figures.append(Figure(f"{name}_rate_hz", "  rate while moving", one.rate_hz, "1/s"))
    return figures


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("input_latency", __doc__, "a few motions, no frames")
    parser.add_argument("--world", default="auto", help="registry name of the world (default: the best that is here)")
    parser.add_argument("--device", choices=tuple(SEAMS), action="append", help="only this one (may be repeated)")
    parser.add_argument("--motions", type=int, default=200, help="per device, to an action (default: 200)")
    parser.add_argument("--frames", type=int, default=40, help="per device, to a frame (default: 40)")
    args = parser.parse_args(words)
    motions, frames = (5, 0) if args.quick else (args.motions, args.frames)
    title = f"From a raw sample to the action and to the frame. {options.machine()}"
    random.seed(0)
    try:
        measured = [measure(name, args.world, motions, frames) for name in args.device or SEAMS]
    except StudioError as error:
        print(f"benchmarks.input_latency: {error}", file=sys.stderr)
        return 1
    notes = [f"{motions} motions to an action and {frames} to a frame per device; no hardware was attached"]
    report("input_latency", title, figures_of(measured), notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
