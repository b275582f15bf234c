"""Recorders on a folder, and steps made by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.action import ACTION_DIM, ActionLimits, BimanualDelta
from core.branch_tree import Branch
from core.camera import Camera
from core.control import ControlState
from core.control_record import pack_control
from core.identity import Identity
from core.observation import Observation, same_observation
from core.policy import PolicySpec
from core.recorder import Recorder
from core.recording import SessionInfo
from core.step import SOURCES, Node, Step, StoredNode
from core.workcell import Workcell
from core.world import PackedState, WorldSpec
from tests.contracts.world_contract import same_packed

SIDE = 40
"""Width and height of a frame; 40 * 40 * 3 bytes make a big column."""
WORLD, POLICY = Identity("hand-made", "ab" * 32, "numpy"), Identity("nobody", "cd" * 32, "numpy", 2)


def info(task: str = "boxes", side: int = SIDE, cameras: Sequence[str] = ("top", "front")) -> SessionInfo:
    """Who makes the steps of this file."""
    limits = ActionLimits(np.full(ACTION_DIM, -1, np.float32), np.ones(ACTION_DIM, np.float32))
    seen = tuple(Camera(name, side, side, np.eye(3), np.eye(4)) for name in cameras)
    spec = WorldSpec(
        identity=WORLD,
        kind="toy",
        training_inputs="Nothing.",
        task=task,
        workcell=Workcell("boxes", seen, 0.1, limits, np.zeros(ACTION_DIM, np.float32)),
        tolerance={"position_m": 0.02},
    )
    return SessionInfo(task, spec, PolicySpec(POLICY, task, 1, 8))


class Verbatim:
    """A codec whose live world and policy states are packed states."""

    def pack(self, node: Node) -> StoredNode:
        control = pack_control(node.control_state)
        return StoredNode(world=node.world_state, policy=node.policy_state, control=control, **node.values())

    def unpack(self, stored: StoredNode) -> Node:
        raise NotImplementedError


def states(random: np.random.Generator, number: int) -> dict[str, Any]:
    """Three states with arrays of many kinds; the policy's plan gets shorter, as plans do."""
    shared = np.arange(12, dtype=np.float32).reshape(3, 4) + number // 50
    world = {
        "pose": random.normal(size=3),
        "seen": random.integers(0, 2, 5).astype(bool),
        "count": np.array(number, np.int64),
        "map": random.integers(0, 255, (48, 48, 3)).astype(np.uint8),
    }
    plan = random.normal(size=(3 - number % 4, ACTION_DIM)).astype(np.float32)
    return {
        "world_state": PackedState(world, {"outline": shared, "nothing": np.empty((0, 2), np.float32)}),
        "policy_state": PackedState({"plan": plan, "half": random.normal(size=2).astype(np.float16)}),
        "control_state": ControlState(random.normal(size=ACTION_DIM)),
    }


def node(number: int, *, start: bool = False) -> Node:
    """A node that depends on its number alone."""
    random = np.random.default_rng(number)
    frames = {name: random.integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8) for name in ("top", "front")}
    if number % 7 == 3:
        frames["top"][:] = 0
    return Node(
        observation=Observation(frames, random.normal(size=ACTION_DIM).astype(np.float32)),
        action=np.full(ACTION_DIM, np.nan, np.float32) if start else random.normal(size=ACTION_DIM).astype(np.float32),
        source=None if start else SOURCES[number % 3],
        trust=float("nan") if number % 2 else 0.1 * (number % 10),
        progress=number / 1000,
        success=number % 5 == 0,
        world_time=number * 0.1,
        **states(random, number),
    )


def step(branch: int, index: int, number: int) -> Step:
    """Step ``index`` of a branch; what it holds depends on ``number`` alone."""
    made, random = node(number), np.random.default_rng(number + 10**6)
    delta = BimanualDelta(random.normal(size=(2, 3)), random.normal(size=(2, 3)), random.normal(size=2))
    wanted = random.normal(size=ACTION_DIM).astype(np.float32)
    device = ("", "keyboard", "spacemouse")[number % 3]
    return Step(branch, index, made, wanted, delta, wall_time=1e9 + number, device=device)


def trunk(number: int = 0, episode: int = 0, **changes: Any) -> Branch:
    """A new trunk."""
    values: dict[str, Any] = {"parent": None, "fork_step": 0, "length": 0, "kind": "rollout", "seed": 2**62 + number}
    return Branch(id=number, episode=episode, scene_seed=7 + episode, world=WORLD, policy=POLICY, **values | changes)


def record(recorder: Recorder, branch: int, first: int, count: int, number: int) -> None:
    """Steps of a branch; their contents are numbered from ``number``."""
    for place in range(count):
        recorder.step(step(branch, first + place, number + place))


def same_stored(a: StoredNode, b: StoredNode) -> bool:
    """Whether two stored nodes agree bit for bit."""
    return (
        same_observation(a.observation, b.observation)
        and all(same_packed(getattr(a, name), getattr(b, name)) for name in ("world", "policy", "control"))
        and a.action.tobytes() == b.action.tobytes()
        and np.array_equal([a.trust], [b.trust], equal_nan=True)
        and (a.source, a.progress, a.success, a.world_time) == (b.source, b.progress, b.success, b.world_time)
    )


def expected(number: int, *, start: bool = False) -> StoredNode:
    """What must come back of node(number)."""
    return Verbatim().pack(node(number, start=start))


def opened(folder: Path, **options: Any) -> Recorder:
    """A recorder that does not wait for the disk."""
    recorder = Recorder(folder, sync=False, **options)
    recorder.begin(info(), Verbatim())
    return recorder
