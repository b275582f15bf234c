from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from core import verbs as v
from core.branch_tree import Head
from core.errors import BadStore, WrongIdentity
from core.identity import Identity
from core.session import Session
from core.world import PackedState, WorldSpec
from models.policies.replay import ReplayPolicy
from models.tasks.toy.world import ToyWorld
from tests.core.driving import PatientTask, open_session, push, same_node, steps
from tests.core.memory_archive import MemoryArchive


class Renamed(ToyWorld):
    """The toy world under another identity."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.changes = changes

    @property
    def spec(self) -> WorldSpec:
        spec = super().spec
        return replace(spec, identity=replace(spec.identity, **self.changes))


@pytest.fixture
def archive() -> MemoryArchive:
    return MemoryArchive()


@pytest.fixture
def recorded(archive: MemoryArchive) -> Session:
    session = open_session(sink=archive, archive=archive)
    session.apply(v.Run())
    steps(session, 5)
    session.apply(v.TakeOver())
    steps(session, 4, push(1.0, 0.3))
    session.apply(v.Mark("note", "here"))
    session.apply(v.RollBack(0, 3))
    return session


def test_a_session_goes_on_where_it_stood(archive: MemoryArchive, recorded: Session) -> None:
    other = deepcopy(archive)
    again = open_session(sink=other, archive=other)
    assert again.head == recorded.head == Head(0, 3)
    assert dict(again.tree.branches) == dict(recorded.tree.branches)
    assert again.phase == "PAUSED"
    assert not again.take_messages()
    for branch, index in [(0, 0), (0, 5), (1, 7), (1, 9)]:
        assert same_node(again, again.node_at(branch, index), recorded.node_at(branch, index))
    for session in (recorded, again):
        session.apply(v.Run())
    for one, two in zip(steps(recorded, 5), steps(again, 5), strict=True):
        assert one.branch == two.branch == 2
        assert np.array_equal(one.node.action, two.node.action)
        assert one.node.world_state.block.tobytes() == two.node.world_state.block.tobytes()


def test_a_replay_after_reopening_is_bit_for_bit(archive: MemoryArchive, recorded: Session) -> None:
    again = open_session(sink=archive, archive=archive)
    again.apply(v.Replay(1))
    while again.phase == "AUTONOMOUS":
        steps(again, 1)
    assert "bit for bit" in again.take_messages()[-1].text


@pytest.mark.parametrize("changes", [{"sha256": "0" * 64}, {"name": "other"}])
def test_another_world_is_refused(archive: MemoryArchive, recorded: Session, changes: dict[str, str]) -> None:
    told = len(archive.verbs)
    with pytest.raises(WrongIdentity, match="made by the world 'toy'"):
        open_session(world=Renamed(**changes), sink=archive, archive=archive)
    assert len(archive.verbs) == told


def test_another_task_is_refused(archive: MemoryArchive, recorded: Session) -> None:
    class OtherTask(PatientTask):
        name = "other"

    with pytest.raises(WrongIdentity, match="'other'"):
        open_session(task=OtherTask(), archive=archive)


def test_other_arithmetic_is_allowed_reported_and_forks(archive: MemoryArchive, recorded: Session) -> None:
    again = open_session(world=Renamed(backend="numpy 99", threads=8), sink=archive, archive=archive)
    assert "numpy 99" in again.take_messages()[0].text
    again.apply(v.RollBack(1, 9))
    again.apply(v.TakeOver())
    (step,) = steps(again, 1, push())
    assert step.branch == 2, "a branch has one maker"
    assert again.tree.branches[2].world == Identity("toy", ToyWorld().spec.identity.sha256, "numpy 99", 8)


def test_another_policy_starts_from_what_is_seen(archive: MemoryArchive, recorded: Session) -> None:
    still = ReplayPolicy(recorded.parts.world.spec.home[None], "toy")
    again = open_session(policy=still, sink=archive, archive=archive)
    assert again.node_at(0, 2).policy_state.played == 0
    again.apply(v.RollBack(0, 5))
    again.apply(v.Run())
    step = steps(again, 2)[0]
    assert step.branch == 2
    assert np.array_equal(step.node.action, recorded.parts.world.spec.home)
    third = open_session(policy=still, sink=archive, archive=archive)
    assert third.node.policy_state.played == 2, "its own states come back"


def test_where_the_head_cannot_be_read_the_session_opens_before_it(archive: MemoryArchive, recorded: Session) -> None:
    head = recorded.head
    torn = archive._nodes[head.branch, head.index]
    world = PackedState({**torn.world.arrays, "block": np.full(2, np.nan)})
    archive._nodes[head.branch, head.index] = replace(torn, world=world)
    session = open_session(sink=archive, archive=archive)
    assert (session.head.branch, session.head.index) == (head.branch, head.index - 1)
    assert any("torn" in message.text and message.level == "warning" for message in session.take_messages())


def test_an_empty_archive_is_a_new_session(archive: MemoryArchive) -> None:
    session = open_session(sink=archive, archive=archive, seed=4)
    assert session.tree.branches[0].scene_seed == 4


def test_an_archive_that_does_not_say_who_made_it_is_named(archive: MemoryArchive, recorded: Session) -> None:
    archive._info = {"task": "toy"}
    with pytest.raises(BadStore, match="which world made it"):
        open_session(archive=archive)


@pytest.mark.parametrize("behind", [False, True])
def test_states_out_of_memory_come_back_bit_for_bit(behind: bool) -> None:
    archive, kept = MemoryArchive(behind=behind), open_session()
    small = open_session(sink=archive, archive=archive, memory=20_000)
    for session in (kept, small):
        session.apply(v.Run())
        steps(session, 30)
    assert (len(small._cache) == 31) is behind, "nothing leaves before it is on disk"
    for index in range(31):
        assert same_node(small, small.node_at(0, index), kept.node_at(0, index))
    for session in (kept, small):
        session.apply(v.RollBack(0, 2))
        session.apply(v.Run())
    for one, two in zip(steps(kept, 3), steps(small, 3), strict=True):
        assert np.array_equal(one.node.action, two.node.action)
