"""One imagined step as request and result: a pure function of values, so any thread may compute it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, BimanualDelta, checked_action
from core.branch_tree import Branch
from core.control import ControlState, follow, start
from core.control_record import pack_control, unpack_control
from core.errors import PartFailed, StudioError
from core.observation import Observation, same_observation
from core.policy import Policy
from core.seeds import step_seed
from core.step import Node, Source, StoredNode
from core.task import Scene, Task
from core.world import World

T = TypeVar("T")
_POLICY_STREAM = 1
"""So that world and policy never draw the same numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What a session is made of."""

    world: World
    policy: Policy
    task: Task


@dataclass(frozen=True, slots=True, eq=False)
class StepRequest:
    """Everything that one step depends on."""

    ticket: int
    """Of the session when it asked; a result with an older ticket is dropped."""
    target: Branch
    """The branch that the step belongs to, as it is before the step; new where it is not in the tree."""
    node: Node
    """Where the step begins."""
    index: int
    source: Source
    action: NDArray[np.float32] | None
    """(14,) of the operator or the recording; None where the policy drives."""
    control: ControlState | None
    """Of the operator after this step; None where the operator does not drive."""
    delta: BimanualDelta
    recent: tuple[Observation, ...] = ()
    """What the policy starts from, oldest first; empty where it goes on from the node's state."""
    original: Node | None = None
    """Where a replay should arrive."""
    device: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StepResult:
    """What came of a request."""

    node: Node
    action_policy: NDArray[np.float32]
    """(14,), NaN where the policy was not asked."""
    plan: NDArray[np.float32] | None
    """(H, 14) of the policy, where it drove."""


def guarded(part: str, name: str, call: Callable[[], T]) -> T:
    """Call into a part; every exception of it becomes one clear error.

    Raises:
        StudioError: the part's own.
        PartFailed: anything else that it raised.
    """
    try:
        return call()
    except StudioError:
        raise
    except Exception as error:
        raise PartFailed(
            f"The {part} {name!r} failed: {type(error).__name__}: {error}. Nothing was recorded of this step; "
            "try again, roll back, or choose another one."
        ) from error


def imagine(parts: Parts, request: StepRequest) -> StepResult:
    """Ask the policy where it drives, step the world, look, judge.

    Raises:
        StudioError: a part failed or returned something torn.
    """
    world, name = parts.world, parts.world.spec.identity.name
    action, wanted, plan, policy_state = _action(parts, request)
    seed, _ = noise_of(request.target.seed, request.index)
    states, trust = guarded("world", name, lambda: world.step([request.node.world_state], action[None, None], [seed]))
    observation = observed(parts, states[0])
    progress, success = verdict_after(parts, request.node, observation)
    control = request.control if request.control is not None else follow(request.node.control_state, action)
    node = Node(
        observation=observation,
        world_state=states[0],
        policy_state=policy_state,
        control_state=control,
        action=action,
        source=request.source,
        trust=float("nan") if trust is None else float(trust[0]),
        progress=progress,
        success=success,
        world_time=request.node.world_time + world.spec.dt,
    )
    return StepResult(node, wanted, plan)


def noise_of(branch_seed: int, index: int) -> tuple[int, int]:
    """The seeds of world and policy for one step of a branch."""
    seed = step_seed(branch_seed, index)
    return seed, step_seed(seed, _POLICY_STREAM)


def _action(
    parts: Parts, request: StepRequest
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None, Any]:
    """The action to apply, what the policy wanted, its plan and its next state."""
    limits, nothing = parts.world.spec.limits, np.full(ACTION_DIM, np.nan, np.float32)
    if request.action is not None:
        state = request.node.policy_state if request.original is None else request.original.policy_state
        return limits.clip(checked_action(request.action)), nothing, None, state
    policy, name = parts.policy, parts.policy.spec.identity.name
    state = request.node.policy_state
    if request.recent:
        state = guarded("policy", name, lambda: policy.start([request.recent]))[0]
    _, seed = noise_of(request.target.seed, request.index)
    actions, plans, after = guarded("policy", name, lambda: policy.act([request.node.observation], [state], [seed]))
    wanted = checked_action(actions[0])
    return limits.clip(wanted), wanted, plans[0], after[0]


def observed(parts: Parts, state: Any) -> Observation:
    """The pictures of a state, checked.

    Raises:
        PartFailed: frames or end effectors are missing, torn or not finite.
    """
    spec = parts.world.spec
    seen = guarded("world", spec.identity.name, lambda: parts.world.observe([state]))[0]
    for camera in spec.cameras:
        frame = seen.frames.get(camera.name)
        if frame is None or frame.shape != (camera.height, camera.width, 3) or frame.dtype != np.uint8:
            raise PartFailed(f"The world {spec.identity.name!r} returned a torn picture of camera {camera.name!r}.")
    if seen.ee_state.shape != (ACTION_DIM,) or not np.isfinite(seen.ee_state).all():
        raise PartFailed(
            f"The world {spec.identity.name!r} returned end effectors that are not {ACTION_DIM} finite numbers: "
            "its state is torn. Roll back to an earlier step."
        )
    return seen


def judged(parts: Parts, observation: Observation) -> tuple[float, bool]:
    """Progress and success of one observation."""
    progress, success = guarded("task", parts.task.name, lambda: parts.task.judge([observation]))
    return float(progress[0]), bool(success[0])


def verdict_after(parts: Parts, before: Node, observation: Observation) -> tuple[float, bool]:
    """Progress and success of the step after a node; the node's own where nothing changed.

    A judge is a pure function of the observation, so the verdict on an equal one is equal, and costs nothing.
    """
    if np.isfinite(before.progress) and same_observation(before.observation, observation):
        return before.progress, before.success
    return judged(parts, observation)


def opening(parts: Parts, scene: Scene) -> Node:
    """Node 0 of an episode.

    Raises:
        StudioError: the world cannot start this scene.
    """
    world, policy = parts.world, parts.policy
    state = guarded("world", world.spec.identity.name, lambda: world.reset([scene], [scene.seed]))[0]
    observation = observed(parts, state)
    progress, success = judged(parts, observation)
    policy_state = guarded("policy", policy.spec.identity.name, lambda: policy.start([[observation]]))[0]
    return Node(
        observation=observation,
        world_state=state,
        policy_state=policy_state,
        control_state=start(observation.ee_state, world.spec.limits),
        action=np.full(ACTION_DIM, np.nan, np.float32),
        source=None,
        trust=float("nan"),
        progress=progress,
        success=success,
        world_time=0.0,
    )


class Codec:
    """Live nodes <-> stored nodes, by the world and policy that made them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def pack(self, node: Node) -> StoredNode:
        """See core.recording.StateCodec."""
        return StoredNode(
            world=self._parts.world.pack(node.world_state),
            policy=self._parts.policy.pack(node.policy_state),
            control=pack_control(node.control_state),
            **node.values(),
        )

    def unpack(self, stored: StoredNode) -> Node:
        """See core.recording.StateCodec."""
        return self._node(stored, self._parts.policy.unpack(stored.policy))

    def unpack_foreign(self, stored: StoredNode) -> Node:
        """A node whose policy state another policy made: ours starts from what is seen there."""
        return self._node(stored, self._parts.policy.start([[stored.observation]])[0])

    def _node(self, stored: StoredNode, policy_state: Any) -> Node:
        return Node(
            world_state=self._parts.world.unpack(stored.world),
            policy_state=policy_state,
            control_state=unpack_control(stored.control),
            **stored.values(),
        )

    def state_bytes(self, node: Node) -> int:
        """What the states of a node weigh, without what an episode shares."""
        stored = self.pack(node)
        packed = (stored.world, stored.policy, stored.control)
        return sum(array.nbytes for state in packed for array in state.arrays.values())


def same_place(codec: Codec, a: Node, b: Node) -> bool:
    """Whether two nodes agree bit for bit in what the world is and shows."""
    first, second = codec.pack(a), codec.pack(b)
    same_states = first.world.arrays.keys() == second.world.arrays.keys() and all(
        first.world.arrays[name].tobytes() == second.world.arrays[name].tobytes() for name in first.world.arrays
    )
    return same_states and same_observation(a.observation, b.observation)
