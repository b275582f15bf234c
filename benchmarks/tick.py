"""Imagined steps per second of the shipped world, and how a denoising world model of published size compares.

python -m benchmarks.tick

A step: the dynamics move hands and object by one action and say how far to trust it, then both 128 x 128 views are
drawn; batch 1, one thread. Beside it, in the same run and alternating with it so that other work on the machine hits
both: a UNet denoiser of DIAMOND's published size (benchmarks/denoiser.py) that makes a frame in three evaluations.

What is divided by what: seconds of the denoiser for ONE 128 x 128 view, through seconds of our step with BOTH views.
DIAMOND draws one view; per view the ratio would be twice what is printed, and it is not doubled. Eager is held against
eager torch, best against best (ours: the shipped ONNX graphs; theirs: the fastest of what runs here).

The peak is a product of large matrices on one thread, measured in every round; shares are medians over rounds of what
a round's steps reached of that round's peak, so that a machine that slows down slows both.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import options
from benchmarks.backends import EAGER, Contender, contenders
from benchmarks.denoiser import Denoiser, imagined_frame, inputs, parameters
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.machine_yardsticks import matrix_peak
from core.errors import StudioError
from core.observation import Observation
from core.task import Task
from core.world import WorldState
from models import TASKS
from models.worlds.transport.torch_backend import load_net
from models.worlds.transport.world import TransportWorld, load

SIZE = 128
SEED = 0
JOURNEY = 200
"""Steps after which the scene starts again."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds of each part, one entry per step."""

    step: list[float] = field(default_factory=list)
    draw: list[float] = field(default_factory=list)
    judge: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Of step and draw: what the machine's other work takes away does not count here."""

    @property
    def imagined(self) -> list[float]:
        """Step with trust and both views, together."""
        return [step + draw for step, draw in zip(self.step, self.draw, strict=True)]


class Journey:
    """A world under wandering hands: step after step of one scene, each part timed."""

    def __init__(self, world: TransportWorld, task: Task) -> None:
        self._world, self._task = world, task
        self._scene = task.scene(SEED)
        self._random = np.random.default_rng(SEED)
        self._at = 0
        self._states: list[WorldState] = []
        self.costs = Costs()

    def advance(self, *, count: bool = True) -> None:
        """One step, and its times."""
        if self._at % JOURNEY == 0:
            self._states = self._world.reset([self._scene], [SEED])
            self._action = self._world.spec.home.copy()
        self._at += 1
        self._action[[0, 1, 7, 8]] += self._random.normal(0, 0.012, 4).astype(np.float32)
        self._action[:] = self._world.spec.limits.clip(self._action)
        began, used = time.perf_counter(), time.thread_time()
        self._states, trust = self._world.step(self._states, self._action[None, None], [SEED])
        stepped = time.perf_counter()
        seen = self._world.observe(self._states)
        drawn, used = time.perf_counter(), time.thread_time() - used
        self._task.judge(seen)
        judged = time.perf_counter()
        require_whole(seen[0], trust)
        if count:
            self.costs.step.append(1e3 * (stepped - began))
            self.costs.draw.append(1e3 * (drawn - stepped))
            self.costs.judge.append(1e3 * (judged - drawn))
            self.costs.processor.append(1e3 * used)


def require_whole(seen: Observation, trust: NDArray[np.float32] | None) -> None:
    """What is timed is what was promised: two views of 128 x 128 and a trust.

    Raises:
        ValueError: it is not.
    """
    if len(seen.frames) != 2 or any(frame.shape != (SIZE, SIZE, 3) for frame in seen.frames.values()):
        raise ValueError(f"A step shows {[frame.shape for frame in seen.frames.values()]}, not two {SIZE} px views.")
    if trust is None or not np.isfinite(trust).all():
        raise ValueError("A step came without its trust.")


def seconds(call: Callable[[], object]) -> float:
    """Of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def step_flop(weights: Path | None) -> float:
    """Floating-point operations of one step with both views: products and convolutions, as torch counts them."""
    from torch.utils.flop_counter import FlopCounterMode

    from models.worlds.transport.checkpoint import open_checkpoint
    from models.worlds.transport.graphs import Decode, examples

    net = load_net(open_checkpoint(weights))
    parts = examples(net, batch=1)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        dynamics, given = parts["dynamics"]
        dynamics(*given)
        Decode(net)(*parts["renderer"][1])  # what the pictures take; the graph's filled-up channels do not count
    return float(counter.get_total_flops())


def frame_flop() -> float:
    """Of one frame of the denoiser."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        imagined_frame(Denoiser(), *inputs(SIZE))
    return float(counter.get_total_flops())


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was timed."""

    onnx: Costs
    eager: Costs
    frames: dict[str, list[float]]
    """Backend of the denoiser -> milliseconds of one frame of one view."""
    peaks: list[float]
    """GFLOP/s of a matrix product, one entry per round, measured after the steps of that round."""
    rounds: list[float]
    """Milliseconds of one imagined step, the median of each round."""
    busy: float
    """Processor seconds per wall second while our shipped graphs ran; above 1 it would not be one thread."""


def measure(ours: Journey, eager: Journey, theirs: Sequence[Contender], rounds: int, steps: int) -> Measured:
    """Ours and theirs in turn, so that whatever else the machine does hits both."""
    frames: dict[str, list[float]] = {contender.name: [] for contender in theirs}
    for journey in (ours, eager):
        for _ in range(10):
            journey.advance(count=False)
    for contender in theirs:
        contender.frame()
    peaks: list[float] = []
    ours_by_round: list[float] = []
    busy = wall = 0.0
    for _ in range(rounds):
        began, used = time.perf_counter(), time.process_time()
        for _ in range(steps):
            ours.advance()
        busy, wall = busy + time.process_time() - used, wall + time.perf_counter() - began
        for _ in range(max(1, steps // 4)):
            eager.advance()
        for contender in theirs:
            frames[contender.name].append(1e3 * seconds(contender.frame))
        ours_by_round.append(percentile(ours.costs.imagined[-steps:], 50))
        peaks.append(matrix_peak())
    return Measured(ours.costs, eager.costs, frames, peaks, ours_by_round, busy / wall)


def figures_of(found: Measured, flop: float, their_flop: float, count: int) -> list[Figure]:
    """The figures of what was measured; medians."""
    both, eager = (percentile(costs.imagined, 50) for costs in (found.onnx, found.eager))
    frames = {name: percentile(values, 50) for name, values in found.frames.items()}
    best = min(frames, key=lambda name: frames[name])
    rate, their_rate = flop / both / 1e6, their_flop / frames[best] / 1e6
    share = percentile([flop / ms / 1e6 / top for ms, top in zip(found.rounds, found.peaks, strict=True)], 50)
    their_share = percentile(
        [their_flop / ms / 1e6 / top for ms, top in zip(found.frames[best], found.peaks, strict=True)], 50
    )
    return [
        Figure("steps_per_s", "imagined steps, both views and trust", 1e3 / both, "1/s", Goal(">=", 100)),
        Figure("ratio_to_denoiser", "faster than the denoiser, best/best", frames[best] / both, "1", Goal(">=", 140)),
        Figure("ratio_eager", "faster than the denoiser, eager/eager", frames[EAGER] / eager, "1"),
        Figure("imagined_ms", "one imagined step", both, "ms"),
        Figure("step_ms", "  dynamics and trust", percentile(found.onnx.step, 50), "ms"),
        Figure("draw_ms", "  both 128 px views", percentile(found.onnx.draw, 50), "ms"),
        Figure("imagined_p95_ms", "one imagined step, p95", percentile(found.onnx.imagined, 95), "ms"),
        Figure("processor_ms", "one imagined step, processor time", percentile(found.onnx.processor, 50), "ms"),
        Figure("judge_ms", "judging it (not in the step)", percentile(found.onnx.judge, 50), "ms"),
        Figure("eager_ms", "one imagined step, eager torch", eager, "ms"),
        Figure("denoiser_ms", f"denoiser, one view, {best}", frames[best], "ms"),
        Figure("denoiser_eager_ms", "denoiser, one view, eager torch", frames[EAGER], "ms"),
        Figure("denoiser_parameters", "denoiser, parameters", float(count), "1"),
        Figure("peak_gflops", "peak: matrix product, one thread", percentile(found.peaks, 50), "GFLOP/s"),
        Figure("step_gflop", "our step", flop / 1e9, "GFLOP"),
        Figure("gflops", "our step runs at", rate, "GFLOP/s"),
        Figure("peak_share", "our step, share of the peak of its round", share, "1", Goal(">=", 0.5)),
        Figure("denoiser_gflop", "denoiser, one frame", their_flop / 1e9, "GFLOP"),
        Figure("denoiser_gflops", "denoiser runs at", their_rate, "GFLOP/s"),
        Figure("denoiser_peak_share", "denoiser, share of the peak of its round", their_share, "1"),
    ]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("tick", __doc__, "a few steps, one frame of the denoiser, nothing compiled")
    options.add_world(parser)
    parser.add_argument("--rounds", type=int, default=12, help="frames of the denoiser per backend (default: 12)")
    args = parser.parse_args(words)
    rounds, steps = (1, 8) if args.quick else (args.rounds, 50)
    title = f"Imagined steps, batch 1, one thread, medians. {options.machine()}"
    notes: list[str] = []
    torch.set_num_threads(1)
    try:
        world, eager = load(args.world_weights, "cpu"), load(args.world_weights, "torch")
    except StudioError as error:
        print(f"benchmarks.tick: {error}", file=sys.stderr)
        return 1
    task: Task = TASKS.load(world.spec.task)()
    theirs = list(contenders(SIZE, quick=args.quick, say=notes.append))
    found = measure(Journey(world, task), Journey(eager, task), theirs, rounds, steps)
    count = parameters(Denoiser())
    notes = [
        f"ours: {world.spec.identity.name} {world.spec.identity.sha256[:12]}, {world.spec.identity.backend}",
        f"denoiser: {count / 1e6:.2f} M parameters, three evaluations per frame, one {SIZE} px view; "
        f"tried: {', '.join(f'{name} {percentile(ms, 50):.0f} ms' for name, ms in found.frames.items())}",
        "ratio: denoiser's time for ONE view / our time for BOTH views (per view it would be twice that)",
        f"processor seconds per second of ours: {found.busy:.2f} (one thread is at most 1)",
        *notes,
    ]
    flops = step_flop(args.world_weights), frame_flop()
    report("tick", title, figures_of(found, *flops, count), notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
