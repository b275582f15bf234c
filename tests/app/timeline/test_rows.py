"""A new branch is put among the lanes without a look at all of them: the order must be that of a whole new one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.timeline.model import TimelineModel, labels_of
from app.timeline.rows import Rows
from core.branch_tree import Branch, Branches, BranchTree, Head
from core.events import TreeChanged

KINDS = st.sampled_from(["new", "new", "new", "discarded", "hidden", "pinned", "episode"])
ACTS = st.lists(st.tuples(KINDS, st.integers(0, 10**6)), max_size=40)


@settings(max_examples=150, deadline=None)
@given(acts=ACTS, trash=st.booleans())
def test_lanes_follow_every_change_as_if_they_were_made_anew(acts: list[tuple[str, int]], trash: bool) -> None:
    kept = TimelineModel()
    kept.shows_trash = trash
    branches = Branches([Branch(0, None, 0, 5, 0, "rollout", 0, 0)])
    kept.tree_changed(TreeChanged(BranchTree(branches), Head(0, 0)))
    episode = 0
    for act, number in acts:
        at = branches[number % len(branches)]
        if act == "new":
            made = Branch(len(branches), at.id, min(3, at.length), at.length + 1, at.episode, "correction", 0, 0)
        elif act == "episode":
            episode += 1
            made = Branch(len(branches), None, 0, 2, episode, "rollout", 0, episode)
        elif at.parent is None and act != "discarded":
            continue
        else:
            made = replace(at, **{act: not getattr(at, act)})
        branches = branches.put(made)
        kept.tree_changed(TreeChanged(BranchTree(branches), Head(made.id, made.fork_step)))
    anew = TimelineModel()
    anew.shows_trash, anew.episode = trash, kept.episode
    anew.tree_changed(TreeChanged(BranchTree(branches), kept.head or Head(0, 0)))
    anew.show_trash(trash)
    assert list(kept.lanes) == list(anew.lanes)
    assert [kept.row(lane.branch) for lane in kept.lanes] == list(range(len(kept.lanes)))
    assert {b: kept.label(b) for b in branches} == labels_of(BranchTree(branches))
    assert (kept.longest(), kept.steps(), kept.discarded, kept.hidden) == (
        anew.longest(), anew.steps(), anew.discarded, anew.hidden,
    )  # fmt: skip


@pytest.mark.parametrize("parent", [{"discarded": True}, {"hidden": True}, {"pinned": True}])
def test_a_new_branch_of_a_branch_out_of_its_place_needs_no_new_order(
    parent: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = TimelineModel()
    branches = Branches([Branch(0, None, 0, 9, 0, "rollout", 0, 0)])
    for number in range(1, 5):
        branches = branches.put(Branch(number, number // 2, 1, 12, 0, "correction", 0, 0))
    branches = branches.put(replace(branches[2], **parent))  # type: ignore[arg-type]
    model.tree_changed(TreeChanged(BranchTree(branches), Head(0, 0)))
    monkeypatch.setattr(Rows, "arrange", lambda *_, **__: pytest.fail("every branch was looked at"))
    branches = branches.put(Branch(5, 2, 1, 1, 0, "correction", 0, 0))
    model.tree_changed(TreeChanged(BranchTree(branches), Head(0, 0)))
    assert model.row(5) is not None


def test_pinned_lanes_are_below_the_trunk_and_hidden_ones_only_on_request() -> None:
    model = TimelineModel()
    branches = Branches(
        [Branch(0, None, 0, 9, 0, "rollout", 0, 0)]
        + [Branch(i, 0, i, 12, 0, "correction", 0, 0, pinned=i == 3, hidden=i == 2) for i in (1, 2, 3)]
    )
    model.tree_changed(TreeChanged(BranchTree(branches), Head(0, 0)))
    assert [lane.branch for lane in model.lanes] == [0, 3, 1]
    model.show_hidden(True)
    assert [lane.branch for lane in model.lanes] == [0, 3, 1, 2]
    assert model.hidden == 1


def test_a_hidden_lane_is_shown_while_the_head_is_on_it() -> None:
    model = TimelineModel()
    branches = Branches(
        [Branch(0, None, 0, 9, 0, "rollout", 0, 0)]
        + [Branch(i, 0, i, 12, 0, "correction", 0, 0, hidden=True) for i in (1, 2)]
    )
    model.tree_changed(TreeChanged(BranchTree(branches), Head(2, 5)))
    assert [lane.branch for lane in model.lanes] == [0, 2]
    model.tree_changed(TreeChanged(BranchTree(branches), Head(1, 3)))
    assert [lane.branch for lane in model.lanes] == [0, 1]
    model.tree_changed(TreeChanged(BranchTree(branches), Head(0, 3)))
    assert [lane.branch for lane in model.lanes] == [0]


def test_a_chosen_colour_is_kept_and_the_others_stay() -> None:
    model = TimelineModel()
    branches = Branches([Branch(0, None, 0, 9, 0, "rollout", 0, 0), Branch(1, 0, 1, 9, 0, "correction", 0, 0, color=5)])
    model.tree_changed(TreeChanged(BranchTree(branches), Head(0, 0)))
    assert [lane.colour for lane in model.lanes] == [0, 5]
    model.tree_changed(TreeChanged(BranchTree(branches.put(replace(branches[1], color=-1))), Head(0, 0)))
    assert [lane.colour for lane in model.lanes] == [0, 1]


def test_one_more_step_touches_its_branch_alone() -> None:
    model = TimelineModel()
    branches = Branches([Branch(0, None, 0, 9, 0, "rollout", 0, 0), Branch(1, 0, 1, 9, 0, "correction", 0, 0)])
    model.tree_changed(TreeChanged(BranchTree(branches), Head(0, 0)))
    seen = model.revision
    assert model.touched_since(seen) == set()
    model.tree_changed(TreeChanged(BranchTree(branches.put(replace(branches[1], name="slow"))), Head(0, 0)))
    assert model.touched_since(seen) == {1}
    for _ in range(600):
        model.kept(1, 3, in_memory=True)
        model.load_steps(0, *_columns(4))
        model.kept(0, 2, in_memory=False)
    assert model.touched_since(seen) is None, "too long ago to tell"
    assert model.place(0, 2) == 2


def _columns(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.ones(count, np.uint8), np.ones(count, np.float32), np.ones(count, np.float32)
