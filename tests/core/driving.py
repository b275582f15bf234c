"""A session on the toy world, and hands that drive it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.reading import ArmReading, DeviceReading
from core.session import Session
from core.settings import Settings
from core.step import Node, Step
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld
from tests.contracts.world_contract import same_packed

DEVICE = "scripted"


class PatientTask(ToyTask):
    """Never times out, so that a test decides how long an attempt is."""

    max_steps = 10**6


def open_session(**options: Any) -> Session:
    """A session on the toy parts; options are those of Session and may replace parts."""
    world, policy = options.pop("world", ToyWorld()), options.pop("policy", ToyPolicy())
    options.setdefault("settings", Settings(device=DEVICE))
    return Session(world, policy, options.pop("task", PatientTask()), clock=lambda: 0.0, **options)


def push(x: float = 1.0, y: float = 0.0, device: str = DEVICE) -> DeviceReading:
    """The left hand at a fraction of full deflection."""
    return DeviceReading(device, "rate", 0.0, left=ArmReading(linear=np.array([x, y, 0.0]), angular=np.zeros(3)))


REST = push(0.0)


def at(x: float, *, clutch: bool = True, epoch: int = 0) -> DeviceReading:
    """The left hand of a position device, x metres ahead of where it connected."""
    hand = ArmReading(np.array([x, 0.0, 0.0]), np.array([0.0, 0.0, 0.0, 1.0]), clutch=clutch)
    return DeviceReading(DEVICE, "position", 0.0, epoch, left=hand)


def steps(session: Session, count: int, reading: DeviceReading | None = None) -> list[Step]:
    """Take steps; each tick must give one."""
    taken = []
    for _ in range(count):
        step = session.tick(reading)
        assert step is not None
        taken.append(step)
    return taken


def same_node(session: Session, a: Node, b: Node) -> bool:
    """Whether two nodes agree bit for bit: world, policy and control states, picture, labels."""
    first, second = session.codec.pack(a), session.codec.pack(b)
    return (
        all(same_packed(getattr(first, name), getattr(second, name)) for name in ("world", "policy", "control"))
        and all(np.array_equal(a.observation.frames[k], b.observation.frames[k]) for k in a.observation.frames)
        and np.array_equal(a.action, b.action, equal_nan=True)
        and (a.source, a.progress, a.success, a.world_time) == (b.source, b.progress, b.success, b.world_time)
        and np.array_equal([a.trust], [b.trust], equal_nan=True)
    )


@dataclass
class Broken:
    """A part that fails on demand: everything else goes to the real one."""

    part: Any
    fail: dict[str, Any] = field(default_factory=dict)
    """Method name -> an exception to raise, or a function of the real result."""

    def __getattr__(self, name: str) -> Any:
        real, how = getattr(self.part, name), self.fail.get(name)
        if how is None:
            return real

        def call(*values: Any) -> Any:
            if isinstance(how, Exception):
                raise how
            return how(real(*values))

        return call
