import numpy as np
import pytest

from core.reading import Device, Watcher
from core.session import Session
from core.settings import Settings
from core.verbs import TakeOver
from models import POLICIES, TASKS, WORLDS
from models.tasks.toy.operator import STYLES, ToyOperator
from tests.contracts.device_contract import DeviceContract


def correct(style: int, seed: int, steps: int = 200) -> Session:
    operator = ToyOperator(style)
    operator.connect()
    parts = WORLDS.load("toy")(), POLICIES.load("toy")(), TASKS.load("toy")()
    session = Session(*parts, seed=seed, settings=Settings(device="operator"))
    session.apply(TakeOver())
    for _ in range(steps):
        operator.show(session.node.observation.frames, session.node.observation.ee_state, session.node.world_time)
        session.tick(operator.read())
        if session.node.success:
            break
    return session


class TestToyOperatorAsADevice(DeviceContract):
    @pytest.fixture
    def device(self) -> Device:
        operator = ToyOperator()
        operator.connect()
        return operator

    def move(self, device: Device) -> None:
        assert isinstance(device, Watcher)
        world, task = WORLDS.load("toy")(), TASKS.load("toy")()
        seen = world.observe(world.reset([task.scene(0)], [0]))[0]
        device.show(seen.frames, seen.ee_state, 0.0)


@pytest.mark.parametrize("style", range(STYLES))
def test_it_solves_the_toy_task_in_every_style(style: int) -> None:
    solved = [correct(style, seed).node.success for seed in range(5)]
    assert all(solved), solved


def test_the_same_picture_twice_moves_nothing() -> None:
    operator = ToyOperator()
    operator.connect()
    world, task = WORLDS.load("toy")(), TASKS.load("toy")()
    seen = world.observe(world.reset([task.scene(0)], [0]))[0]
    operator.show(seen.frames, seen.ee_state, 0.0)
    first = operator.read()
    operator.show(seen.frames, seen.ee_state, 0.0)
    second = operator.read()
    assert first is not None
    assert second is not None
    assert first.left is not None
    assert second.left is not None
    assert np.array_equal(first.left.position, second.left.position)


def test_the_same_look_gives_the_same_correction() -> None:
    a, b = correct(0, 3), correct(0, 3)
    assert a.head == b.head
    assert np.array_equal(a.node.action, b.node.action)
