"""The reference world as a World: exact, calibrated, snapshots of a few hundred bytes. Any task, any workcell."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadAction, BadConfig, BadStore, StudioError
from core.identity import Identity
from core.observation import Observation
from core.task import Scene
from core.workcell import Workcell, shipped_workcell
from core.world import PackedState, WorldSpec, WorldState
from models import DEFAULT_TASK, load_objects
from models.worlds.reference import physics
from models.worlds.reference.joints import HAND_JOINTS, Joints
from models.worlds.reference.looks import look as known_look
from models.worlds.reference.objects import SceneObject
from models.worlds.reference.physics import Physics
from models.worlds.reference.render import camcorder
from models.worlds.reference.scene import scene_model, scene_text, substeps

FROM_PICTURES = (
    "The reference world cannot start from pictures: it needs the true poses. "
    "Start it from a seed, or use a learned world for this scene."
)
_FIRST = "3ab4c105225e029374d94fe90f1e4b18625d438e1803160d3f70ef5e368cd9d2"
_RECORDED_AS = {_FIRST: "a8f65092b12c0ebb479fefb453a8ef4e9af8ac932698b902d84a61e1908dc86d"}
"""Push-T on the bimanual table has the identity that sessions recorded before scenes were put together from parts."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceState:
    """One instant. The look is part of it: each look is a compiled model."""

    joints: NDArray[np.float64]
    """Joint positions, then velocities: metres, radians, per second; models/worlds/reference/joints.py. Read-only."""
    look: str
    """Name of models/worlds/reference/looks.py."""


def load(look: str | None = None, task: str = DEFAULT_TASK, workcell: Workcell | None = None) -> "ReferenceWorld":
    """The reference world of a task in a workcell.

    Args:
        look: Overrides the look of every scene.
        task: Name in models.TASKS.
        workcell: By default the bimanual table.

    Raises:
        UnknownName: no such task or look.
        BadConfig: no simulator shows the task, or the workcell cannot be drawn.
    """
    objects: SceneObject = load_objects(task)
    return ReferenceWorld(objects, shipped_workcell() if workcell is None else workcell, look)


class ReferenceWorld:
    """A workcell with the objects of a task in MuJoCo. Holds compiled models, never episodes."""

    def __init__(self, objects: SceneObject, workcell: Workcell, look: str | None = None) -> None:
        """Compile the scene.

        Raises:
            UnknownName: no such look.
            BadConfig: a camera of the workcell cannot be drawn.
        """
        if look is not None:
            known_look(look)
        self._objects, self._workcell, self._look = objects, workcell, look
        model = scene_model(objects, workcell)
        self._joints = Joints(model.nq - HAND_JOINTS * len(workcell.arms), workcell)
        self._numbers = int(model.nq + model.nv)
        self._physics = Physics(model, self._joints)
        sha256 = _made_of(objects, workcell)
        self._spec = WorldSpec(
            identity=Identity("reference", _RECORDED_AS.get(sha256, sha256), f"mujoco {mujoco.__version__}"),
            kind="reference",
            training_inputs="Everything: it is the simulator that stands in for the real robot.",
            task=objects.task,
            workcell=workcell,
            tolerance={"position_m": 0.0, "angle_rad": 0.0},
        )

    @property
    def spec(self) -> WorldSpec:
        """What this world shows, takes and promises."""
        return self._spec

    def reset(self, scenes: Sequence[Scene], seeds: Sequence[int]) -> list[WorldState]:
        """One resting state per scene.

        Raises:
            BadConfig: a scene of another task, or without the finite parameters of its objects and `ee`.
        """
        return [self._start(start) for start in scenes]

    def _start(self, start: Scene) -> ReferenceState:
        if start.task != self._spec.task:
            raise BadConfig(
                f"This reference world plays {self._spec.task!r}, this scene is of {start.task!r}. Choose its own task."
            )
        if start.observation is not None and not start.parameters.keys() >= set(self._objects.parameters):
            raise BadConfig(FROM_PICTURES)
        objects = self._objects.joints(start)
        home = self._workcell.home.astype(np.float64)
        ee = scene_numbers(start, "ee", ACTION_DIM) if "ee" in start.parameters else home
        look = self._look or str(start.parameters.get("look", "shipped"))
        known_look(look)
        return self.at(objects, ee, look)

    def at(self, objects: NDArray[np.float64], ee_state: NDArray[np.float64], look: str = "shipped") -> ReferenceState:
        """A resting state: joint positions of the objects (n,) and measured end effectors (14,), no velocities."""
        positions = self._joints.resting(objects, ee_state)
        return _state(np.concatenate([positions, np.zeros(self._numbers - len(positions))]), look)

    def truth(self, state: ReferenceState) -> Mapping[str, NDArray[np.float64]]:
        """What is true of the objects in a state, by name; for evaluation and data only."""
        return self._objects.truth(state.joints[: self._joints.objects])

    def measured(self, states: Sequence[WorldState]) -> NDArray[np.float32]:
        """(B, 14) end effectors, without drawing."""
        return np.array([self._joints.measured(s.joints) for s in states], np.float32).reshape(len(states), ACTION_DIM)

    def object_poses(self, states: Sequence[WorldState]) -> NDArray[np.float64] | None:
        """(B, 3) true poses of the object, where the task has one rigid object on the table."""
        if not states:
            return np.empty((0, 3))
        poses = [self.truth(state).get("object_pose") for state in states]
        return None if any(pose is None for pose in poses) else np.array(poses, np.float64)

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
            np.stack([self._workcell.limits.checked(a[0]) for a in actions])
            if len(states)
            else np.zeros((0, ACTION_DIM), np.float32)
        )
        after = self._physics.step(np.array([s.joints for s in states]).reshape(len(states), self._numbers), checked)
        return [_state(j, s.look) for j, s in zip(after, states, strict=True)], np.ones(len(states), np.float32)

    def observe(self, states: Sequence[WorldState]) -> list[Observation]:
        """Draw all cameras and read the end effectors."""
        return [
            Observation(camcorder(self._objects, self._workcell, s.look).frames(s.joints), ee)
            for s, ee in zip(states, self.measured(states), strict=True)
        ]

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
        if joints.shape != (self._numbers,) or not np.isfinite(joints).all():
            raise BadStore(
                f"A packed state of the reference world has {self._numbers} finite numbers, not {joints.shape}."
            )
        known_look(look)
        return _state(joints, look)


def _made_of(objects: SceneObject, workcell: Workcell) -> str:
    """SHA-256 of everything that the next state depends on, besides the version of MuJoCo."""
    reach = workcell.reach
    numbers = f"{physics.VERSION} {substeps(workcell)} {reach.translation:g} {reach.turn:g} {reach.opening:g}"
    return hashlib.sha256((scene_text(objects, workcell) + numbers).encode()).hexdigest()


def _state(joints: NDArray[np.float64], look: str) -> ReferenceState:
    joints.flags.writeable = False
    return ReferenceState(joints, look)


def scene_numbers(start: Scene, key: str, count: int) -> NDArray[np.float64]:
    """A parameter of a scene as `count` finite numbers.

    Raises:
        BadConfig: it is missing or something else.
    """
    try:
        numbers = np.asarray(start.parameters[key], np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise BadConfig(f"Scene {start.seed} has no usable {key!r}: {error!r}. Take scenes from the task.") from error
    if numbers.shape != (count,) or not np.isfinite(numbers).all():
        raise BadConfig(f"Scene {start.seed}: {key!r} must be {count} finite numbers, not {start.parameters[key]!r}.")
    return numbers
