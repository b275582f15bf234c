"""What the judge said of each attempt of a batch, and which of them it has to be asked about."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.task import Task
from core.world import World, WorldState
from models.evaluation.gate import Gate, GateState


class Verdicts:
    """Of the attempts of one call, by their place in the batch; changes as they are judged."""

    def __init__(
        self, world: World, task: Task, gate: Gate | None, states: Sequence[WorldState], seen: Sequence[Observation]
    ) -> None:
        """Judge the starts."""
        self._world, self._task = world, task
        poses = None if gate is None else world.object_poses(states)
        self._gate = None if poses is None else gate
        self._doors: list[GateState] = []
        if gate is not None and poses is not None:
            self._doors = [gate.start(one, pose) for one, pose in zip(seen, poses, strict=True)]
        progress, success = task.judge(seen)
        self.progress, self.success = [float(p) for p in progress], [bool(s) for s in success]
        """Newest verdict of each attempt."""
        self.best = list(self.progress)
        """Highest progress so far."""

    @property
    def open(self) -> list[int]:
        """Attempts without success."""
        return [row for row, success in enumerate(self.success) if not success]

    def wanted(self, rows: Sequence[int], states: Sequence[WorldState]) -> NDArray[np.bool_]:
        """(B,) which of these attempts, now in these states, the judge must be asked about."""
        gate, poses = self._gate, self._world.object_poses(states)
        if gate is None or poses is None:
            return np.ones(len(rows), np.bool_)
        hands = self._world.measured(states)
        return np.array(
            [gate.may_succeed(self._doors[row], poses[k], hands[k]) for k, row in enumerate(rows)], np.bool_
        )

    def judge(self, asked: Sequence[tuple[int, WorldState, Observation]]) -> None:
        """Take the verdicts on (attempt, state, observation)."""
        if not asked:
            return
        reached, solved = self._task.judge([observation for _, _, observation in asked])
        poses = None if self._gate is None else self._world.object_poses([state for _, state, _ in asked])
        for k, (row, _, observation) in enumerate(asked):
            self.progress[row], self.success[row] = float(reached[k]), bool(solved[k])
            self.best[row] = max(self.best[row], self.progress[row])
            if self._gate is not None and poses is not None:
                self._doors[row] = self._gate.after(
                    self._doors[row], poses[k], observation.ee_state, self.progress[row]
                )
