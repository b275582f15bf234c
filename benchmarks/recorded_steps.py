"""Real steps to record: imagined once by a session with randomly moving hands, recorded as often as needed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.branch_tree import Branch
from core.policy import Policy
from core.reading import ArmReading, DeviceReading
from core.recorder import Recorder
from core.recording import SessionInfo
from core.session import Session
from core.step import Node, Step
from core.step_request import Codec, Parts
from core.task import Task
from core.verbs import TakeOver
from core.world import World

FULL_QUEUE = 64
"""Told things that may wait for the disk while a session is copied."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordedSteps:
    """Steps of one episode, and who made them."""

    parts: Parts
    start: Node
    steps: tuple[Step, ...]

    @property
    def info(self) -> SessionInfo:
        """For Recorder.begin."""
        return SessionInfo(self.parts.task.name, self.parts.world.spec, self.parts.policy.spec)

    @property
    def codec(self) -> Codec:
        """For Recorder.begin."""
        return Codec(self.parts)

    def step(self, branch: int, index: int, offset: int = 0) -> Step:
        """A step for a place of another branch: its pictures and states are those of a place on the tape."""
        dt = self.parts.world.spec.dt
        step = self.steps[(index + offset) % len(self.steps)]
        node = replace(step.node, world_time=(index + 1) * dt)
        return replace(step, branch=branch, index=index, node=node, wall_time=time.time())


def imagined(world: World, policy: Policy, task: Task, count: int, seed: int = 0) -> RecordedSteps:
    """A tape of `count` steps in which both hands wander over the table."""
    session = Session(world, policy, task, seed=seed)
    start, random = session.node, np.random.default_rng(seed)
    steps: list[Step] = []
    while len(steps) < count:
        if session.phase != "CORRECTING":
            session.apply(TakeOver())
        if len(steps) % 8 == 0:
            hands = [ArmReading(linear=random.uniform(-1, 1, 3) * (1, 1, 0.3), angular=np.zeros(3)) for _ in range(2)]
        reading = DeviceReading(session.settings.device, "rate", time.monotonic(), left=hands[0], right=hands[1])
        step = session.tick(reading)
        if step is not None:
            steps.append(step)
    return RecordedSteps(Parts(world, policy, task), start, tuple(steps))


def trunk(tape: RecordedSteps, number: int) -> Branch:
    """The trunk of episode `number` of a session that holds trunks only."""
    world, policy = tape.parts.world.spec.identity, tape.parts.policy.spec.identity
    return Branch(
        id=number, parent=None, fork_step=0, length=0, episode=number, kind="rollout", seed=number,
        scene_seed=number, world=world, policy=policy,
    )  # fmt: skip


def copied(
    tape: RecordedSteps, recorder: Recorder, lengths: Sequence[int], wait: Callable[[float], None] = time.sleep
) -> None:
    """Record episodes of these lengths, as fast as the disk takes them."""
    recorder.begin(tape.info, tape.codec)
    for number, length in enumerate(lengths):
        recorder.episode(trunk(tape, number), tape.start)
        for index in range(length):
            while recorder.waiting >= FULL_QUEUE:
                wait(0.002)
            recorder.check()
            recorder.step(tape.step(number, index, offset=7 * number))
