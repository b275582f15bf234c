from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.branch_tree import Branch, Branches, BranchTree, Head, path
from models.datasets.export.labels import BEFORE, OPERATOR, labels, runs, stretches
from models.datasets.export.plan import chosen
from models.datasets.export.source import segments

POLICY, REPLAY = 0, 2


@st.composite
def trees(draw: st.DrawFn) -> tuple[BranchTree, list[list[int]]]:
    """A random tree, and per branch the sources of the steps that it owns."""
    branches: list[Branch] = []
    own: list[list[int]] = []
    for number in range(draw(st.integers(1, 6))):
        parent = draw(st.none() | st.sampled_from(branches)) if branches else None
        first = 0 if parent is None or parent.parent is None else parent.fork_step + 1
        fork = 0 if parent is None else draw(st.integers(min(first, parent.length), parent.length))
        steps = draw(st.lists(st.sampled_from([POLICY, OPERATOR, REPLAY]), max_size=8))
        branches.append(Branch(
            number, None if parent is None else parent.id, fork, fork + len(steps),
            number if parent is None else parent.episode, "rollout", 0, 0,
            outcome=draw(st.sampled_from(["open", "success", "failure"])),
            review=draw(st.sampled_from(["accepted", "rejected", "unreviewed"])), discarded=draw(st.booleans()),
        ))  # fmt: skip
        own.append(steps)
    return BranchTree(Branches(branches)), own


def along(tree: BranchTree, own: list[list[int]], branch: int) -> list[int]:
    """Sources of the whole path, asked node by node."""
    nodes = path(tree, branch, tree.branches[branch].length)[1:]
    return [own[n.branch][n.index - tree.branches[n.branch].fork_step - 1] for n in nodes]


@given(trees(), st.integers(0, 5))
def test_labels_and_stretches_of_random_trees(drawn: tuple[BranchTree, list[list[int]]], window: int) -> None:
    tree, own = drawn
    for branch in tree.branches.values():
        source = np.array(along(tree, own, branch.id), np.int64)
        marked = labels(source, window)
        for step, who in enumerate(source):
            driven = who == OPERATOR
            soon = OPERATOR in source[step + 1 : step + 1 + window]
            demonstration = all(source == OPERATOR)
            assert marked.intervention[step] == driven
            assert marked.mode[step] == (-1 if demonstration else int(driven))
            assert marked.label[step] == (BEFORE if soon and not driven else marked.mode[step])
        spans = stretches(source, branch.fork_step, window)
        covered = [step for start, stop in spans for step in range(start, stop)]
        mine = {step for step in range(branch.fork_step, branch.length) if source[step] == OPERATOR}
        assert {step for step in covered if source[step] == OPERATOR} == mine
        assert len(covered) == len(set(covered))
        for start, stop in spans:
            lead = [step for step in range(start, stop) if source[step] != OPERATOR]
            first = next(step for step in range(start, stop) if source[step] == OPERATOR)
            assert lead == list(range(start, first))
            assert len(lead) <= window
            whole = len(lead) == window or start == 0 or source[start - 1] == OPERATOR
            assert whole, "the window ends early for no reason"
            assert all(marked.label[step] == BEFORE for step in lead)


@given(
    trees(),
    st.sets(st.sampled_from(["accepted", "rejected", "unreviewed"])),
    st.sets(st.sampled_from(["open", "success"])),
)
def test_only_requested_episodes_are_chosen(drawn: tuple[BranchTree, Any], review: set[Any], outcome: set[Any]) -> None:
    tree, own = drawn
    found = {branch.id for branch in chosen(tree, tuple(review), tuple(outcome))}
    for branch in tree.branches.values():
        wanted = branch.review in review and branch.outcome in outcome and not branch.discarded and own[branch.id] != []
        assert (branch.id in found) == wanted


@given(trees(), st.data())
def test_segments_are_the_owners_of_a_path(drawn: tuple[BranchTree, Any], data: st.DataObject) -> None:
    tree, _ = drawn
    for branch in tree.branches.values():
        start = data.draw(st.integers(0, branch.length))
        stop = data.draw(st.integers(start, branch.length + 1))
        found = [Head(o, i) for o, first, last in segments(tree, branch, start, stop) for i in range(first, last + 1)]
        assert found == path(tree, branch.id, branch.length)[start:stop]


def test_runs() -> None:
    assert runs(np.array([], bool)) == []
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]


def test_a_correction_that_goes_on_from_a_parents_is_its_own_from_the_fork() -> None:
    source = np.array([0, 0, 1, 1, 1, 0, 1])
    assert stretches(source, own_from=3, window=2) == [(3, 5), (5, 7)]
    assert stretches(source, own_from=0, window=1) == [(1, 5), (5, 7)]
