"""The reference world as a World: exact, calibrated, snapshots of about three hundred bytes."""

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadAction, BadConfig, BadStore, StudioError
from core.identity import Identity
from core.observation import Observation
from core.task import Scene
from core.world import PackedState, WorldSpec, WorldState
from models.tasks.push_t import geometry as g
from models.worlds.reference import physics, scene
from models.worlds.reference.looks import look as known_look
from models.worlds.reference.physics import NQ, Physics, ee_state_of, joints_of
from models.worlds.reference.render import camcorder

FROM_PICTURES = (
    "The reference world cannot start from pictures: it needs the true poses. "
    "Start it from a seed, or use a learned world for this scene."
)


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceState:
    """One instant. The look is part of it: a model cannot be told from its data."""

    joints: NDArray[np.float64]
    """(38,) 19 joint positions, then 19 velocities: metres, radians, per second. Read-only."""
    look: str
    """Name of models/worlds/reference/looks.py."""

    @property
    def object_pose(self) -> NDArray[np.float64]:
        """(3,) true pose of the T: x m, y m, yaw rad in -pi..pi. For evaluation only."""
        pose = self.joints[physics.BLOCK].copy()
        pose[2] = (pose[2] + np.pi) % (2 * np.pi) - np.pi
        return pose


def load(look: str | None = None) -> "ReferenceWorld":
    """The reference world; `look` overrides the look of every scene."""
    return ReferenceWorld(look)


class ReferenceWorld:
    """Bimanual Push-T in MuJoCo. Holds compiled models, never episodes."""

    def __init__(self, look: str | None = None) -> None:
        if look is not None:
            known_look(look)
        self._look = look
        self._physics = Physics(scene.scene_model())
        source = scene.scene_text() + inspect.getsource(physics)
        self._spec = WorldSpec(
            identity=Identity("reference", hashlib.sha256(source.encode()).hexdigest(), f"mujoco {mujoco.__version__}"),
            kind="reference",
            told="Everything: it is the simulator that stands in for the real robot.",
            task=g.TASK,
            workcell=g.WORKCELL,
            tolerance={"position_m": 0.0, "angle_rad": 0.0},
        )

    @property
    def spec(self) -> WorldSpec:
        """What this world shows, takes and promises."""
        return self._spec

    def reset(self, scenes: Sequence[Scene], seeds: Sequence[int]) -> list[WorldState]:
        """One resting state per scene.

        Raises:
            BadConfig: a scene of another task, or without finite `object_pose` and `ee` parameters.
        """
        return [self._start(start) for start in scenes]

    def _start(self, start: Scene) -> ReferenceState:
        if start.task != g.TASK:
            raise BadConfig(
                f"The reference world plays {g.TASK!r}, this scene is of {start.task!r}. Choose its own task."
            )
        if start.observation is not None and "object_pose" not in start.parameters:
            raise BadConfig(FROM_PICTURES)
        pose = _numbers(start, "object_pose", 3)
        ee = _numbers(start, "ee", ACTION_DIM) if "ee" in start.parameters else g.HOME.astype(np.float64)
        look = self._look or str(start.parameters.get("look", "shipped"))
        known_look(look)
        return self.at(pose, ee, look)

    @staticmethod
    def at(object_pose: NDArray[np.float64], ee_state: NDArray[np.float64], look: str = "shipped") -> ReferenceState:
        """A resting state: planar pose of the T (3,) and measured end effectors (14,), no velocities."""
        return _state(np.concatenate([joints_of(object_pose, ee_state), np.zeros(NQ)]), look)

    def encode(self, observations: Sequence[Observation], actions: NDArray[np.float32]) -> WorldState:
        """Refused: a simulator needs poses, and pictures do not carry them.

        Raises:
            StudioError: always, with what to do instead.
        """
        raise StudioError(FROM_PICTURES)

    def step(
        self, states: Sequence[WorldState], actions: NDArray[np.float32], seeds: Sequence[int]
    ) -> tuple[list[WorldState], NDArray[np.float32] | None]:
        """Advance B states by (B, 1, 14) actions; trust is 1, for this world is the truth.

        Raises:
            BadAction: an action that is not 14 finite numbers within the limits.
        """
        actions = np.asarray(actions)
        if actions.shape != (len(states), 1, ACTION_DIM):
            raise BadAction(f"Actions for {len(states)} states have shape {(len(states), 1, 14)}, not {actions.shape}.")
        checked = (
            np.stack([g.LIMITS.checked(a[0]) for a in actions])
            if len(states)
            else np.zeros((0, ACTION_DIM), np.float32)
        )
        after = self._physics.step(np.array([s.joints for s in states]).reshape(len(states), 2 * NQ), checked)
        return [_state(j, s.look) for j, s in zip(after, states, strict=True)], np.ones(len(states), np.float32)

    def observe(self, states: Sequence[WorldState]) -> list[Observation]:
        """Draw all cameras and read the end effectors."""
        return [Observation(camcorder(s.look).frames(s.joints), ee_state_of(s.joints)) for s in states]

    def pack(self, state: WorldState) -> PackedState:
        """A state as named arrays; the look is written as bytes."""
        return PackedState({"joints": state.joints}, {"look": np.frombuffer(state.look.encode(), np.uint8)})

    def unpack(self, packed: PackedState) -> WorldState:
        """The inverse of pack, bit for bit.

        Raises:
            BadStore: arrays that are not of this world.
        """
        try:
            joints = np.array(packed.arrays["joints"], np.float64)
            look = bytes(np.asarray(packed.shared["look"], np.uint8)).decode()
        except (KeyError, ValueError) as error:
            raise BadStore(f"A packed state of the reference world needs joints and look: {error!r}.") from error
        if joints.shape != (2 * NQ,) or not np.isfinite(joints).all():
            raise BadStore(f"A packed state of the reference world has {2 * NQ} finite numbers, not {joints.shape}.")
        known_look(look)
        return _state(joints, look)


def _state(joints: NDArray[np.float64], look: str) -> ReferenceState:
    joints.flags.writeable = False
    return ReferenceState(joints, look)


def _numbers(start: Scene, key: str, count: int) -> NDArray[np.float64]:
    """A parameter of a scene as `count` finite numbers."""
    try:
        numbers = np.asarray(start.parameters[key], np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise BadConfig(f"Scene {start.seed} has no usable {key!r}: {error!r}. Take scenes from the task.") from error
    if numbers.shape != (count,) or not np.isfinite(numbers).all():
        raise BadConfig(f"Scene {start.seed}: {key!r} must be {count} finite numbers, not {start.parameters[key]!r}.")
    return numbers
