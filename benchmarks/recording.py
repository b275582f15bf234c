"""How long recording holds up the loop, and whether everything that was told is on disk.

python -m benchmarks.recording

A loop at 60 Hz tells a real recorder one step with two 128 x 128 views at a time, into a session folder on disk.
Blocked is the time inside the recorder's calls of one step. How late the loop woke is measured too, with the recorder
and without it, since a writer on another thread may also hold the interpreter. Afterwards the folder is opened again
and counted, and pictures and states are compared with what was told.

Then steps are told as fast as the disk takes them, and the very same rows are written with plain zarr-python, one step
at a time and 64 at a time, into arrays of the same chunks: MB/s of all, not compressed, and the ratios.

The yardstick is a bare write: the same bytes, not compressed, appended to a file by one system call without fsync,
after every step of the loop, and before and after the steps that nothing paces.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from app.opening.config import Config
from app.opening.loading import load_parts
from benchmarks import options
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.machine_yardsticks import BareAppend
from benchmarks.raw_zarr import bytes_of, rows_of, written
from benchmarks.recorded_steps import RecordedSteps, copied, imagined, trunk
from core.errors import StudioError
from core.recorder import Recorder
from core.step import Step
from core.step_request import same_place
from core.store.archive import StoreArchive, open_archive
from core.store.columns import SHARD_ROWS

RATE_HZ = 60.0
TAPE = 200
EPISODE = 300
"""Steps after which a new episode begins."""
OUT = Path("out")
"""The session goes below it: a folder for temporary files may be kept in memory."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What a loop at 60 Hz saw, one entry per step, milliseconds."""

    blocked: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    """From the moment it should have woken."""
    bare: list[float] = field(default_factory=list)
    """A bare write of the bytes of the same step."""


class Tell:
    """Tells a recorder step after step of a tape; without one it only prepares them."""

    def __init__(self, tape: RecordedSteps, recorder: Recorder | None) -> None:
        self._tape, self._recorder = tape, recorder
        if recorder is not None:
            recorder.begin(tape.info, tape.codec)

    def __call__(self, number: int) -> float:
        """Tell of step `number` of the run; seconds inside the recorder."""
        episode, index = divmod(number, EPISODE)
        step, branch = told(self._tape, number), trunk(self._tape, episode)
        began = time.perf_counter()
        if self._recorder is not None:
            if index == 0:
                self._recorder.episode(branch, self._tape.start)
            self._recorder.check()
            self._recorder.step(step)
        return time.perf_counter() - began


def paced(count: int, tell: Callable[[int], float], bare: Callable[[int], float]) -> Loop:
    """Call tell(i), then bare(i), at 60 Hz; a late turn does not move the next one.

    Args:
        count: Turns.
        tell: Seconds inside the recorder.
        bare: Milliseconds of a bare write of the bytes of step i.
    """
    loop, began = Loop(), time.perf_counter()
    for number in range(count):
        due = began + number / RATE_HZ
        time.sleep(max(0.0, due - time.perf_counter()))
        woken = time.perf_counter()
        blocked = tell(number)
        loop.late.append(1e3 * (woken - due))
        loop.blocked.append(1e3 * blocked)
        loop.bare.append(bare(number))
    return loop


def told(tape: RecordedSteps, number: int) -> Step:
    """Step `number` of the run."""
    episode, index = divmod(number, EPISODE)
    return tape.step(episode, index, offset=7 * episode)


def bytes_told(tape: RecordedSteps, number: int) -> bytes:
    """What is recorded of step `number` of the run, not compressed: pictures, end effectors, action, packed states."""
    stored = tape.codec.pack(told(tape, number).node)
    states = [array for state in (stored.world, stored.policy, stored.control) for array in state.arrays.values()]
    arrays: list[NDArray[Any]] = [*stored.observation.frames.values(), stored.observation.ee_state, stored.action]
    return b"".join(array.tobytes() for array in [*arrays, *states])


def written_bare(tape: RecordedSteps, file: BareAppend, number: int) -> float:
    """Milliseconds of a bare write of step `number` of the run."""
    return file.measure(bytes_told(tape, number))


def bare_speed(tape: RecordedSteps, file: BareAppend, count: int) -> float:
    """MB/s of bare writes of some steps."""
    payloads = [bytes_told(tape, number) for number in range(count)]
    return 1e-3 * sum(map(len, payloads)) / sum(map(file.measure, payloads))


def dropped(archive: StoreArchive, tape: RecordedSteps, count: int) -> int:
    """Steps of the run that the folder does not give back exactly as they were told."""
    lost = 0
    for number in range(count):
        step = told(tape, number)
        if not archive.holds(step.branch, step.index + 1):
            lost += 1
            continue
        found = tape.codec.unpack(archive.node(step.branch, step.index + 1))
        lost += not same_place(tape.codec, found, step.node)
    return lost


def size_of(folder: Path) -> int:
    """Bytes of a session folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast steps get to the disk where nothing paces them, MB/s of numbers that are not compressed."""

    recorder: float
    """Told, recorded, folded and closed."""
    zarr: float
    """Plain zarr-python, one step at a time."""
    batched: float
    """Plain zarr-python, SHARD_ROWS steps at a time: nothing is on the disk before they are complete."""
    bare: float
    """Bare writes, before and after the others, mean."""


def speed(tape: RecordedSteps, folder: Path, bare: BareAppend, count: int, zarr_count: int) -> Speed:
    """Record steps flat out, then write some of the same rows with plain zarr-python."""
    session, before = folder / "flat-out", bare_speed(tape, bare, zarr_count)
    began = time.perf_counter()
    recorder = Recorder(session)
    copied(tape, recorder, [EPISODE] * (count // EPISODE) + [count % EPISODE or EPISODE])
    recorder.close()
    took = time.perf_counter() - began
    rows = rows_of(session, zarr_count)
    per_step = bytes_of(rows) / len(rows[0][1])
    steps = open_archive(session).steps
    megabytes = 1e-6 * bytes_of(rows)
    return Speed(
        1e-6 * per_step * steps / took,
        megabytes / written(rows, folder / "raw"),
        megabytes / written(rows, folder / "batched", SHARD_ROWS),
        (before + bare_speed(tape, bare, zarr_count)) / 2,
    )


def figures_of(with_recorder: Loop, without: Loop, lost: int, bytes_per_step: float, fast: Speed) -> list[Figure]:
    """The figures of what was measured."""
    blocked, bare = with_recorder.blocked, percentile(with_recorder.bare, 50)
    return [
        Figure("blocked_p99_ms", "loop blocked by recording, p99", percentile(blocked, 99), "ms", Goal("<=", 1)),
        Figure("blocked_p50_ms", "  median", percentile(blocked, 50), "ms"),
        Figure("blocked_max_ms", "  longest", max(blocked), "ms"),
        Figure("blocked_bare_ratio", "  p99, over a bare write of the same bytes", percentile(blocked, 99) / bare, "1"),
        Figure("bare_write_p50_ms", "yardstick: bare write of a step, median", bare, "ms"),
        Figure("dropped", "steps that are not on disk as told", float(lost), "1", Goal("==", 0)),
        Figure("late_p99_ms", "loop woke late, p99, recording", percentile(with_recorder.late, 99), "ms"),
        Figure("late_alone_p99_ms", "  p99, not recording", percentile(without.late, 99), "ms"),
        Figure("late_p50_ms", "  median, recording", percentile(with_recorder.late, 50), "ms"),
        Figure("late_alone_p50_ms", "  median, not recording", percentile(without.late, 50), "ms"),
        Figure("mb_per_s", "steps to the disk, flat out", fast.recorder, "MB/s"),
        Figure("zarr_mb_per_s", "  the same rows with plain zarr-python", fast.zarr, "MB/s"),
        Figure("ratio_to_zarr", "  ratio", fast.recorder / fast.zarr, "1", Goal(">=", 1)),
        Figure("zarr_batched_mb_per_s", "  the same in batches of 64 steps", fast.batched, "MB/s"),
        Figure("ratio_to_zarr_batched", "  ratio", fast.recorder / fast.batched, "1"),
        Figure("bare_mb_per_s", "yardstick: bare writes of the same bytes", fast.bare, "MB/s"),
        Figure("bare_share", "  recorded flat out, share of it", fast.recorder / fast.bare, "1"),
        Figure("bytes_per_step", "on disk", bytes_per_step, "bytes per step"),
        Figure("steps", "steps", float(len(blocked)), "1"),
    ]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("recording", __doc__, "two seconds")
    options.add_world(parser)
    parser.add_argument("--world", default="auto", help="registry name of the world (default: the best that is here)")
    parser.add_argument("--seconds", type=float, default=60.0, help="of recording (default: 60)")
    args = parser.parse_args(words)
    count = round(RATE_HZ * (2.0 if args.quick else args.seconds))
    title = f"Recording at {RATE_HZ:.0f} Hz. {options.machine()}"
    try:
        parts = load_parts(Config(args.world, world_weights=args.world_weights), lambda words: None)
        tape = imagined(parts.world, parts.policy, parts.task, min(TAPE, count))
        OUT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=OUT, prefix="recording-") as folder, ExitStack() as stack:
            session = Path(folder) / "session"
            file = BareAppend(Path(folder) / "bare")
            stack.callback(file.close)
            alone = paced(max(count // 4, 60), Tell(tape, None), partial(written_bare, tape, file))
            recorder = Recorder(session)
            loop = paced(count, Tell(tape, recorder), partial(written_bare, tape, file))
            began = time.perf_counter()
            recorder.close()
            closing = time.perf_counter() - began
            fast = speed(tape, Path(folder), file, *((60, 20) if args.quick else (3000, 300)))
            lost, size = dropped(open_archive(session), tape, count), size_of(session)
    except StudioError as error:
        print(f"benchmarks.recording: {error}", file=sys.stderr)
        return 1
    views = ", ".join(f"{c.name} {c.width} x {c.height}" for c in parts.world.spec.cameras)
    notes = [f"views: {views}; closing the session took {closing:.2f} s"]
    report("recording", title, figures_of(loop, alone, lost, size / count, fast), notes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
