"""From the request to go back to any of a hundred thousand states until its picture is on the screen.

python -m benchmarks.rollback

A session of 1e5 steps is recorded (real imagined steps, repeated), closed, and continued in the real
application, so that at first every state is on disk only. Then random places are visited as a click on the timeline
does it, until the frame of that place is on the screen; each twice, first from the store, then from memory. In turn
with them, the yardstick: the swap of a window of the same size in which an empty OpenGL widget has the place of the
pictures.
"""

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.application import Application
from app.opening.config import Config
from app.opening.loading import load_parts
from benchmarks import options
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.recorded_steps import copied, imagined
from benchmarks.studio import empty_swap, open_studio, opened, pause, wait_for
from benchmarks.yardsticks import on_screen
from core.branch_tree import Head
from core.errors import StudioError
from core.events import Status
from core.recorder import Recorder

STEPS, EPISODE, TAPE = 100_000, 500, 300
"""Of the session, of each of its episodes, and imagined for it."""
FRAME_RATIO = 1.5
"""Goal: a rollback over the empty swap of the same window."""
IN_A_ROW = 10
"""Rollbacks, and swaps, before it is the other one's turn."""
OUT = Path("out")
"""The session goes below it: a folder for temporary files may be kept in memory."""


@dataclass(frozen=True, slots=True)
class Return:
    """One rollback, milliseconds."""

    whole: float
    """From the request until its frame is on the screen."""
    to_state: float
    """From the request until the session is there and has reported it."""

    @property
    def drawn(self) -> float:
        """From there to the screen."""
        return self.whole - self.to_state


def lengths(steps: int) -> list[int]:
    """Of the episodes that make a session of so many steps."""
    whole, rest = divmod(steps, EPISODE)
    return [EPISODE] * whole + ([rest] if rest else [])


def places(steps: int, count: int, seed: int = 0) -> list[Head]:
    """Different random states of such a session, never two in a row of the same place."""
    every = [Head(number, index + 1) for number, length in enumerate(lengths(steps)) for index in range(length)]
    return random.Random(seed).sample(every, min(count, len(every)))


def record(config: Config, folder: Path, steps: int) -> None:
    """A closed session of so many steps."""
    parts = load_parts(config, lambda words: None)
    tape = imagined(parts.world, parts.policy, parts.task, min(TAPE, steps))
    recorder = Recorder(folder)
    copied(tape, recorder, lengths(steps))
    recorder.close()


def go(studio: Application, place: Head) -> Return:
    """Go to a place as a click on the timeline does, until its frame was swapped."""
    began = 0.0

    def request() -> None:
        nonlocal began
        began = time.monotonic()
        studio.timeline.seek(place.branch, place.index)

    status: Status = wait_for([studio.display.shown], lambda s: s.head == place, request)
    on_screen()
    return Return(1e3 * (time.monotonic() - began), 1e3 * (status.shown_at - began))


def visited(studio: Application, wanted: Sequence[Head]) -> tuple[list[Return], list[float]]:
    """Every place once, with moments between as a person leaves them; and the empty swaps between them, ms."""
    returns, swaps, swap = list[Return](), list[float](), empty_swap(studio)
    for number, place in enumerate(wanted):
        if number % IN_A_ROW == 0:
            swaps += swap.measure(IN_A_ROW)
        pause(random.uniform(0.03, 0.08))
        returns.append(go(studio, place))
    return returns, swaps


def figures_of(stored: Sequence[Return], kept: Sequence[Return], states: int, swaps: Sequence[float]) -> list[Figure]:
    """The figures of what was measured."""
    whole, swap = [r.whole for r in stored], percentile(swaps, 50)
    return [
        Figure("p95_ms", "to any state, from disk, p95", percentile(whole, 95), "ms", Goal("<=", 16)),
        Figure("frame_ratio", "  over the empty swap", percentile(whole, 95) / swap, "1", Goal("<=", FRAME_RATIO)),
        Figure("empty_swap_p50_ms", "yardstick: empty OpenGL swap of this window, median", swap, "ms"),
        Figure("p50_ms", "  median", percentile(whole, 50), "ms"),
        Figure("told_p50_ms", "  request to state, median", percentile([r.to_state for r in stored], 50), "ms"),
        Figure("told_p95_ms", "  request to state, p95", percentile([r.to_state for r in stored], 95), "ms"),
        Figure("drawn_p50_ms", "  state to screen, median", percentile([r.drawn for r in stored], 50), "ms"),
        Figure("drawn_p95_ms", "  state to screen, p95", percentile([r.drawn for r in stored], 95), "ms"),
        Figure("memory_p95_ms", "the same states, now in memory, p95", percentile([r.whole for r in kept], 95), "ms"),
        Figure("memory_p50_ms", "  median", percentile([r.whole for r in kept], 50), "ms"),
        Figure("states", "states in the session", float(states), "1"),
        Figure("rollbacks", "rollbacks of each kind", float(len(stored)), "1"),
    ]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("rollback", __doc__, "a short session and a few rollbacks")
    options.add_world(parser)
    parser.add_argument("--world", default="auto", help="registry name of the world (default: the best that is here)")
    parser.add_argument("--rollbacks", type=int, default=300, help="of each kind (default: 300)")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of the session (default: {STEPS})")
    args = parser.parse_args(words)
    steps, count = (120, 6) if args.quick else (args.steps, args.rollbacks)
    title = f"Rollback to shown frame. {options.machine()}"
    try:
        OUT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=OUT, prefix="rollback-") as folder:
            config = Config(args.world, world_weights=args.world_weights, session=Path(folder) / "session")
            record(config, Path(folder) / "session", steps)
            with open_studio(config) as studio:
                wanted, states = places(steps, count), sum(b.length for b in studio.session.tree.branches.values())
                stored, swaps = visited(studio, wanted)
                kept, more = visited(studio, wanted)
                who = opened(studio)
    except StudioError as error:
        print(f"benchmarks.rollback: {error}", file=sys.stderr)
        return 1
    report("rollback", title, figures_of(stored, kept, states, [*swaps, *more]), [who])
    return 0


if __name__ == "__main__":
    sys.exit(main())
