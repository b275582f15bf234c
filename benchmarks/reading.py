"""A random picture and a random training window from disk: our session against other people's formats.

python -m benchmarks.reading

A session is recorded and kept twice, as it was recorded and compacted, as `run` leaves a long one behind; the held
ratios are those of the slower of the two. The same steps are written as LeRobot v3.0 videos (AV1 and h264, two
pictures per group) and as diffusion_policy replay buffers (Zarr v2; chunks of 2 MB and of one picture, lz4 and zstd).
A window is two observations of every camera and 16 actions. Every reader is asked for the same rows in the same
random order, in turns, with its files open; numbers are in memory everywhere. Page cache: all files were just written
and are read through once before the measurement, so that no reader waits for the disk. Each ratio is against the
fastest of the other format's variants. The yardstick is one more reader in turn with them: a bare read of the same
pictures, which are not compressed there.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from app.opening.config import Config
from app.opening.loading import load_parts
from benchmarks import options
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.other_readers import (
    ACTIONS,
    BARE,
    BUFFERS,
    CODECS,
    OBSERVATIONS,
    BareShelf,
    BufferShelf,
    SessionShelf,
    Shelf,
    VideoShelf,
    rows_of,
)
from benchmarks.recorded_steps import RecordedSteps, copied, imagined
from benchmarks.recording import size_of
from core.errors import StudioError
from core.recorder import Recorder
from core.store.compaction import compacting
from models.datasets.windows import TrainingWindows

TAPE = 300
ROUND = 25
"""Reads of one reader before it is the next one's turn."""
RECORDED, COMPACTED = "session", "session compacted"
OUT = Path("out")
"""The files go below it: a folder for temporary files may be kept in memory."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What one reader took, milliseconds per read."""

    frame: list[float] = field(default_factory=list)
    window: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, by the name of the reader."""

    reads: dict[str, Reads]
    sizes: dict[str, float]
    """Bytes on disk per step."""
    off: float
    """Largest mean difference of a reader's pictures from the session's, 0..255."""
    views: str


def measured(shelves: Sequence[Shelf], rows: Sequence[int], cameras: Sequence[str]) -> dict[str, Reads]:
    """Every reader reads the same rows in the same order, a few at a time, by turns."""
    found = {shelf.name: Reads() for shelf in shelves}
    for at in range(0, len(rows), ROUND):
        some = rows[at : at + ROUND]
        for shelf in shelves:
            found[shelf.name].frame.extend(_timed(partial(_picture, shelf, cameras), some))
        for shelf in shelves:
            found[shelf.name].window.extend(_timed(shelf.window, some))
    return found


def _picture(shelf: Shelf, cameras: Sequence[str], row: int) -> object:
    return shelf.frame(row, cameras[row % len(cameras)])


def _timed(read: Callable[[int], object], rows: Sequence[int]) -> list[float]:
    """Milliseconds of each read."""
    times = []
    for row in rows:
        began = time.perf_counter()
        read(row)
        times.append(1e3 * (time.perf_counter() - began))
    return times


def agreement(shelves: Sequence[Shelf], rows: Sequence[int]) -> float:
    """Mean difference of pictures from the first reader's, 0..255, the largest of all readers.

    Raises:
        ValueError: a reader gives other numbers, or pictures that are not those of the row.
    """
    worst = 0.0
    for row in rows:
        frames, *numbers = shelves[0].window(row)
        for shelf in shelves[1:]:
            others, *theirs = shelf.window(row)
            off = max(float(np.abs(a.astype(np.int16) - b).mean()) for a, b in zip(frames, others, strict=True))
            worst = max(worst, off)
            exact = not isinstance(shelf, VideoShelf)
            same = all(np.array_equal(a, b) for a, b in zip(numbers, theirs, strict=True))
            if not same or (exact and off > 0) or off > 12:
                raise ValueError(f"{shelf.name} gives something else at row {row} (pictures off by {off:.1f})")
    return worst


def figures_of(result: Result) -> list[Figure]:
    """The figures of what was measured: medians."""
    reads, sizes = result.reads, result.sizes
    frame = {name: percentile(r.frame, 50) for name, r in reads.items()}
    window = {name: percentile(r.window, 50) for name, r in reads.items()}
    mine, videos = RECORDED, [name for name in reads if name.startswith("LeRobot")]
    buffers = [name for name in reads if name.startswith("buffer")]
    video, buffer = min(videos, key=frame.__getitem__), min(buffers, key=window.__getitem__)
    film, other = min(window[v] for v in videos), min(frame[b] for b in buffers)
    picture, whole = (max(found[name] for name in (RECORDED, COMPACTED)) for found in (frame, window))
    found = [
        Figure("random_ratio", f"picture, slower session vs {video}", frame[video] / picture, "1", Goal(">=", 5)),
        Figure("window_ratio", f"window, slower session vs {buffer}", window[buffer] / whole, "1", Goal(">=", 1)),
        Figure("window_video_ratio", "window, session vs fastest LeRobot", film / window[mine], "1"),
        Figure("random_buffer_ratio", "random picture, session vs fastest buffer", other / frame[mine], "1"),
        Figure("random_bare_ratio", "picture, slower session over a bare read", picture / frame[BARE], "1"),
        Figure("window_bare_ratio", "window, slower session over a bare read", whole / window[BARE], "1"),
    ]
    for name in reads:
        key = "".join(c if c.isalnum() else "_" for c in name.lower()).replace("__", "_")
        found += [
            Figure(f"{key}_frame_ms", f"{name}: random picture, median", frame[name], "ms"),
            Figure(f"{key}_frame_p99_ms", "  p99", percentile(reads[name].frame, 99), "ms"),
            Figure(f"{key}_window_ms", "  window, median", window[name], "ms"),
            Figure(f"{key}_window_p99_ms", "  window, p99", percentile(reads[name].window, 99), "ms"),
            Figure(f"{key}_bytes", "  on disk", sizes[name], "bytes per step"),
        ]
    return [*found, Figure("reads", "reads of each kind per reader", float(len(reads[mine].frame)), "1")]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("reading", __doc__, "a short session, few reads")
    options.add_world(parser)
    parser.add_argument("--world", default="auto", help="registry name of the world (default: the best that is here)")
    parser.add_argument("--steps", type=int, default=3000, help="of the session (default: 3000)")
    parser.add_argument("--reads", type=int, default=1500, help="of each kind per reader (default: 1500)")
    args = parser.parse_args(words)
    steps, count = (60, 50) if args.quick else (max(args.steps, 20), max(args.reads, 1))
    title = f"Reading at random. {options.machine()}"
    try:
        parts = load_parts(Config(args.world, world_weights=args.world_weights), lambda words: None)
        tape = imagined(parts.world, parts.policy, parts.task, min(TAPE, steps))
        OUT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=OUT, prefix="reading-") as folder:
            result = _compared(tape, Path(folder), steps, count)
    except StudioError as error:
        print(f"benchmarks.reading: {error}", file=sys.stderr)
        return 1
    notes = [
        f"{result.views}; {steps} steps; a window is {OBSERVATIONS} observations of all views and {ACTIONS} actions",
        "page cache: everything was read once before; files are open, numbers are in memory, for every reader",
        f"session and buffers give the same bytes; videos lose some (a window is off by up to {result.off:.1f} of 255)",
    ]
    report("reading", title, figures_of(result), notes)
    return 0


def _compared(tape: RecordedSteps, folder: Path, steps: int, count: int) -> Result:
    """Write the same steps on every shelf, check that they give the same, and read them at random."""
    recorder = Recorder(folder / "session")
    copied(tape, recorder, [min(TAPE, steps - at) for at in range(0, steps, TAPE)])
    recorder.close()
    shutil.copytree(folder / "session", folder / "compacted")
    for _ in compacting(folder / "compacted"):
        pass
    folders = {RECORDED: folder / "session", COMPACTED: folder / "compacted"}
    ours = {
        name: TrainingWindows([path], observations=OBSERVATIONS, horizon=ACTIONS, keep=0)
        for name, path in folders.items()
    }
    windows = ours[RECORDED]
    rows = rows_of(windows)  # reads our files through; those of the others are written from what it gives
    shelves: list[Shelf] = [SessionShelf(some, name) for name, some in ours.items()]
    with ExitStack() as stack:
        for number, codec in enumerate(CODECS):
            video = VideoShelf(rows, folder / f"video-{number}", codec)
            stack.callback(video.close)
            shelves.append(video)
            folders[video.name] = folder / f"video-{number}"
        for number, kind in enumerate(BUFFERS):
            shelves.append(BufferShelf(rows, folder / f"buffer-{number}.zarr", kind))
            folders[shelves[-1].name] = folder / f"buffer-{number}.zarr"
        bare = BareShelf(rows, folder / "bare")
        stack.callback(bare.close)
        shelves.append(bare)
        folders[BARE] = folder / "bare"
        for path in folder.rglob("*"):
            if path.is_file():
                path.read_bytes()
        random = np.random.default_rng(0)
        off = agreement(shelves, [int(row) for row in random.integers(0, len(windows), 20)])
        order = [int(row) for row in random.integers(0, len(windows), count)]
        reads = measured(shelves, order, windows.cameras)
    views = "views " + ", ".join(f"{name} {f.shape[2]} x {f.shape[1]}" for name, f in rows.frames.items())
    return Result(reads, {name: size_of(path) / len(windows) for name, path in folders.items()}, off, views)


if __name__ == "__main__":
    sys.exit(main())
