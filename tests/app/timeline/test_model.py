from dataclasses import replace

import numpy as np
import pytest

from app.timeline.model import TimelineModel, episode_letter
from app.timeline.tracks import OPERATOR, POLICY, UNKNOWN
from core.branch_tree import BranchTree, Head
from core.events import TreeChanged
from tests.app.made_up_session import MadeUp, three_failures


@pytest.fixture
def made() -> MadeUp:
    return MadeUp(TimelineModel(), pictures=False)


def test_lanes_put_children_under_their_parent_and_keep_names_by_age(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 30)
    first = made.branch(0, trunk, 10, "correction")
    second = made.branch(0, trunk, 20, "correction")
    grandchild = made.branch(0, first, 15, "correction")
    lanes = made.model.lanes
    assert [lane.branch for lane in lanes] == [trunk, first, grandchild, second]
    assert [lane.label for lane in lanes] == ["A", "A1", "A3", "A2"]
    assert [lane.parent_row for lane in lanes] == [None, 0, 1, 0]
    assert [lane.colour for lane in lanes] == [0, 1, 3, 2]


def test_a_new_branch_changes_no_name_and_no_colour(made: MadeUp) -> None:
    made = three_failures(made.model, pictures=False)
    before = {lane.branch: (lane.label, lane.colour) for lane in made.model.lanes}
    made.branch(1, 1, 5, "correction")
    after = {lane.branch: (lane.label, lane.colour) for lane in made.model.lanes}
    assert {branch: after[branch] for branch in before} == before


def test_discarded_branches_go_below_the_others_and_only_on_request(made: MadeUp) -> None:
    made = three_failures(made.model, pictures=False)
    gone = next(b.id for b in made.tree.values() if b.discarded)
    assert gone not in [lane.branch for lane in made.model.lanes]
    made.model.show_trash(True)
    assert made.model.lanes[-1].branch == gone
    assert made.model.lanes[-1].discarded


def test_a_child_of_a_discarded_branch_hangs_on_the_nearest_shown_ancestor(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 10)
    middle = made.branch(0, trunk, 5, "correction")
    made.run(middle, "operator", 5)
    child = made.branch(0, middle, 8, "correction")
    made.tree[middle] = replace(made.tree[middle], discarded=True)
    made.tell(child, 8)
    assert [(lane.branch, lane.parent_row) for lane in made.model.lanes] == [(trunk, None), (child, 0)]


def test_columns_follow_the_steps_of_each_branch(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 20)
    child = made.branch(0, trunk, 12, "correction")
    made.run(child, "operator", 5)
    track = made.model.track(child)
    assert (track.start, track.end) == (12, 17)
    assert set(track.source) == {OPERATOR}
    assert made.model.step_source(child, 12) == POLICY, "node 12 is the trunk's"
    assert made.model.step_source(child, 13) == OPERATOR
    assert made.model.step_source(child, 18) == UNKNOWN
    assert np.isnan(made.model.trust(child, 0)), "no step led to the start"
    assert made.model.trust(child, 13) == pytest.approx(float(track.trust[0]))


def test_the_owner_of_a_node_is_the_branch_that_stepped_to_it(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 20)
    child = made.branch(0, trunk, 12, "correction")
    made.run(child, "operator", 5)
    grandchild = made.branch(0, child, 15, "correction")
    assert [made.model.owner(grandchild, n) for n in (0, 12, 13, 15, 16)] == [trunk, trunk, child, child, grandchild]


def test_markers_of_a_path_leave_out_what_lies_behind_the_fork(made: MadeUp) -> None:
    made = three_failures(made.model, pictures=False)
    trunk = next(b for b in made.tree.values() if b.episode == 1 and b.parent is None)
    child = next(b for b in made.tree.values() if b.parent == trunk.id and b.outcome == "success")
    indices = [marker.index for owner, marker in made.model.markers(child.id)]
    assert indices == sorted(indices)
    assert trunk.length not in indices, "the failure of the trunk is not on the child's path"
    assert made.tree[child.id].length in indices


def test_the_head_brings_its_episode_to_the_front(made: MadeUp) -> None:
    made = three_failures(made.model, pictures=False)
    assert made.model.episode == 1
    made.model.show_episode(0)
    assert [lane.label for lane in made.model.lanes] == ["A"]
    assert made.model.followed == made.model.lanes[0].branch, "the head is elsewhere: the trunk stands in"
    made.model.status(made.status(Head(1, 4)))
    assert made.model.episode == 0, "the same episode's head does not fight the user's choice"
    made.model.status(made.status(Head(0, 4)))
    made.model.status(made.status(Head(1, 4)))
    assert made.model.episode == 1


def test_a_length_is_known_before_the_tree_arrives(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 7)
    assert made.model.length(trunk) == 7
    made.model.tree_changed(TreeChanged(BranchTree(dict(made.tree)), Head(trunk, 3)))
    assert made.model.length(trunk) == 7


def test_a_reopened_session_brings_its_columns(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 4)
    reopened = TimelineModel()
    reopened.tree_changed(TreeChanged(BranchTree(dict(made.tree)), Head(trunk, 4)))
    assert reopened.step_source(trunk, 2) == UNKNOWN
    reopened.load_steps(trunk, np.full(4, POLICY, np.uint8), np.full(4, 0.5, np.float32), np.zeros(4, np.float32))
    assert reopened.step_source(trunk, 2) == POLICY
    assert reopened.trust(trunk, 4) == 0.5


def test_pictures_are_found_along_the_path(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 6)
    child = made.branch(0, trunk, 3, "correction")
    found = made.model.picture(child, 2)
    assert found is not None
    assert found[0] == 2
    assert made.model.picture(child, 3) is not None


def test_listeners_hear_of_every_change(made: MadeUp) -> None:
    heard: list[int] = []
    made.model.subscribe(lambda: heard.append(made.model.revision))
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 3)
    assert heard == sorted(heard)
    assert len(set(heard)) >= 4


@pytest.mark.parametrize(
    ("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (701, "ZZ"), (702, "AAA")]
)
def test_episode_letters(position: int, letters: str) -> None:
    assert episode_letter(position) == letters


def test_the_head_is_on_the_lane_of_its_branch_even_before_its_first_step(made: MadeUp) -> None:
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 30)
    empty = made.branch(0, trunk, 10, "correction")
    assert made.model.lane_of(Head(empty, 10)) == empty
    assert made.model.lane_of(Head(empty, 5)) == trunk
    made.run(empty, "operator", 2)
    assert made.model.lane_of(Head(empty, 10)) == trunk
    assert made.model.steps() == 32
