"""One attempt of a policy, step by step as a session takes them: it can be recorded and replayed bit for bit."""

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.action import BimanualDelta
from core.branch_tree import Branch, BranchTree, Head, Marker, Outcome, next_id
from core.branching import Makers, new_trunk
from core.recorder import Recorder
from core.seeds import step_seed
from core.step import Node, Step
from core.step_request import Parts, StepRequest, imagine, opening
from models.failures.finding import Course, Failure

WRITE_S: Final = 120.0
"""Seconds that the disk may take for one attempt."""


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """An attempt in memory."""

    trunk: Branch
    start: Node
    steps: tuple[Step, ...]

    @property
    def nodes(self) -> list[Node]:
        """Start and everything after it."""
        return [self.start, *(step.node for step in self.steps)]

    def numbered(self, tree: BranchTree) -> "Played":
        """The same attempt as the next episode of a session; its noise does not depend on the numbers."""
        number = next_id(tree)
        episode = 1 + max((branch.episode for branch in tree.branches.values()), default=-1)
        steps = tuple(replace(step, branch=number) for step in self.steps)
        return Played(replace(self.trunk, id=number, episode=episode), self.start, steps)

    @property
    def success(self) -> bool:
        """Whether the last node is one."""
        return self.nodes[-1].success

    @property
    def course(self) -> Course:
        """As models.failures.finding wants it."""
        nodes = self.nodes
        return Course(
            np.array([node.progress for node in nodes]),
            np.array([node.trust for node in nodes]),
            np.stack([node.observation.ee_state for node in nodes]),
            self.success,
        )


def branch_seed(seed: int, draw: int) -> int:
    """The seed of the trunk of an attempt."""
    return step_seed(seed, draw)


def play(parts: Parts, seed: int, draw: int, limit: int) -> Played:
    """Play one attempt until success or `limit` steps.

    Args:
        parts: World, policy and task.
        seed: Of the scene.
        draw: Which noise of world and policy.
        limit: Steps.

    Raises:
        StudioError: a part failed.
    """
    makers = Makers(parts.world.spec.identity, parts.policy.spec.identity)
    trunk = replace(new_trunk(BranchTree(), seed, makers), seed=branch_seed(seed, draw))
    node = start = opening(parts, parts.task.scene(seed))
    steps: list[Step] = []
    while len(steps) < limit and not node.success:
        request = StepRequest(
            ticket=0, target=trunk, node=node, index=len(steps), source="policy", action=None, control=None,
            delta=BimanualDelta.zero(), recent=() if steps else (start.observation,),
        )  # fmt: skip
        result = imagine(parts, request)
        node = result.node
        steps.append(
            Step(trunk.id, len(steps), node, result.action_policy, BimanualDelta.zero(), time.time(), device="")
        )
    return Played(trunk, start, tuple(steps))


def keep(recorder: Recorder, played: Played, failure: Failure | None) -> None:
    """Record an attempt, with how it ended; a failure is marked where it could be noticed.

    Raises:
        StudioError: it could not be written.
    """
    outcome: Outcome = "success" if failure is None else "timeout"
    markers = () if failure is None else (_marker(failure),)
    recorder.episode(played.trunk, played.start)
    for step in played.steps:
        recorder.step(step)
    recorder.branch(replace(played.trunk, length=len(played.steps), outcome=outcome, markers=markers))
    recorder.moved(Head(played.trunk.id, len(played.steps)))
    if not recorder.flush(WRITE_S):
        recorder.check()


def _marker(failure: Failure) -> Marker:
    return Marker(failure.noticed, "failure", f"{failure.grade}: {failure.kind}")
