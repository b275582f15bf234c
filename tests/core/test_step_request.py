"""When the judge is asked: a verdict on an equal observation is reused."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.step_request import Parts, verdict_after
from core.verbs import Run, TakeOver
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.world import ToyWorld
from tests.core.driving import REST, PatientTask, open_session, push, steps


class CountingTask(PatientTask):
    """Counts the observations that its judge has seen."""

    def __init__(self) -> None:
        self.seen = 0

    def judge(self, observations: Sequence[Observation]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        self.seen += len(observations)
        return super().judge(observations)


def test_verdicts_of_a_recording_are_those_of_a_judge_that_sees_every_step() -> None:
    task = CountingTask()
    session = open_session(task=task)
    before = task.seen
    session.apply(Run())
    taken = steps(session, 30)
    session.apply(TakeOver())
    taken += [*steps(session, 60, REST), *steps(session, 5, push(-1.0))]
    asked = task.seen - before
    progress, success = PatientTask().judge([step.node.observation for step in taken])
    assert [step.node.progress for step in taken] == progress.tolist()
    assert [step.node.success for step in taken] == success.tolist()
    assert len(set(progress.tolist())) > 3, "nothing moved, so nothing was compared"
    assert asked < len(taken) - 20, "resting hands were judged at every step"


def test_a_node_without_a_verdict_gets_one() -> None:
    session = open_session()
    session.apply(Run())
    (step,) = steps(session, 1)
    node = replace(step.node, progress=float("nan"))
    progress, _ = verdict_after(Parts(ToyWorld(), ToyPolicy(), PatientTask()), node, step.node.observation)
    assert progress == step.node.progress
