"""A foreign data set as base data: parts in the layout of dataset_parts.py, which policy training reads.

Episodes are streamed a block of rows at a time. A part is committed episode by episode, so that the same command
goes on where it was interrupted.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import zarr
from numpy.typing import NDArray

from core.camera import Camera
from core.errors import BadConfig, BadStore
from core.seeds import generator
from core.workcell import Workcell, shipped_workcell
from models import DEFAULT_TASK
from models.datasets.dataset_parts import FRAMES_PER_CHUNK, PartInfo, PartWriter, whole_frames
from models.datasets.layouts import task_layout
from models.datasets.mapping import RELATIVE, Mapped, MappingConfig, cameras_of, columns_of, layout_of, mapped
from models.datasets.pictures import Fit, fitted
from models.datasets.provenance import command, commit
from models.datasets.source import Source, SourceEpisode

EPISODES_PER_PART: Final = 50
BLOCK: Final = 4 * FRAMES_PER_CHUNK
"""Rows that are in memory at once."""
HELD_OUT: Final = 0.05
"""Share of the episodes that validate, and that test."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportConfig:
    """What is read, and how."""

    mapping: MappingConfig = field(default_factory=MappingConfig)
    fps: float | None = None
    """Rows per second; None takes what the data set says."""
    size: int | None = None
    """Width and height of the pictures that are written; None takes those of the workcell's first camera."""
    fit: Fit = "pad"
    turn: int | None = None
    """Degrees by which pictures are turned; None: as the layout needs."""
    episodes: tuple[int, ...] = ()
    """Numbers of the episodes that are read; all where empty."""
    workcell: Workcell | None = None
    """Robot, rate, and cameras whose calibration holds for the written pictures; None: the bimanual table, whose
    calibration holds for no camera of the data."""
    task: str = ""
    """Name of the task that the data show; "" takes that of the layout, or the first one."""

    @property
    def cell(self) -> Workcell:
        """The workcell whose arms, limits and rate the data are brought to."""
        return shipped_workcell() if self.workcell is None else self.workcell

    @property
    def edge(self) -> int:
        """Width and height of the written pictures, pixels."""
        return self.cell.cameras[0].width if self.size is None else self.size


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A data set whose columns, cameras and rate were found to fit."""

    source: Source
    config: ImportConfig
    layout: str
    columns: tuple[str, ...]
    cameras: dict[str, str]
    """Ours -> theirs."""
    fps: float
    turn: int
    episodes: tuple[SourceEpisode, ...]

    @property
    def cameras_written(self) -> tuple[Camera, ...]:
        """The cameras of the parts; uncalibrated unless the user gave a workcell with a calibration of this size."""
        cell, edge = self.config.cell, self.config.edge
        made = []
        for name in self.cameras:
            given = cell.camera(name)
            fits = self.config.workcell is not None and (given.width, given.height) == (edge, edge)
            made.append(given if fits else Camera(name, edge, edge))
        return tuple(made)

    @property
    def task(self) -> str:
        """Name of the task that the data show."""
        theirs = task_layout(self.layout)
        return self.config.task or (DEFAULT_TASK if theirs is None else theirs.task)

    def words(self) -> str:
        """What is read as what, for the user."""
        cameras = ", ".join(f"{ours} = {theirs}" for ours, theirs in self.cameras.items())
        if not self.config.mapping.cameras and any(ours not in theirs for ours, theirs in self.cameras.items()):
            cameras += " (a guess: correct it with --camera)"
        return (
            f"{self.source.format}, {len(self.episodes)} episodes, {sum(e.length for e in self.episodes)} rows at "
            f"{self.fps:g} Hz; layout {self.layout} from {', '.join(self.columns)}; cameras {cameras}"
        )

    def picture(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A picture as it is written, (size, size, 3)."""
        return fitted(frame, self.config.edge, self.config.fit, self.turn)


def planned(source: Source, config: ImportConfig) -> Plan:
    """Find out how a data set is read.

    Raises:
        BadConfig: something does not fit; in words.
    """
    layout = layout_of(source, config.mapping)
    if source.about.get("action_codec") == RELATIVE:
        config = replace(config, mapping=replace(config.mapping, relative=True))
    theirs, rate = task_layout(layout), config.cell.rate
    fps = config.fps or source.fps or (None if theirs is None else theirs.rate)
    if fps is None:
        raise BadConfig(f"{source.folder} does not store its rows per second. Give them with --fps.")
    if fps < 0.99 * rate:
        raise BadConfig(
            f"{source.folder} has {fps:g} rows per second, the world makes {rate:g} steps: what happened in between "
            "is not known. Choose a faster recording, or correct the rate with --fps."
        )
    known = {episode.number for episode in source.episodes}
    unknown = [number for number in config.episodes if number not in known]
    if unknown:
        raise BadConfig(f"{source.folder} has no episode {unknown[0]}; it has 0 .. {max(known)}.")
    chosen = tuple(e for e in source.episodes if not config.episodes or e.number in config.episodes)
    columns = columns_of(source, config.mapping, layout)
    cameras = cameras_of(source, config.mapping, [camera.name for camera in config.cell.cameras], layout)
    turn = (0 if theirs is None else theirs.turn) if config.turn is None else config.turn
    return Plan(source, config, layout, tuple(dict.fromkeys(columns)), cameras, fps, turn, chosen)


def sampled(length: int, fps: float, rate: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of a recording that are control steps, and the rows whose targets they carry.

    A step lasts until the next one: its target is the last one that was commanded in between.
    """
    count = int((length - 1) * rate / fps + 1e-9) + 1
    rows = np.minimum(np.rint(np.arange(count) * fps / rate).astype(np.int64), length - 1)
    return rows, np.append(rows[1:] - 1, length - 1)


def episode_of(plan: Plan, episode: SourceEpisode) -> tuple[Mapped, NDArray[np.int64]]:
    """An episode in our numbers at our rate, and the rows that were taken."""
    where = f"Episode {episode.number} of {plan.source.folder}"
    every = mapped(plan.source.rows(episode, plan.columns), plan.config.mapping, plan.config.cell, plan.layout, where)
    rows, targets = sampled(episode.length, plan.fps, plan.config.cell.rate)
    truth = {name: values[rows] for name, values in every.truth.items()}
    return Mapped(every.state[rows], every.action[targets], truth, every.clipped), rows


def splits(count: int) -> list[int]:
    """The split of each of `count` episodes (0 train, 1 validation, 2 test): at least one validates where two are."""
    order = generator(count).permutation(count)
    validation = max(1, round(HELD_OUT * count)) if count > 1 else 0
    test = round(HELD_OUT * count) if count >= 20 else 0
    found = [0] * count
    for place in order[:validation]:
        found[place] = 1
    for place in order[validation : validation + test]:
        found[place] = 2
    return found


def write(plan: Plan, folder: Path, say: Progress = lambda done, total: None) -> dict[str, Any]:
    """Write what is missing of a data set; what was done, in numbers.

    Raises:
        BadStore: the source is torn, or the folder holds another import.
        BadConfig: an episode does not fit.
    """
    about, theirs = _about(plan), task_layout(plan.layout)
    truth = theirs.truth if theirs is not None and about["truth"] else {}
    workcell = replace(plan.config.cell, cameras=plan.cameras_written)
    info = PartInfo(plan.task, ("imported",), workcell, truth, about)
    folder.mkdir(parents=True, exist_ok=True)
    split, rows, clipped, already = splits(len(plan.episodes)), 0, 0, 0
    for first in range(0, len(plan.episodes), EPISODES_PER_PART):
        path = folder / f"part-{first // EPISODES_PER_PART:03d}.zarr"
        _same_import(path, about)
        part = PartWriter(path, info)
        already += part.episodes
        for place in range(first + part.episodes, min(first + EPISODES_PER_PART, len(plan.episodes))):
            done = _write_episode(plan, plan.episodes[place], part, split[place])
            rows, clipped = rows + len(done.action), clipped + done.clipped
            say(place + 1, len(plan.episodes))
    return {
        "folder": str(folder), "format": plan.source.format, "layout": plan.layout, "cameras": plan.cameras,
        "episodes": len(plan.episodes), "already_there": already, "rows_written": rows, "targets_clipped": clipped,
    }  # fmt: skip


def _write_episode(plan: Plan, episode: SourceEpisode, part: PartWriter, split: int) -> Mapped:
    found, taken = episode_of(plan, episode)
    streams = {ours: _pictures(plan, episode, theirs, taken) for ours, theirs in plan.cameras.items()}
    for start in range(0, len(taken), BLOCK):
        block: dict[str, NDArray[Any]] = {
            "ee_state": found.state[start : start + BLOCK],
            "action": found.action[start : start + BLOCK],
        }
        for name, values in found.truth.items():
            block[f"truth/{name}"] = values[start : start + BLOCK]
        for name, stream in streams.items():
            block[f"frames/{name}"] = np.stack(list(islice(stream, BLOCK)))
        part.extend(block)
    part.commit(0, episode.number, split)
    return found


def _pictures(plan: Plan, episode: SourceEpisode, camera: str, rows: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
    for frame in plan.source.frames(episode, camera, rows):
        yield plan.picture(frame)


def _about(plan: Plan) -> dict[str, Any]:
    """Where the parts come from, for their attributes."""
    theirs, gripper = task_layout(plan.layout), plan.config.cell.arms[0].gripper
    width = plan.source.columns[plan.columns[-1]].width
    mapping = replace(plan.config.mapping, opening=plan.config.mapping.opening or gripper.opened)
    asked: dict[str, Any] = {
        "mapping": asdict(mapping),
        "fps": plan.config.fps,
        "size": plan.config.edge,
        "fit": plan.config.fit,
    }
    asked |= {"turn": plan.config.turn, "episodes": plan.config.episodes}
    options = json.loads(json.dumps(asked))
    return {
        "source": {"folder": str(plan.source.folder.resolve()), "format": plan.source.format, "fps": plan.fps},
        "columns": list(plan.columns),
        "cameras": plan.cameras,
        "layout": plan.layout,
        "options": options,
        "truth": theirs is not None and bool(theirs.truth_of(np.zeros((1, width)))),
        "command": command(),
        "commit": commit(),
    }


def _same_import(path: Path, about: dict[str, Any]) -> None:
    """Refuse to go on with what another import began."""
    if not path.exists():
        return
    try:
        there = dict(zarr.open_group(path, mode="r").attrs)
    except (OSError, ValueError, KeyError):
        return  # PartWriter says what is wrong with it
    if there.get("kinds") == ["imported"] and whole_frames(path) == 0:
        shutil.rmtree(path)  # an import that ended in words before its first episode
        return
    for key in ("source", "columns", "cameras", "layout", "options"):
        if there and there.get(key) != about[key]:
            raise BadStore(
                f"{path} was imported from another data set or with other options ({key}: {there.get(key)}). "
                "Choose another --out, or delete that folder."
            )


def numbers(text: str) -> tuple[int, ...]:
    """Numbers of episodes: 0:10,14 means 0 .. 9 and 14.

    Raises:
        ValueError: something else.
    """
    found: list[int] = []
    for piece in text.split(","):
        low, colon, high = piece.partition(":")
        found.extend(range(int(low), int(high)) if colon else [int(low)])
    if not found or min(found) < 0:
        raise ValueError(text)
    return tuple(dict.fromkeys(found))


def chosen(names: Sequence[str]) -> dict[str, str]:
    """Cameras by name: top=observation.image means that ours, top, is that column.

    Raises:
        BadConfig: one without both names.
    """
    pairs = [name.partition("=") for name in names]
    wrong = [name for name, (ours, _, theirs) in zip(names, pairs, strict=True) if not (ours and theirs)]
    if wrong:
        raise BadConfig(f"--camera {wrong[0]}: say NAME=COLUMN, for example top=observation.images.top.")
    return {ours: theirs for ours, _, theirs in pairs}
