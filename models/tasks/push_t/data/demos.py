"""Demonstrations: the scripted operator solves Push-T in the reference world, from pictures, into a data set.

    main.py demonstrate --episodes 300 --workers 1

Same layout as `collect` (dataset_parts.py), one kind "demo"; the recorded action is the commanded target.
Only successful episodes are kept, from the first look until the hands are home again. Episode lengths vary. A part is
a function of its number, so that the same command continues where it was interrupted.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import zarr
from numpy.typing import NDArray

from core.errors import StudioError
from models.arguments import positive
from models.datasets.dataset_parts import Episode, PartInfo, PartWriter, split_of
from models.tasks.push_t import geometry as g
from models.tasks.push_t.direct import DirectOperator
from models.tasks.push_t.task import MAX_STEPS, load

EPISODES_PER_PART: Final = 50
FIRST_SEED: Final = 400_000_000
"""Starts of demonstrations: far from those of evaluations, shipped starts and play."""
SEEDS_PER_PART: Final = 500
REST_FRAMES: Final = 4
"""Frames after the hands are home: what resting looks like belongs to the demonstration."""


@dataclass(frozen=True, slots=True)
class DemoConfig:
    """What to demonstrate."""

    folder: Path
    episodes: int
    workers: int = 1

    def path(self, part: int) -> Path:
        """The folder of a part."""
        return self.folder / f"part-{part:03d}.zarr"

    def count(self, part: int) -> int:
        """Episodes that a part holds."""
        return min(EPISODES_PER_PART, self.episodes - part * EPISODES_PER_PART)

    @property
    def parts(self) -> range:
        """Numbers of the parts."""
        return range(-(-self.episodes // EPISODES_PER_PART))


def demonstrate(world: Any, seed: int) -> Episode | None:
    """One demonstration in the reference world, or None where the operator did not get there in time."""
    task = load(world.spec.workcell)
    (state,) = world.reset([task.scene(seed)], [seed])
    operator = DirectOperator(workcell=world.spec.workcell)
    frames: dict[str, list[NDArray[np.uint8]]] = {camera.name: [] for camera in world.spec.cameras}
    rows: list[NDArray[np.float32]] = []
    rest = 0
    for _ in range(MAX_STEPS):
        (seen,) = world.observe([state])
        action = operator.targets(seen.frames, seen.ee_state)
        for name, frame in seen.frames.items():
            frames[name].append(frame)
        rows.append(np.concatenate([seen.ee_state, action, world.truth(state)["object_pose"]]).astype(np.float32))
        rest += operator.finished
        if rest > REST_FRAMES:
            break
        (state,), _ = world.step([state], action[None, None], [seed])
    if rest <= REST_FRAMES or g.coverage(world.truth(state)["object_pose"]) < g.SUCCESS_COVERAGE:
        return None
    table = np.stack(rows)
    pictures = {name: np.stack(pictures_of) for name, pictures_of in frames.items()}
    return Episode(pictures, table[:, :14], table[:, 14:28], {"object_pose": table[:, 28:]}, 0, seed)


def _seeds(writer: PartWriter, part: int) -> Iterator[int]:
    """Seeds of a part that were not tried yet."""
    first = FIRST_SEED + part * SEEDS_PER_PART
    seeds = np.asarray(zarr.open_array(writer.path / "episode_seed", mode="r")[: writer.episodes])
    return iter(range(int(seeds[-1]) + 1 if len(seeds) else first, first + SEEDS_PER_PART))


def _fill(config: DemoConfig, part: int) -> None:
    """Record what is missing in one part."""
    from models.worlds.reference.world import load as load_world

    world = load_world()
    about = {"world": world.spec.identity.to_dict(), "look": "shipped"}
    info = PartInfo(world.spec.task, ("demo",), world.spec.workcell, {"object_pose": (3,)}, about)
    writer = PartWriter(config.path(part), info)
    began, first = time.monotonic(), writer.episodes
    seeds = _seeds(writer, part)
    while writer.episodes < config.count(part):
        seed = next(seeds, None)
        if seed is None:
            raise StudioError(f"Part {part} ran out of seeds: the operator fails too often in this world.")
        episode = demonstrate(world, seed)
        if episode is None:
            sys.stderr.write(f"seed {seed} was not solved and is left out\n")
            continue
        writer.append(episode, split_of(episode.seed))
        each = (time.monotonic() - began) / (writer.episodes - first)
        left = each * (config.count(part) - writer.episodes)
        sys.stderr.write(f"part {part}: {writer.episodes} of {config.count(part)} episodes, {left / 60:.1f} min left\n")


def _work(config: DemoConfig, parts: Sequence[int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches every process; the one that started us ends us
    os.environ.setdefault("LP_NUM_THREADS", "0")  # software OpenGL on the worker's own thread
    for part in parts:
        _fill(config, part)


def collect(config: DemoConfig) -> None:
    """Record what is missing of the demonstrations.

    Raises:
        StudioError: a worker died.
    """
    config.folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_work, args=(config, config.parts[i :: config.workers]), name=f"demos-{i}")
        for i in range(config.workers)
    ]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join()
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    failed = [worker.name for worker in workers if worker.exitcode != 0]
    if failed:
        raise StudioError(f"{', '.join(failed)} died. What was written is whole; the same command continues.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "--episodes", type=positive, default=300, help="successful episodes in all (default: %(default)s)"
    )
    parser.add_argument("--workers", type=positive, default=1, help="processes (default: %(default)s)")
    parser.add_argument(
        "--out", type=Path, default=Path("data/push_t/demos"), help="folder of the set (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Collect demonstrations."""
    config = DemoConfig(args.out, args.episodes, args.workers)
    collect(config)
    sys.stdout.write(f"{config.episodes} demonstrations in {config.folder}\n")
    return 0
