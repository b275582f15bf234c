"""Synthetic sessions on disk: the made-up trees, written by the real recorder."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.timeline.model import TimelineModel
from core.action import ACTION_DIM, ActionLimits, BimanualDelta
from core.branch_tree import Branch
from core.control import ControlState
from core.events import Stepped, TreeChanged
from core.identity import Identity
from core.observation import Observation
from core.policy import PolicySpec
from core.recorder import Recorder
from core.recording import SessionInfo
from core.step import Node, Step
from core.workcell import Workcell
from core.world import PackedState, WorldSpec
from models.tasks.push_t.geometry import CAMERAS, HOME
from tests.app.made_up_session import MadeUp, three_failures
from tests.core.stored import Verbatim

WORLD = Identity("transport", "ab" * 32, "onnxruntime 1.23.2 cpu", 2)
POLICY = Identity("diffusion", "cd" * 32, "onnxruntime 1.23.2 cpu", 2)
EMPTY = PackedState({"nothing": np.zeros(1, np.float32)})
RESTING = ControlState(HOME.astype(np.float64))


def info(task: str = "push_t", operator: str = "mia") -> SessionInfo:
    limits = ActionLimits(np.full(ACTION_DIM, -4, np.float32), np.full(ACTION_DIM, 4, np.float32))
    spec = WorldSpec(WORLD, "transport", "Frames and actions.", task, Workcell("wide", CAMERAS, 0.1, limits, HOME))
    return SessionInfo(task, spec, PolicySpec(POLICY, task, 2, 16), operator)


class Written(TimelineModel):
    """A model that also writes what it is fed."""

    def __init__(self, recorder: Recorder, operator: str) -> None:
        super().__init__()
        self.recorder, self.operator = recorder, operator
        self.known: dict[int, Branch] = {}

    def tree_changed(self, event: TreeChanged) -> None:
        super().tree_changed(event)
        for number, made in event.tree.branches.items():
            branch = replace(made, world=WORLD, policy=POLICY, operator=self.operator)
            if self.known.get(number) == branch:
                continue
            if number not in self.known and branch.parent is None:
                self.recorder.episode(branch, start())
            else:
                self.recorder.branch(branch)
            self.known[number] = branch

    def stepped(self, event: Stepped) -> None:
        super().stepped(event)
        seen = event.observation
        action = seen.ee_state + np.float32(0.002) * np.sin(event.index / 5.0, dtype=np.float32)
        node = Node(
            observation=seen, action=action.astype(np.float32), source=event.source, trust=event.trust,
            progress=event.progress, success=event.success, world_time=0.1 * (event.index + 1), world_state=EMPTY,
            policy_state=EMPTY, control_state=RESTING,
        )  # fmt: skip
        device = "spacemouse" if event.source == "operator" else ""
        nothing = np.full(ACTION_DIM, np.nan, np.float32)
        wall_time = 1.764e9 + event.index
        self.recorder.step(
            Step(event.branch, event.index, node, nothing, BimanualDelta.zero(), wall_time=wall_time, device=device)
        )


def start() -> Node:
    from tests.app.made_up_session import draw

    seen = draw((0.42, 0.08, 0.3), HOME.copy())
    nothing = np.full(ACTION_DIM, np.nan, np.float32)
    return Node(
        observation=seen, action=nothing, source=None, trust=float("nan"), progress=0.15, success=False,
        world_time=0.0, world_state=EMPTY, policy_state=EMPTY, control_state=RESTING,
    )  # fmt: skip


def write_three_failures(folder: Path, *, pictures: bool = False, operator: str = "mia") -> Path:
    """Two episodes, three failures, a dozen branches; with `pictures` every step is drawn, which takes a while."""
    recorder = Recorder(folder, sync=False, limit=10**6)
    recorder.begin(info(operator=operator), Verbatim())
    three_failures(Written(recorder, operator), pictures=pictures)
    recorder.close()
    return folder


def write_small(folder: Path, steps: int = 12, *, task: str = "push_t", operator: str = "") -> Path:
    """A failing trunk and two corrections from its middle, the second one a success."""
    recorder = Recorder(folder, sync=False, limit=10**6)
    recorder.begin(info(task, operator), Verbatim())
    made = MadeUp(Written(recorder, operator), pictures=False)
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", steps, to=0.3)
    made.finish(trunk, "failure")
    for place, (outcome, extra) in enumerate((("failure", 2), ("success", 4))):
        branch = made.branch(0, trunk, steps // 2, "correction", ("too late", "around the left")[place])
        made.last = Observation(made.last.frames, made.last.ee_state + np.float32(0.01 * (place + 1)))
        made.run(branch, "operator", steps // 2 + extra, to=0.4 + 0.4 * place)
        made.finish(branch, outcome)  # type: ignore[arg-type]
    recorder.close()
    return folder
