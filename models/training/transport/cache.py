"""What the stages read, made once: tracks of every episode, and a compact sample of frames."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.camera import Camera
from models.training.transport.data import Episode, Play
from models.training.transport.tracking import LOST, Tracker
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.network import TransportNet
from models.worlds.transport.views import Views

GROUP = 32
"""Episodes that are tracked abreast."""
TRACKING_CELLS = 48


@dataclass(frozen=True, slots=True, eq=False)
class TrackingJob:
    """A share of the episodes, for one process."""

    data: tuple[Path, ...]
    cameras: tuple[Camera, ...]
    config: TransportConfig
    background: NDArray[np.uint8]
    episodes: tuple[str, ...]
    """Names of episodes."""
    folder: Path


def as_float(frames: NDArray[np.uint8]) -> Tensor:
    """(..., H, W, 3) uint8 -> (..., 3, H, W) float 0..1."""
    return torch.from_numpy(np.ascontiguousarray(frames)).movedim(-1, -3).float() / 255


def save_whole(file: Path, array: NDArray[np.generic]) -> None:
    """Write an array under another name, then rename: a run that is stopped leaves no torn file behind."""
    partial = file.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.save(stream, array)
    partial.replace(file)


def usable(track: NDArray[np.float32]) -> int:
    """How many frames of a track (n, 4) come before it was lost."""
    lost = np.flatnonzero(track[:, 3] > LOST)
    return int(lost[0]) if len(lost) else len(track)


def fresh_net(config: TransportConfig, cameras: Sequence[Camera], background: NDArray[np.uint8]) -> TransportNet:
    """A network with untrained weights and this background (V, H, W, 3)."""
    return TransportNet(config, Views.of(cameras), as_float(background))


def track_group(net: TransportNet, play: Play, episodes: Sequence[Episode]) -> list[NDArray[np.float32]]:
    """Per episode (n, 4): pose of its map and the residual, every frame; longest episode first."""
    top, other = play.cameras[0], play.cameras[1:]
    films = [play.frames(e, top) for e in episodes]
    first = [
        np.stack([f[0], *(play.frames(e, name, 1)[0] for name in other)]) for f, e in zip(films, episodes, strict=True)
    ]
    return track_films(net, first, films, [play.ee_state(e) for e in episodes])


def track_films(
    net: TransportNet,
    first: Sequence[NDArray[np.uint8]],
    films: Sequence[NDArray[np.uint8]],
    hands: Sequence[NDArray[np.float32]],
) -> list[NDArray[np.float32]]:
    """Follow the object through films, longest film first.

    Args:
        net: for its geometry only.
        first: per film (V, H, W, 3), the first frame of every view.
        films: (n, H, W, 3) top view.
        hands: per film (n, 14) measured end effectors.

    Returns:
        Per film (n, 4): pose of its map and the residual.
    """
    ee = [torch.from_numpy(h) for h in hands]
    tracker = Tracker(net, as_float(np.stack(first)), torch.stack([e[0] for e in ee]))
    rows = [[np.append(p, 0.0)] for p in tracker.pose.numpy()]
    for t in range(1, len(films[0])):
        alive = sum(len(f) > t for f in films)
        tracker.keep(alive)
        residual = tracker.follow(
            as_float(np.stack([f[t] for f in films[:alive]])), torch.stack([e[t] for e in ee[:alive]])
        )
        for i in range(alive):
            rows[i].append(np.append(tracker.pose[i].numpy(), float(residual[i])))
    return [np.asarray(r, np.float32) for r in rows]


def _track(job: TrackingJob) -> int:
    torch.set_num_threads(1)
    play = Play(job.data, [c.name for c in job.cameras])
    net = fresh_net(replace(job.config, cells=TRACKING_CELLS), job.cameras, job.background)
    chosen = [e for e in play.episodes if e.name in set(job.episodes)]
    with torch.inference_mode():
        group = next(iter(play.groups_of(chosen, GROUP)))
        for episode, track in zip(group, track_group(net, play, group), strict=True):
            save_whole(job.folder / f"{episode.name}.npy", track)
    return len(chosen)


def track_all(job: TrackingJob, processes: int, say: Callable[[int, int], None]) -> None:
    """Track the episodes that have no track yet, GROUP at a time."""
    job.folder.mkdir(parents=True, exist_ok=True)
    todo = [name for name in job.episodes if not (job.folder / f"{name}.npy").exists()]
    jobs = [replace(job, episodes=tuple(todo[i : i + GROUP])) for i in range(0, len(todo), GROUP)]
    done = len(job.episodes) - len(todo)
    say(done, len(job.episodes))
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for count in pool.map(_track, jobs):
            done += count
            say(done, len(job.episodes))


def sample_frames(play: Play, tracks: Path, folder: Path, most: int, say: Callable[[int, int], None]) -> None:
    """Copy evenly spread frames of tracked train and validation episodes into flat files under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "split.npy").exists():
        return
    chosen = [(i, e) for i, e in enumerate(play.episodes) if e.split in (0, 1)]
    stride = max(1, sum(e.length for _, e in chosen) // most)
    spans = [usable(np.load(tracks / f"{e.name}.npy")) for _, e in chosen]
    picks = [np.arange(i % stride, n, stride) for (i, _), n in zip(chosen, spans, strict=True)]
    size = play.frames(chosen[0][1], play.cameras[0], 1).shape[1:]
    shape = (sum(len(p) for p in picks), len(play.cameras), *size)
    frames = np.lib.format.open_memmap(folder / "frames.npy", "w+", np.uint8, shape)
    columns: dict[str, list[NDArray[np.generic]]] = {"ee": [], "pose": [], "episode": [], "split": []}
    at = 0
    for done, ((i, episode), pick) in enumerate(zip(chosen, picks, strict=True)):
        track = np.load(tracks / f"{episode.name}.npy")
        for view, camera in enumerate(play.cameras):
            frames[at : at + len(pick), view] = play.frames(episode, camera)[pick]
        columns["ee"].append(play.ee_state(episode)[pick])
        columns["pose"].append(track[pick, :3])
        columns["episode"].append(np.full(len(pick), i))
        columns["split"].append(np.full(len(pick), episode.split))
        at += len(pick)
        say(done + 1, len(chosen))
    frames.flush()
    for name, parts in columns.items():
        np.save(folder / f"{name}.npy", np.concatenate(parts))
