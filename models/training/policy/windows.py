"""Recorded steps as the policy trainer sees them: small pictures in memory, windows of actions.

The true pose of the object, where a recording has it, serves the auxiliary loss of the picture encoder only;
it is never an input of the policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore
from models.policies.chunks.config import ChunkConfig
from models.policies.chunks.scaling import Floats, shrink

_TABLE_MIDDLE = np.array([0.5, 0.0], np.float32)
_POSE_UNIT = 0.2
"""Metres that count as 1 for the pose head."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """All frames of one split, and where their episodes begin and end."""

    frames: NDArray[np.uint8]
    """(N, V, S, S, 3) shrunk pictures."""
    states: Floats
    """(N, 14) measured."""
    actions: Floats
    """(N, 14) commanded."""
    first: NDArray[np.int64]
    """(N,) row of the first frame of the same episode."""
    last: NDArray[np.int64]
    """(N,) row of the last frame of the same episode."""
    poses: Floats
    """(N, 4) targets of the pose head; NaN where the recording holds no truth."""
    episodes: int

    def __len__(self) -> int:
        return len(self.states)

    def before(self, rows: NDArray[np.int64]) -> Floats:
        """Measured states one step earlier (B, 14); an episode's first frame is its own past."""
        return self.states[np.maximum(rows - 1, self.first[rows])]

    def chunks(self, rows: NDArray[np.int64], horizon: int) -> Floats:
        """The next commanded targets (B, H, 14); past the end of an episode the last one is held."""
        steps = np.minimum(rows[:, None] + np.arange(horizon), self.last[rows][:, None])
        return np.asarray(self.actions[steps], np.float32)

    def inside(self, rows: NDArray[np.int64], horizon: int) -> NDArray[np.bool_]:
        """(B, H) True where a target of chunks() was commanded, False where the last one is only held."""
        return np.asarray(rows[:, None] + np.arange(horizon) <= self.last[rows][:, None])

    def head(self, count: int) -> "Windows":
        """The first rows, as one or more episodes of which the last may be cut."""
        columns = {field.name: getattr(self, field.name)[:count] for field in fields(self) if field.name != "episodes"}
        columns["last"] = np.minimum(columns["last"], count - 1)
        return Windows(**columns, episodes=len(np.unique(columns["first"])))


def episode_windows(
    frames: Mapping[str, NDArray[np.uint8]], states: Floats, actions: Floats, config: ChunkConfig
) -> Windows:
    """One episode, or one segment of a branch, that is in memory.

    Args:
        frames: Camera name -> (n, H, W, 3), before the action of the same row.
        states: (n, 14) measured before the action of the same row.
        actions: (n, 14) commanded.
        config: Cameras and sizes of the policy.

    Raises:
        BadStore: a camera is missing, pictures have another size, or numbers are not finite.
    """
    if not (len(states) == len(actions) > 0 and np.isfinite(states).all() and np.isfinite(actions).all()):
        raise BadStore("An episode holds no steps, or states or actions that are not 14 finite numbers each.")
    views = [shrunk(frames, camera, config) for camera in config.cameras]
    count = len(states)
    first, last = np.zeros(count, np.int64), np.full(count, count - 1, np.int64)
    poses = np.full((count, 4), np.nan, np.float32)
    return Windows(
        np.stack(views, 1), states.astype(np.float32), actions.astype(np.float32), first, last, poses, episodes=1
    )


def shrunk(frames: Mapping[str, NDArray[np.uint8]], camera: str, config: ChunkConfig) -> NDArray[np.uint8]:
    """Pictures of one camera, (n, S, S, 3), as the encoder wants them.

    Raises:
        BadStore: there are none, or they have another size.
    """
    if camera not in frames:
        raise BadStore(f"The episodes have no frames of the camera {camera!r}; they have {', '.join(frames)}.")
    stored = frames[camera]
    if stored.shape[1:] != (config.frame_size, config.frame_size, 3):
        raise BadStore(f"Frames of {stored.shape[1:]} of the camera {camera!r}; the policy wants {config.frame_size}.")
    return shrink(stored, config.image_size)


def joined(parts: Sequence[Windows]) -> Windows:
    """Several sets of episodes as one; rows of the second follow those of the first."""
    starts = np.cumsum([0, *(len(part) for part in parts)])[:-1]
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Windows)
        if field.name != "episodes"
    }
    for name in ("first", "last"):
        columns[name] = np.concatenate([getattr(part, name) + at for part, at in zip(parts, starts, strict=True)])
    return Windows(**columns, episodes=sum(part.episodes for part in parts))


def pose_target(poses: Floats) -> Floats:
    """Planar poses (N, 3) x m, y m, yaw rad -> (N, 4) targets of the pose head."""
    place = (poses[:, :2] - _TABLE_MIDDLE) / _POSE_UNIT
    target = [place[:, 0], place[:, 1], np.cos(poses[:, 2]), np.sin(poses[:, 2])]
    return np.asarray(np.stack(target, axis=1), np.float32)


def pose_errors(guess: Floats, truth: Floats) -> tuple[Floats, Floats]:
    """Errors of pose-head outputs (N, 4): metres (N,) and radians (N,)."""
    metres = np.linalg.norm(guess[:, :2] - truth[:, :2], axis=1) * _POSE_UNIT
    turn = np.arctan2(guess[:, 3], guess[:, 2]) - np.arctan2(truth[:, 3], truth[:, 2])
    return np.asarray(metres, np.float32), np.asarray(np.abs((turn + np.pi) % (2 * np.pi) - np.pi), np.float32)
