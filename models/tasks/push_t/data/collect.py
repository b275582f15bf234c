"""The data engine: episodes of the reference world, in parallel, resumable, into a folder of Zarr parts.

    main.py collect --set play --frames 200000 --workers 2 --seed 0

An episode is a function of its seed and a part of its number, so that the number of workers changes nothing
but the time. Interrupted, the same command goes on with the first episode that is missing.
"""

import argparse
import multiprocessing
import os
import queue
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Final

from core.errors import StudioError
from models.arguments import positive
from models.datasets.dataset_parts import EPISODE_FRAMES, SPLITS, PartWriter, split_of, whole_frames

EPISODES_PER_PART: Final = 40
SEEDS_PER_SET: Final = 1_000_000
"""Episode seeds start at (seed + 1) times this: the seeds of starts and evaluations are below it."""


@dataclass(frozen=True, slots=True)
class CollectConfig:
    """What to collect."""

    folder: Path
    """Of the data set, for example data/push_t/play."""
    frames: int
    """At least this many; rounded up to whole episodes."""
    workers: int = 2
    seed: int = 0
    length: int = EPISODE_FRAMES
    """Frames of an episode; a multiple of 32 fills whole chunks."""
    split: int | None = None
    """Index into SPLITS for all episodes; None decides by seed."""

    @property
    def episodes(self) -> int:
        """Episodes in all."""
        return -(-self.frames // self.length)

    def part(self, number: int) -> Path:
        """The folder of a part."""
        return self.folder / f"part-{number:03d}.zarr"

    def seeds(self, number: int) -> range:
        """Episode seeds of a part."""
        first = SEEDS_PER_SET * (self.seed + 1)
        start = number * EPISODES_PER_PART
        return range(first + start, first + min(start + EPISODES_PER_PART, self.episodes))


def _fill_part(config: CollectConfig, number: int, done: "Queue[int]") -> None:
    """Record what is missing in one part."""
    os.environ.setdefault("LP_NUM_THREADS", "0")  # software OpenGL on the worker's own thread
    from models.tasks.push_t.data.episodes import part_info, record  # imported late: OpenGL reads the variable above
    from models.worlds.reference.world import load

    world = load()
    part = PartWriter(config.part(number), part_info(world, config.seed))
    for seed in config.seeds(number)[part.episodes :]:
        split = split_of(seed) if config.split is None else config.split
        part.append(record(world, seed, config.length), split)
        done.put(config.length)


def _work(config: CollectConfig, numbers: "Queue[int | None]", done: "Queue[int]") -> None:
    """One worker: parts until there are none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches every process; the one that started us ends us
    while (number := numbers.get()) is not None:
        _fill_part(config, number, done)


def collect(config: CollectConfig, report: bool = True) -> int:
    """Record what is missing of a data set.

    Returns:
        Frames in the data set.

    Raises:
        StudioError: a worker died.
    """
    config.folder.mkdir(parents=True, exist_ok=True)
    numbers = range(-(-config.episodes // EPISODES_PER_PART))
    present = sum(whole_frames(config.part(n)) for n in numbers)
    total = config.episodes * config.length
    if present >= total:
        return present
    context = multiprocessing.get_context("spawn")
    waiting: Queue[int | None] = context.Queue()
    done: Queue[int] = context.Queue()
    for number in [*numbers, *[None] * config.workers]:
        waiting.put(number)
    workers = [
        context.Process(target=_work, args=(config, waiting, done), name=f"collect-{i}") for i in range(config.workers)
    ]
    for worker in workers:
        worker.start()
    try:
        present = _watch(workers, done, present, total, report)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    return present


def _watch(
    workers: Sequence[multiprocessing.process.BaseProcess], done: "Queue[int]", present: int, total: int, report: bool
) -> int:
    """Count episodes until all are there, saying how long it will take."""
    began, first = time.monotonic(), present
    while present < total:
        try:
            present += done.get(timeout=1.0)
        except queue.Empty:
            failed = [w for w in workers if w.exitcode not in (None, 0)]
            if failed or not any(w.is_alive() for w in workers):
                raise StudioError(
                    f"Collecting stopped at {present} of {total} frames: {', '.join(w.name for w in failed)} died. "
                    "What was written is whole; the same command continues."
                ) from None
            continue
        if report:
            rate = (present - first) / (time.monotonic() - began)
            left = (total - present) / rate
            sys.stderr.write(f"\r{present:,} of {total:,} frames, {rate:.0f}/s, {left / 60:.1f} min left   ")
            sys.stderr.flush()
    if report:
        sys.stderr.write("\n")
    return present


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `main.py collect`."""
    parser.add_argument("--set", default="play", help="name of the data set (default: %(default)s)")
    parser.add_argument("--frames", type=positive, default=200_000, help="frames in all (default: %(default)s)")
    parser.add_argument("--workers", type=positive, default=2, help="processes (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=0, help="sets of different seeds share no episode (default: %(default)s)"
    )
    parser.add_argument(
        "--data", type=Path, default=Path("data/push_t"), help="folder of the sets (default: %(default)s)"
    )
    parser.add_argument(
        "--length", type=positive, default=EPISODE_FRAMES, help="frames of an episode (default: %(default)s)"
    )
    parser.add_argument("--split", choices=("by-seed", *SPLITS), default="by-seed", help="(default: %(default)s)")
    parser.add_argument("--summary", action="store_true", help="only describe what is there, with pictures")


def run(args: argparse.Namespace) -> int:
    """Collect, then describe the set with pictures beside it."""
    from models.tasks.push_t.data.summary import describe, summarise

    split = None if args.split == "by-seed" else SPLITS.index(args.split)
    config = CollectConfig(args.data / args.set, args.frames, args.workers, args.seed, args.length, split)
    if not args.summary:
        collect(config)
    figures = summarise(config.folder)
    sys.stdout.write(describe(figures, config.folder) + "\n")
    return 0
