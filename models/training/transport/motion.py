"""Tracked motion as arrays: what the dynamics learn from. No pixels."""

import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import BadStore
from models.training.transport.cache import as_float, usable
from models.training.transport.data import Episode, Play
from models.worlds.transport.network import TransportNet
from models.worlds.transport.outline import outline_of

MAPS = 3
"""Object maps per episode, from its first frame and from later ones."""
MOVING = 4e-4
"""Metres, or a twentieth of it per radian, beyond which a step counts as motion."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Every step of many episodes, laid end to end."""

    ee: NDArray[np.float32]
    """(N, 14) measured."""
    action: NDArray[np.float32]
    """(N, 14) commanded."""
    before: NDArray[np.float32]
    """(N, 14) commanded one step ago; the measured pose at a start."""
    pose: NDArray[np.float32]
    """(N, 3) tracked."""
    left: NDArray[np.int64]
    """(N,) usable steps that follow in the same episode."""
    episode: NDArray[np.int64]
    """(N,) row of the maps below."""
    distance: NDArray[np.float32]
    """(E, MAPS, N, N) signed distances, metres."""
    shape: NDArray[np.float32]
    """(E, MAPS, 3)."""
    cut_at: NDArray[np.float32]
    """(E, MAPS, 3) where each map was cut out, base frame."""
    tracked_at: NDArray[np.float32]
    """(E, MAPS, 3) the track at that instant."""
    split: NDArray[np.int8]
    """(N,) 0 train, 1 validation, 2 test."""

    @property
    def moving(self) -> NDArray[np.bool_]:
        """(N,) whether the object moves in the step that begins here."""
        step = np.zeros(len(self.pose))
        change = self.pose[1:] - self.pose[:-1]
        step[:-1] = np.linalg.norm(change[:, :2], axis=1) + 0.05 * np.abs(change[:, 2])
        return np.asarray((step > MOVING) & (self.left > 0))

    def save(self, file: Path) -> None:
        """Write as one npz, whole or not at all."""
        partial = file.with_suffix(".partial")
        with partial.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **{name: getattr(self, name) for name in self.__dataclass_fields__})
        partial.replace(file)

    @staticmethod
    def load(file: Path) -> "Motion":
        """Read what save wrote.

        Raises:
            BadStore: it is missing or torn.
        """
        try:
            with file.open("rb") as stream, np.load(stream) as found:
                return Motion(**{name: found[name] for name in Motion.__dataclass_fields__})
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
            raise BadStore(
                f"{file} cannot be read ({error}). Delete it; the next run lays the motion out again."
            ) from error


def motion_of(
    net: TransportNet, play: Play, episodes: Sequence[Episode], tracks: Path, say: Callable[[int, int], None]
) -> Motion:
    """Lay out tracked episodes, with maps drawn by the trained encoder."""
    columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in Motion.__dataclass_fields__}
    for row, episode in enumerate(episodes):
        track = np.load(tracks / f"{episode.name}.npy")
        n = usable(track)
        if n < 2:
            continue
        ee, action = play.ee_state(episode)[:n], play.action(episode)[:n]
        at = np.linspace(0, n - 1, MAPS + 1).astype(int)[:MAPS]
        frames = np.stack([play.frames(episode, c, int(at[-1]) + 1)[at] for c in play.cameras], 1)
        cut = np.concatenate([track[at, :2], np.zeros((MAPS, 1), np.float32)], 1)
        with torch.inference_mode():
            maps = net.encode(as_float(frames), torch.from_numpy(ee[at]), torch.from_numpy(cut)).numpy()
        outlines = [outline_of(m[0], net.config.extent) for m in maps]
        add = {
            "ee": ee,
            "action": action,
            "before": np.concatenate([ee[:1], action[:-1]]),
            "pose": track[:n, :3],
            "left": np.arange(n - 1, -1, -1),
            "episode": np.full(n, len(columns["shape"])),
            "distance": np.stack([o.distance for o in outlines])[None],
            "shape": np.stack([o.shape for o in outlines])[None],
            "cut_at": cut[None],
            "tracked_at": track[at, :3][None],
            "split": np.full(n, episode.split, np.int8),
        }
        for name, values in add.items():
            columns[name].append(values)
        say(row + 1, len(episodes))
    return Motion(**{name: np.concatenate(parts) for name, parts in columns.items()})
