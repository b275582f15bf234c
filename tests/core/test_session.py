from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from core import verbs as v
from core.branch_tree import Head
from core.control import ControlConfig
from core.errors import BadAction, IllegalVerb, PartFailed, StudioError
from core.observation import Observation
from core.seeds import step_seed
from core.session import Session
from core.settings import Settings
from core.step_request import imagine
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld
from tests.core.driving import DEVICE, REST, Broken, at, open_session, push, same_node, steps
from tests.core.memory_archive import MemoryArchive


@pytest.fixture
def session() -> Session:
    return open_session()


def shape(session: Session) -> list[tuple[int | None, int, int, str]]:
    return [(b.parent, b.fork_step, b.length, b.kind) for b in session.tree.branches.values()]


# Driving


def test_a_session_opens_paused_at_the_start_of_a_scene(session: Session) -> None:
    assert session.phase == "PAUSED"
    assert session.head == Head(0, 0)
    assert session.tick(push()) is None
    assert session.node.source is None
    assert np.isnan(session.node.action).all()
    assert session.tree.branches[0].world == session.parts.world.spec.identity


def test_the_policy_drives_with_seeds_of_the_branch(session: Session) -> None:
    session.apply(v.Run())
    taken = steps(session, 6)
    seed = session.tree.branches[0].seed
    state = session.node_at(0, 0).world_state
    for step in taken:
        (state,), _ = session.parts.world.step([state], step.node.action[None, None], [step_seed(seed, step.index)])
        assert state.block.tobytes() == step.node.world_state.block.tobytes()
        assert step.node.source == "policy"
        assert np.array_equal(step.action_policy, step.node.action)
        assert not step.delta.translation.any()
        assert step.device == ""
    assert session.head == Head(0, 6)
    assert taken[-1].node.world_time == pytest.approx(0.6)
    assert session.plan is not None


def test_a_step_is_judged_by_its_own_pictures(session: Session) -> None:
    session.apply(v.Run())
    taken = steps(session, 25)
    for step in taken:
        progress, success = session.parts.task.judge([step.node.observation])
        assert (step.node.progress, step.node.success) == (float(progress[0]), bool(success[0]))
    assert len({step.node.progress for step in taken}) > 3, "nothing moved, so nothing was tested"


def test_one_step_of_the_policy(session: Session) -> None:
    session.apply(v.StepOnce())
    assert session.wants_step
    steps(session, 1)
    assert session.tick(None) is None
    assert session.phase == "PAUSED"
    assert session.head == Head(0, 1)


def test_taking_over_begins_a_correction_at_the_command_and_leaves_the_rollout(session: Session) -> None:
    session.apply(v.Run())
    before = steps(session, 4)[-1]
    session.apply(v.TakeOver())
    (first,) = steps(session, 1, REST)
    assert np.array_equal(first.node.action, before.node.action), "no jump"
    assert np.isnan(first.action_policy).all()
    assert first.device == DEVICE
    (second,) = steps(session, 1, push(1.0))
    assert second.node.action[0] == pytest.approx(before.node.action[0] + 0.02)
    assert second.delta.translation[0, 0] == pytest.approx(0.02)
    assert shape(session) == [(None, 0, 4, "rollout"), (0, 4, 6, "correction")]


def test_the_hand_anchors_where_it_is_at_take_over_and_at_each_return(session: Session) -> None:
    session.apply(v.Run())
    held = steps(session, 2)[-1].node.action
    for start in (5.0, -3.0):
        session.apply(v.TakeOver())
        first, second = steps(session, 1, at(start)) + steps(session, 1, at(start + 0.03))
        assert np.array_equal(first.node.action, held)
        assert second.node.action[0] == pytest.approx(held[0] + 0.03)
        session.apply(v.Pause())
        held = second.node.action


def test_handing_back_restarts_the_policy_from_what_was_seen_and_stays_on_the_branch() -> None:
    seen: list[int] = []

    class Watching(ToyPolicy):
        def start(self, recent: list[list[Observation]]) -> list[object]:  # type: ignore[override]
            seen.append(len(recent[0]))
            return super().start(recent)

    session = open_session(policy=Watching())
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.TakeOver())
    steps(session, 5, push(0.5))
    seen.clear()
    session.apply(v.HandBack())
    step = steps(session, 2)[0]
    assert seen == [2], "once, from as many observations as it wants"
    assert step.node.source == "policy"
    assert shape(session) == [(None, 0, 3, "rollout"), (0, 3, 10, "correction")]


def test_a_reading_of_another_device_is_no_reading(session: Session) -> None:
    session.apply(v.TakeOver())
    home = session.node.control_state.target
    (step,) = steps(session, 1, push(1.0, device="gamepad"))
    assert np.array_equal(step.node.action, home.astype(np.float32))


def test_freeze_on_idle_waits_until_the_hand_moves_and_adds_slow_motion_up(session: Session) -> None:
    session.apply(v.SetFreezeOnIdle(True))
    session.apply(v.TakeOver())
    home = session.node.control_state.target[0]
    assert session.tick(at(0.0)) is None
    assert session.hands.frozen
    for x in (0.0002, 0.0004):
        assert session.tick(at(x)) is None
    (step,) = steps(session, 1, at(0.0006))
    assert step.node.action[0] == pytest.approx(home + 0.0006, abs=1e-6)
    assert not session.hands.frozen
    assert session.tick(at(0.5, clutch=False)) is None
    assert session.tick(at(0.9)) is None, "a new anchor is no motion"
    (step,) = steps(session, 1, at(0.91))
    assert step.node.action[0] == pytest.approx(home + 0.0106, abs=1e-6)


def test_hands_are_shown(session: Session) -> None:
    session.apply(v.TakeOver())
    steps(session, 20, push(0.0, -1.0))
    assert session.hands.clutch == (True, False)
    steps(session, 5, push(-1.0, 0.0))
    assert session.hands.limit_hits == (False, False)
    steps(session, 5, push(-1.0, 0.0))
    assert session.hands.limit_hits == (True, False)
    session.apply(v.Pause())
    assert session.hands.clutch == (False, False)


# Rolling back and forking


def test_rolling_back_restores_everything_and_the_next_step_forks(session: Session) -> None:
    session.apply(v.Run())
    taken = steps(session, 10)
    session.apply(v.RollBack(0, 4))
    assert session.phase == "PAUSED"
    assert session.node is session.node_at(0, 4)
    assert session.node.world_state is taken[3].node.world_state
    assert session.node.policy_state is taken[3].node.policy_state
    assert np.array_equal(session.node.control_state.target, taken[3].node.control_state.target)
    session.apply(v.Run())
    (step,) = steps(session, 1)
    assert step.branch == 1
    assert shape(session) == [(None, 0, 10, "rollout"), (0, 4, 5, "rollout")]
    assert session.tree.branches[1].seed != session.tree.branches[0].seed


def test_returning_to_the_tip_continues_as_without_leaving() -> None:
    stayed, went = open_session(), open_session()
    for session in (stayed, went):
        session.apply(v.Run())
        steps(session, 6)
    went.apply(v.RollBack(0, 2))
    went.apply(v.RollBack(0, 6))
    went.apply(v.Run())
    for a, b in zip(steps(stayed, 7), steps(went, 7), strict=True):
        assert np.array_equal(a.node.action, b.node.action)
        assert a.node.world_state.block.tobytes() == b.node.world_state.block.tobytes()
    assert len(went.tree.branches) == 1


def test_a_tip_that_was_forked_forks_again(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.TakeOver())
    steps(session, 2, push())
    session.apply(v.RollBack(0, 3))
    session.apply(v.Run())
    steps(session, 1)
    assert shape(session)[2] == (0, 3, 4, "rollout")


def test_many_corrections_of_one_failure(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 8)
    session.apply(v.Mark("failure"))
    for sideways in (-1.0, 0.0, 1.0):
        session.apply(v.RollBackToFailure(3))
        assert session.head == Head(0, 5)
        assert session.take_messages()[-1].text == "At step 5, 3 steps before the failure at step 8 of branch 0."
        session.apply(v.TakeOver())
        steps(session, 3, push(1.0, sideways))
    assert shape(session)[1:] == [(0, 5, 8, "correction")] * 3
    ends = [session.node_at(branch, 8).world_state.ee[1] for branch in (1, 2, 3)]
    assert ends[0] < ends[1] < ends[2]


def test_a_failure_is_rolled_back_to_where_progress_stalled(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 6)
    session.apply(v.TakeOver())
    steps(session, 12, push(0.0, 0.0))  # the hands rest, so nothing moves any more
    session.apply(v.Mark("failure"))
    session.apply(v.RollBackToFailure())
    stalled = [session.node_at(1, i).progress for i in range(session.head.index, 19)]
    assert 3 <= session.head.index <= 8
    assert max(stalled) - min(stalled) <= 0.02
    assert session.take_messages()[-1].text.endswith(
        "steps before the failure at step 18 of branch 1. Next, progress stalled."
    )


def test_rolling_back_to_a_shared_node_lands_on_its_owner(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 4)
    session.apply(v.TakeOver())
    steps(session, 2, push())
    session.apply(v.RollBack(1, 3))
    assert session.head == Head(0, 3)


@pytest.mark.parametrize("verb", [v.RollBack(7, 0), v.RollBack(0, 99), v.RollBackToFailure(), v.Replay(), v.Undo()])
def test_what_cannot_be_done_is_refused_and_changes_nothing(session: Session, verb: v.Verb) -> None:
    before = session.tree, session.head, session.node, session.phase
    with pytest.raises(IllegalVerb):
        session.apply(verb)
    assert (session.tree, session.head, session.node, session.phase) == before


def test_branch_here_grows_from_the_head_and_becomes_what_its_first_step_is(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.BranchHere())
    assert session.head == Head(1, 3)
    steps(session, 2)
    session.apply(v.BranchHere())
    session.apply(v.TakeOver())
    steps(session, 1, push())
    assert shape(session) == [(None, 0, 3, "rollout"), (0, 3, 5, "rollout"), (1, 5, 6, "correction")]


def test_an_empty_branch_can_be_returned_to(session: Session) -> None:
    session.apply(v.BranchHere())
    session.apply(v.RollBack(0, 0))
    session.apply(v.RollBack(1, 0))
    assert session.head == Head(1, 0)
    session.apply(v.Run())
    steps(session, 1)
    assert len(session.tree.branches) == 2


# Labels, undo


def test_labels_are_undone_and_done_again(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    labels = [v.Mark("failure", "slipped"), v.SetOutcome("success"), v.SetReview("accepted"), v.Rename("first")]
    versions = [session.tree.branches[0]]
    for verb in labels:
        session.apply(verb)
        versions.append(session.tree.branches[0])
    assert versions[1].outcome == "failure", "a mark says how an open branch ended"
    assert versions[-1].markers[0].text == "slipped"
    steps(session, 2)
    grown = [replace(version, length=5) for version in versions]
    for version in reversed(grown[:-1]):
        session.apply(v.Undo())
        assert session.tree.branches[0] == version
    for version in grown[1:]:
        session.apply(v.Redo())
        assert session.tree.branches[0] == version
    assert session.history.undo_label == "name of branch 0"
    with pytest.raises(IllegalVerb, match="nothing to redo"):
        session.apply(v.Redo())


@pytest.mark.parametrize("said", ["success", "failure"])
def test_one_undo_takes_a_mark_and_the_outcome_that_it_said_back(
    session: Session, said: Literal["success", "failure"]
) -> None:
    session.apply(v.SetOutcome("timeout"))
    before = session.tree.branches[0]
    session.apply(v.Mark(said))
    assert (session.tree.branches[0].outcome, len(session.history.done)) == (said, 2)
    session.apply(v.Undo())
    assert session.tree.branches[0] == before
    session.apply(v.Redo())
    assert [marker.kind for marker in session.tree.branches[0].markers] == [said]
    assert session.tree.branches[0].outcome == said


def test_a_mark_at_a_named_node_keeps_how_the_branch_ended(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.SetOutcome("success"))
    session.apply(v.Mark("failure", "slipped on the way", 0, 2))
    assert session.tree.branches[0].outcome == "success"


def test_saying_the_same_again_is_not_a_change(session: Session) -> None:
    session.apply(v.Mark("failure"))
    session.apply(v.SetOutcome("failure"))
    assert len(session.history.done) == 1


def test_a_new_label_ends_redo(session: Session) -> None:
    session.apply(v.Rename("a"))
    session.apply(v.Undo())
    session.apply(v.Rename("b"))
    assert session.history.redo_label == ""


def test_discarding_moves_the_head_to_the_fork_and_undo_brings_it_back(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.TakeOver())
    steps(session, 2, push())
    session.apply(v.Discard())
    assert session.phase == "PAUSED"
    assert session.head == Head(0, 3)
    assert session.tree.branches[1].discarded
    session.apply(v.Undo())
    assert session.head == Head(1, 5)
    assert not session.tree.branches[1].discarded
    session.apply(v.Redo())
    assert session.head == Head(0, 3)


def test_discarding_elsewhere_leaves_the_head_and_the_phase(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.TakeOver())
    steps(session, 1, push())
    session.apply(v.RollBack(0, 3))
    session.apply(v.Run())
    session.apply(v.Discard(1))
    assert session.phase == "AUTONOMOUS"
    assert session.head == Head(0, 3)


def test_discarding_an_episode_starts_its_scene_again(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 2)
    session.apply(v.Discard())
    assert session.head == Head(1, 0)
    assert session.tree.branches[1].scene_seed == session.tree.branches[0].scene_seed
    session.apply(v.Undo())
    assert session.head == Head(0, 2)


def test_running_from_the_trash_lane_starts_a_new_branch(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 2)
    session.apply(v.BranchHere())
    steps(session, 2)
    session.apply(v.Discard(1))
    session.apply(v.RollBack(1, 4))
    session.apply(v.Run())
    (step,) = steps(session, 1)
    assert step.branch == 2


@pytest.mark.parametrize("branch", [0, 1])
def test_a_label_in_the_trash_lane_does_not_move_the_head(session: Session, branch: int) -> None:
    session.apply(v.Run())
    steps(session, 2)
    session.apply(v.BranchHere())
    steps(session, 2)
    session.apply(v.Discard(branch))
    session.apply(v.RollBack(branch, 2 * branch + 1))
    count, head = len(session.tree.branches), session.head
    assert head.branch == branch
    for verb in (v.Mark("note", "why it is here"), v.Undo(), v.Redo()):
        session.apply(verb)
        assert session.head == head
        assert len(session.tree.branches) == count
    assert session.tree.branches[branch].markers


def test_branch_here_can_be_undone(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.BranchHere())
    session.apply(v.Undo())
    assert session.head == Head(0, 3)
    assert session.tree.branches[1].discarded
    session.apply(v.Redo())
    assert session.head == Head(1, 3)


def test_undoing_a_label_keeps_a_later_verdict_of_the_task() -> None:
    task = ToyTask()
    task.max_steps = 3
    session = open_session(task=task)
    session.apply(v.Rename("first"))
    session.apply(v.Run())
    steps(session, 3)
    assert session.tree.branches[0].outcome == "timeout"
    session.apply(v.Undo())
    assert session.tree.branches[0].name == ""
    assert session.tree.branches[0].outcome == "timeout", "the outcome is unchanged"
    session.apply(v.Redo())
    assert session.tree.branches[0].name == "first"
    assert session.tree.branches[0].outcome == "timeout"


def test_an_episode_whose_scene_cannot_start_again_is_not_discarded() -> None:
    world = Broken(ToyWorld())
    session = open_session(world=world)
    session.apply(v.Run())
    steps(session, 2)
    world.fail["reset"] = PartFailed("no such scene")
    with pytest.raises(PartFailed):
        session.apply(v.Discard())
    assert not session.tree.branches[0].discarded, "it could not be undone"
    assert session.history.undo_label == ""
    assert session.head == Head(0, 2)


@pytest.mark.parametrize("verb", [v.Discard(), v.BranchHere()], ids=["discard", "branch here"])
def test_where_a_node_cannot_be_read_a_verb_changes_nothing(verb: v.Verb) -> None:
    archive = MemoryArchive()
    session = open_session(sink=archive, archive=archive, memory=1)
    session.apply(v.Run())
    steps(session, 3)
    session.apply(v.TakeOver())
    steps(session, 2, push())
    session.apply(v.RollBack(1, 4))
    session.apply(v.RollBack(1, 5))
    archive._nodes.clear()
    session._cache._nodes.clear()
    before = session.tree
    with pytest.raises(StudioError):
        session.apply(verb)
    assert session.tree is before
    assert session.head == Head(1, 5)
    assert session.history.undo_label == ""


# Episodes


def test_scenes_follow_each_other_and_can_be_repeated(session: Session) -> None:
    session.apply(v.NewEpisode(7))
    session.apply(v.NewEpisode())
    session.apply(v.SameScene())
    trunks = session.tree.branches.values()
    assert [b.scene_seed for b in trunks] == [0, 7, 8, 8]
    assert [b.episode for b in trunks] == [0, 1, 2, 3]
    assert np.array_equal(session.node_at(2, 0).world_state.block, session.node_at(3, 0).world_state.block)
    assert session.head == Head(3, 0)


def test_success_ends_the_attempt_with_a_message() -> None:
    session = open_session(task=ToyTask(), seed=7)
    session.apply(v.Run())
    while session.phase == "AUTONOMOUS":
        session.tick(None)
    assert session.tree.branches[0].outcome == "success"
    assert session.node.success
    assert "Success" in session.take_messages()[-1].text
    session.apply(v.Run())
    steps(session, 1)
    assert session.phase == "AUTONOMOUS", "it may run on"


def test_a_rollout_times_out_but_an_operator_does_not() -> None:
    class Short(ToyTask):
        max_steps = 5

    session = open_session(task=Short())
    session.apply(v.Run())
    steps(session, 5)
    assert session.phase == "PAUSED"
    assert session.tree.branches[0].outcome == "timeout"
    assert "Timed out after 5 steps" in session.take_messages()[-1].text
    session.apply(v.RollBackToFailure(2))
    assert session.head == Head(0, 3)
    session.apply(v.TakeOver())
    steps(session, 9, push(0.1))
    assert session.tree.branches[1].outcome == "open"


# Replay


def test_a_replay_is_bit_for_bit_and_reported_as_such(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 5)
    session.apply(v.TakeOver())
    steps(session, 6, push(1.0, 0.4))
    session.apply(v.HandBack())
    steps(session, 4)
    for original in (1, 0):
        session.apply(v.Replay(original))
        copy = session.head.branch
        while session.phase == "AUTONOMOUS":
            (step,) = steps(session, 1)
            assert step.node.source == "replay"
        branch, again = session.tree.branches[original], session.tree.branches[copy]
        assert (again.kind, again.seed, again.fork_step) == ("replay", branch.seed, branch.fork_step)
        for i in range(branch.fork_step + 1, branch.length + 1):
            a, b = session.node_at(original, i), session.node_at(copy, i)
            assert same_node(session, a, replace(b, source=a.source))
        assert "bit for bit" in session.take_messages()[-1].text


def test_a_replay_that_differs_is_reported() -> None:
    world = Broken(ToyWorld())
    session = open_session(world=world)
    session.apply(v.Run())
    steps(session, 5)
    calls = iter(range(100))

    def drift(result: tuple[list[object], object]) -> tuple[list[object], object]:
        (state,), trust = result
        return ([state] if next(calls) < 2 else [replace(state, block=state.block + 1e-12)]), trust

    world.fail["step"] = drift
    session.apply(v.Replay())
    while session.phase == "AUTONOMOUS":
        session.tick(None)
    message = session.take_messages()[-1]
    assert message.level == "warning"
    assert "differs from node 3 on" in message.text


def test_a_replay_can_be_left_by_taking_over(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 6)
    session.apply(v.Replay())
    steps(session, 3)
    session.apply(v.TakeOver())
    steps(session, 1, push())
    assert shape(session)[1:] == [(0, 0, 3, "replay"), (1, 3, 4, "correction")]


# In flight


def test_a_result_that_a_verb_made_obsolete_is_dropped(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 3)
    request = session.prepare(None)
    assert request is not None
    result = imagine(session.parts, request)
    session.apply(v.RollBack(0, 1))
    before = session.tree
    assert session.accept(request, result) is None
    assert session.tree is before


def test_a_label_does_not_drop_a_step_in_flight(session: Session) -> None:
    session.apply(v.Run())
    request = session.prepare(None)
    assert request is not None
    session.apply(v.Rename("x"))
    step = session.accept(request, imagine(session.parts, request))
    assert step is not None
    assert session.tree.branches[0].name == "x"
    assert session.tree.branches[0].length == 1


def test_a_label_given_in_flight_is_not_overwritten_by_the_first_step_of_a_branch(session: Session) -> None:
    session.apply(v.Run())
    steps(session, 2)
    session.apply(v.BranchHere())
    session.apply(v.TakeOver())
    request = session.prepare(push())
    assert request is not None
    session.apply(v.Rename("x"))
    assert session.accept(request, imagine(session.parts, request)) is not None
    assert (session.tree.branches[1].kind, session.tree.branches[1].name) == ("correction", "x")


def test_a_device_that_is_changed_in_flight_does_not_lend_its_anchor(session: Session) -> None:
    session.apply(v.TakeOver())
    steps(session, 1, at(0.0))
    request = session.prepare(at(0.0))
    assert request is not None
    session.apply(v.SetDevice("other"))
    session.accept(request, imagine(session.parts, request))
    held = session.node.action
    elsewhere = replace(at(0.03), device="other")
    (step,) = steps(session, 1, elsewhere)
    assert np.array_equal(step.node.action, held)


# Bad input


def torn_picture(observations: list[Observation]) -> list[Observation]:
    return [replace(observation, frames={"top": observation.frames["top"]}) for observation in observations]


def nan_arms(observations: list[Observation]) -> list[Observation]:
    return [replace(observation, ee_state=np.full(14, np.nan, np.float32)) for observation in observations]


@pytest.mark.parametrize(
    ("part", "method", "how", "error", "words"),
    [
        ("world", "step", RuntimeError("out of memory"), PartFailed, "world 'toy' failed: RuntimeError: out of memory"),
        ("world", "observe", torn_picture, PartFailed, "torn picture of camera 'front'"),
        ("world", "observe", nan_arms, PartFailed, "not 14 finite numbers"),
        ("policy", "act", ValueError("bad"), PartFailed, "policy 'toy' failed"),
        ("policy", "act", lambda r: (r[0] * np.nan, *r[1:]), BadAction, "NaN"),
        ("policy", "act", lambda r: (r[0][:, :5], *r[1:]), BadAction, "shape"),
        ("task", "judge", KeyError("top"), PartFailed, "task 'toy' failed"),
    ],
)
def test_a_part_that_fails_is_named_and_nothing_is_recorded(
    part: str, method: str, how: object, error: type[StudioError], words: str
) -> None:
    from tests.core.driving import PatientTask

    parts = {"world": Broken(ToyWorld()), "policy": Broken(ToyPolicy()), "task": Broken(PatientTask())}
    archive = MemoryArchive()
    session = open_session(**parts, sink=archive)
    session.apply(v.Run())
    steps(session, 3)
    before = session.tree, session.head, session.node
    parts[part].fail[method] = how
    with pytest.raises(error) as caught:
        session.tick(None)
    assert words in str(caught.value)
    assert (session.tree, session.head, session.node) == before
    assert len(archive.steps) == 3
    assert session.phase == "PAUSED"
    parts[part].fail.clear()
    session.apply(v.Run())
    steps(session, 2)
    assert session.head == Head(0, 5)


def test_a_torn_reading_pauses_and_records_nothing(session: Session) -> None:
    session.apply(v.TakeOver())
    with pytest.raises(BadAction, match=DEVICE):
        session.tick(push(np.nan))
    assert session.phase == "PAUSED"
    assert len(session.tree.branches) == 1


def test_a_scene_that_cannot_be_started_leaves_the_session_where_it_was() -> None:
    world = Broken(ToyWorld())
    session = open_session(world=world)
    world.fail["reset"] = PartFailed("no such scene")
    with pytest.raises(PartFailed):
        session.apply(v.NewEpisode(3))
    assert session.head == Head(0, 0)
    assert len(session.tree.branches) == 1


def test_an_action_out_of_range_is_kept_inside_and_the_wish_is_recorded() -> None:
    policy = Broken(ToyPolicy(), {"act": lambda r: (r[0] + 5.0, *r[1:])})
    session = open_session(policy=policy)
    session.apply(v.Run())
    (step,) = steps(session, 1)
    limits = session.parts.world.spec.limits
    assert np.array_equal(step.node.action, limits.high)
    assert step.action_policy.max() > 5.0


# Settings


def test_settings_are_verbs(session: Session) -> None:
    session.apply(v.SetSpeed(2.5))
    session.apply(v.SetDevice("gamepad"))
    assert session.settings == Settings(2.5, False, "gamepad")
    for speed in (0.0, 9.0, float("nan")):
        with pytest.raises(IllegalVerb, match="speed"):
            session.apply(v.SetSpeed(speed))


def test_changing_the_device_lets_go(session: Session) -> None:
    session.apply(v.TakeOver())
    steps(session, 2, at(0.1))
    held = session.node.action
    session.apply(v.SetDevice("other"))
    session.apply(v.SetDevice(DEVICE))
    (step,) = steps(session, 1, at(0.3))
    assert np.array_equal(step.node.action, held)


def test_the_control_configuration_is_used() -> None:
    session = open_session(control_config=ControlConfig(linear_speed=0.1))
    session.apply(v.TakeOver())
    (step,) = steps(session, 1, push(1.0))
    assert step.delta.translation[0, 0] == pytest.approx(0.01)


# The sink


def test_the_sink_receives_everything_in_order() -> None:
    archive = MemoryArchive()
    session = open_session(sink=archive)
    for verb in (v.Run(), v.Mark("note")):
        session.apply(verb)
    steps(session, 4)
    session.apply(v.TakeOver())
    steps(session, 3, push())
    session.apply(v.Replay(1))
    steps(session, 3)
    session.apply(v.Discard(1))
    assert dict(archive.tree().branches) == dict(session.tree.branches)
    assert archive.head() == session.head
    assert session.recorded == 10
    assert [type(verb) for verb in archive.verbs] == [v.Run, v.Mark, v.TakeOver, v.Replay, v.Discard]
    for branch in session.tree.branches.values():
        for i in range(branch.fork_step + 1, branch.length + 1):
            assert archive.holds(branch.id, i)


def test_two_requested_steps_are_two_steps(session: Session) -> None:
    session.apply(v.StepOnce())
    session.apply(v.StepOnce())
    steps(session, 2)
    assert session.tick(None) is None
    session.apply(v.StepOnce())
    session.apply(v.RollBack(0, 1))
    assert not session.wants_step, "moving the head cancels the requested steps"
