"""The transport world as a World: rigid motion of one object that was drawn once from a picture.

Built in: one movable rigid body on a known table plane, static calibrated cameras, a static background, no
action at a distance, end effectors of known geometry. Learned, from pictures, actions and measured end
effectors alone: what the object looks like and how it is shaped, how it and the hands are drawn, and how
contact moves it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, checked_action
from core.errors import BadAction, BadConfig
from core.identity import Identity
from core.observation import Observation
from core.task import Scene
from core.world import PackedState, WorldSpec, WorldState
from models.worlds.transport import state as states_of
from models.worlds.transport.backends import Backend, open_backend
from models.worlds.transport.checkpoint import Checkpoint, open_checkpoint
from models.worlds.transport.outline import outline_of
from models.worlds.transport.state import ObjectMap, TransportState
from models.worlds.transport.trust import Trust, start_signs

BATCH = 16
"""States that are stepped or drawn in one call of the backend."""


def load(weights: str | Path | None = None, device: str = "auto") -> "TransportWorld":
    """The world of a weights file.

    Args:
        weights: None: the file that ships with the default task.
        device: auto, cpu, cuda or torch.

    Raises:
        BadCheckpoint: something is missing, torn, of another version or does not belong together.
    """
    checkpoint = open_checkpoint(None if weights is None else Path(weights))
    return TransportWorld(checkpoint, open_backend(checkpoint, device))


class TransportWorld:
    """Holds weights, never episodes."""

    def __init__(self, checkpoint: Checkpoint, backend: Backend) -> None:
        self._backend, self._config = backend, checkpoint.config
        self._trust = Trust.from_arrays(checkpoint.arrays())
        card = checkpoint.card
        self._spec = WorldSpec(
            identity=Identity("transport", checkpoint.sha256, backend.name),
            kind="transport",
            training_inputs=str(card["told"]),
            task=str(card["task"]),
            workcell=checkpoint.workcell,
            tolerance={k: float(v) for k, v in card["tolerance"].items()},
        )
        self._names = tuple(c.name for c in checkpoint.workcell.cameras)

    @property
    def spec(self) -> WorldSpec:
        """What this world shows, takes and promises."""
        return self._spec

    def reset(self, scenes: Sequence[Scene], seeds: Sequence[int]) -> list[WorldState]:
        """Draw each scene's object from its observation.

        Raises:
            BadConfig: a scene of another task, or one without a picture.
        """
        for scene in scenes:
            if scene.task != self._spec.task:
                raise BadConfig(
                    f"This world has learned {self._spec.task!r}; the scene is of {scene.task!r}. "
                    "Choose a world of that task."
                )
            if scene.observation is None:
                raise BadConfig(
                    f"Scene {scene.seed} has no picture, and a learned world starts from pictures. "
                    "Choose a seed with a shipped start, a recorded step or pictures of your own."
                )
        return [self._start(scene.observation) for scene in scenes if scene.observation is not None]

    def encode(self, observations: Sequence[Observation], actions: NDArray[np.float32]) -> WorldState:
        """A state from the newest observation; the last action, where given, counts as commanded.

        Raises:
            BadConfig: no observation, or one that lacks a picture or has one of another size.
        """
        if not observations:
            raise BadConfig("A state needs at least one observation, and none was given.")
        state = self._start(observations[-1])
        if len(actions) == 0:
            return state
        commanded = frozen(checked_action(actions[-1]))
        return TransportState(state.pose, commanded, state.measured, 0, state.object)

    def _start(self, observation: Observation) -> TransportState:
        size = self._config.view_size
        for name in self._names:
            if name not in observation.frames:
                raise BadConfig(
                    f"The picture of camera {name!r} is missing; this world sees {', '.join(self._names)}. "
                    "Give it one picture of each."
                )
            seen = np.asarray(observation.frames[name])
            if seen.shape != (size, size, 3) or seen.dtype != np.uint8:
                raise BadConfig(
                    f"The picture of camera {name!r} is {seen.shape} {seen.dtype}; this world takes "
                    f"({size}, {size}, 3) uint8. Scale it to that size."
                )
        frames = np.stack([observation.frames[n] for n in self._names])
        ee = np.asarray(observation.ee_state, np.float32)
        if ee.shape != (ACTION_DIM,) or not np.isfinite(ee).all():
            raise BadConfig(f"Measured end effectors must be {ACTION_DIM} finite numbers, not {ee.shape}: {ee}.")
        ee = frozen(ee)
        pose, maps = self._backend.encode(frames[None], ee[None])
        outline = outline_of(maps[0, 0], self._config.extent)
        drawn = self._backend.draw(maps, pose, ee[None])[0]
        doubt = self._trust.doubt(start_signs(frames, drawn, outline.area, outline.edge))
        kept = ObjectMap(frozen(maps[0]), frozen(outline.distance), frozen(outline.shape), doubt)
        return TransportState(frozen(pose[0]), ee, ee, 0, kept)

    def step(
        self, states: Sequence[WorldState], actions: NDArray[np.float32], seeds: Sequence[int]
    ) -> tuple[list[WorldState], NDArray[np.float32] | None]:
        """Advance B states by (B, 1, 14) actions; nothing is random, the seeds are not used.

        Raises:
            BadAction: an action that is not 14 finite numbers within the limits, or another number of actions.
        """
        actions = np.asarray(actions)
        if actions.shape != (len(states), 1, ACTION_DIM):
            raise BadAction(f"Actions for {len(states)} states have shape {(len(states), 1, 14)}, not {actions.shape}.")
        after: list[WorldState] = []
        trust = np.zeros(len(states), np.float32)
        for at in range(0, len(states), BATCH):
            some = list(states[at : at + BATCH])
            taken = np.stack([self._spec.limits.checked(a[0]) for a in actions[at : at + BATCH]])
            moved, trust[at : at + BATCH] = self._advance(some, taken)
            after += moved
        return after, trust

    def _advance(
        self, some: list[TransportState], actions: NDArray[np.float32]
    ) -> tuple[list[TransportState], NDArray[np.float32]]:
        distance = np.stack([s.object.distance for s in some])[:, None]
        shape, pose, before, measured = (
            np.stack([s.object.shape for s in some]),
            *(np.stack([getattr(s, name) for s in some]) for name in ("pose", "commanded", "measured")),
        )
        poses, hands, signs = self._backend.step(distance, shape, pose, before, measured, actions)
        cos, sin = np.cos(poses[:, 2]), np.sin(poses[:, 2])
        x, y = shape[:, 0], shape[:, 1]
        centroid = poses[:, :2] + np.stack([cos * x - sin * y, sin * x + cos * y], -1)
        doubt = np.array([float(s.object.doubt) for s in some], np.float32)
        trust = self._trust.of(signs, centroid, doubt)
        after = [
            TransportState(frozen(p), frozen(a), frozen(h), s.steps + 1, s.object)
            for s, p, a, h in zip(some, poses, actions, hands, strict=True)
        ]
        return after, trust

    def observe(self, states: Sequence[WorldState]) -> list[Observation]:
        """Draw every view."""
        seen: list[Observation] = []
        for at in range(0, len(states), BATCH):
            some = states[at : at + BATCH]
            maps = np.stack([s.object.cells for s in some])
            pose, hands = np.stack([s.pose for s in some]), np.stack([s.measured for s in some])
            for pictures, state in zip(self._backend.draw(maps, pose, hands), some, strict=True):
                frames = dict(zip(self._names, pictures, strict=True))
                seen.append(Observation(frames, state.measured))
        return seen

    def measured(self, states: Sequence[WorldState]) -> NDArray[np.float32]:
        """(B, 14) end effectors, without drawing."""
        return np.array([state.measured for state in states], np.float32).reshape(len(states), ACTION_DIM)

    def object_poses(self, states: Sequence[WorldState]) -> NDArray[np.float64]:
        """(B, 3) poses of the object maps."""
        return np.array([state.pose for state in states], np.float64).reshape(len(states), 3)

    def pack(self, state: WorldState) -> PackedState:
        """A state as named arrays; the object map is shared by the states of an episode."""
        return states_of.pack(state)

    def unpack(self, packed: PackedState) -> WorldState:
        """The inverse of pack, bit for bit.

        Raises:
            BadStore: arrays that are not of this world.
        """
        return states_of.unpack(packed, self._config.cells, self._config.channels)


def frozen(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """A read-only copy."""
    copy = np.array(array, np.float32)
    copy.flags.writeable = False
    return copy
