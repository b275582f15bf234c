from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.branch_tree import (
    Branch,
    Branches,
    BranchTree,
    Head,
    Marker,
    children,
    descends,
    extended,
    has_descendants,
    last_failure,
    last_nodes,
    lineage,
    next_id,
    owner,
    path,
    siblings,
    with_branch,
)
from core.errors import BadStore, IllegalVerb


def branch(id: int, parent: int | None = None, fork: int = 0, length: int | None = None, episode: int = 0) -> Branch:
    return Branch(id, parent, fork, fork if length is None else length, episode, "rollout", seed=id, scene_seed=0)


def tree_of(*branches: Branch) -> BranchTree:
    return BranchTree(Branches(branches))


FAMILY = tree_of(
    branch(0, length=10),
    branch(1, 0, 4, 8),
    branch(2, 0, 4, 6),
    branch(3, 1, 6, 9),
    branch(4, 1, 4, 4),
    branch(5, length=3, episode=1),
)
"""Two forks from the trunk's node 4, one of them forked again; branch 4 is empty and forks where its parent does."""


def test_owners_of_shared_nodes_are_ancestors() -> None:
    assert owner(FAMILY, 3, 9) == Head(3, 9)
    assert owner(FAMILY, 3, 6) == Head(1, 6)
    assert owner(FAMILY, 3, 5) == Head(1, 5)
    assert owner(FAMILY, 3, 4) == owner(FAMILY, 4, 4) == Head(0, 4)
    assert owner(FAMILY, 5, 0) == Head(5, 0)


@pytest.mark.parametrize(("where", "index"), [(9, 0), (0, 11), (0, -1), (4, 5)])
def test_a_node_that_is_not_there_is_named(where: int, index: int) -> None:
    with pytest.raises(IllegalVerb, match=str(where if where == 9 else index)):
        owner(FAMILY, where, index)


def test_paths_run_from_the_start_to_the_node() -> None:
    assert path(FAMILY, 3, 7) == [Head(0, i) for i in range(5)] + [Head(1, 5), Head(1, 6), Head(3, 7)]
    assert path(FAMILY, 3, 5)[-1] == Head(1, 5)
    assert path(FAMILY, 0, 0) == [Head(0, 0)]
    assert last_nodes(FAMILY, 3, 7, 3) == [Head(1, 5), Head(1, 6), Head(3, 7)]
    assert last_nodes(FAMILY, 0, 1, 5) == [Head(0, 0), Head(0, 1)]


def test_family() -> None:
    assert [b.id for b in lineage(FAMILY, 3)] == [3, 1, 0]
    assert [b.id for b in children(FAMILY, 0)] == [1, 2]
    assert [b.id for b in siblings(FAMILY, 2)] == [1, 2]
    assert [b.id for b in siblings(FAMILY, 0)] == [0, 5]
    assert descends(FAMILY, 3, 0)
    assert not descends(FAMILY, 2, 1)


@pytest.mark.parametrize(
    ("at", "has"),
    [((0, 10), False), ((0, 9), True), ((0, 4), True), ((4, 4), True), ((3, 9), False), ((1, 8), False)],
)
def test_descendants(at: tuple[int, int], has: bool) -> None:
    assert has_descendants(FAMILY, *at) is has


def test_a_tip_that_was_forked_has_descendants() -> None:
    assert has_descendants(with_branch(FAMILY, branch(6, 2, 6)), 2, 6)


def test_last_failure_is_the_nearest_then_the_newest_of_the_episode() -> None:
    def failing(tree: BranchTree, id: int, *indices: int) -> BranchTree:
        marks = (Marker(0, "note"), *(Marker(i, "failure") for i in indices))
        return with_branch(tree, replace(tree.branches[id], markers=marks))

    assert last_failure(FAMILY, 3) is None
    marked = failing(FAMILY, 0, 7, 9)
    assert last_failure(marked, 3) == Head(0, 9)
    assert last_failure(marked, 5) is None, "another episode"
    marked = failing(marked, 2, 6)
    assert last_failure(marked, 3) == Head(0, 9), "an ancestor is nearer than a sibling"
    assert last_failure(failing(FAMILY, 2, 6), 3) == Head(2, 6)
    timed_out = with_branch(FAMILY, replace(FAMILY.branches[1], outcome="timeout"))
    assert last_failure(timed_out, 3) == Head(1, 8)
    discarded = failing(with_branch(FAMILY, replace(FAMILY.branches[2], discarded=True)), 2, 6)
    assert last_failure(discarded, 3) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10**6)), max_size=200))
def test_branches_are_a_persistent_value(changes: list[tuple[bool, int]]) -> None:
    model: dict[int, Branch] = {}
    branches, versions = Branches(), []
    for new, number in changes:
        changed = branch(len(model)) if new or not model else replace(model[number % len(model)], length=number)
        versions.append((branches, dict(model)))
        branches, model[changed.id] = branches.put(changed), changed
    versions.append((branches, model))
    for version, expected in versions:
        assert dict(version) == expected
        assert len(version) == len(expected)


def test_ids_have_no_gaps() -> None:
    with pytest.raises(BadStore, match="Branch 1 is missing"):
        Branches([branch(0), branch(2)])
    with pytest.raises(KeyError):
        Branches().put(branch(1))
    with pytest.raises(KeyError):
        Branches()[-1]


def test_extending_touches_one_branch_and_leaves_the_old_tree_alone() -> None:
    after = extended(FAMILY, 3)
    assert after.branches[3].length == 10
    assert FAMILY.branches[3].length == 9
    assert next_id(after) == next_id(FAMILY) == 6
    plain = BranchTree({b.id: b for b in FAMILY.branches.values()})
    assert extended(plain, 3).branches[3].length == 10, "a plain dict will do"


def test_what_changed_between_two_trees_is_found_in_both_directions_of_size() -> None:
    before = Branches([branch(i) for i in range(200)])
    after = before.put(replace(before[3], name="slow")).put(branch(200)).put(replace(before[199], name="last"))
    assert [b.id for b in after.since(before)] == [3, 199, 200]
    assert after.since(after) == []
    assert [b.id for b in before.since(Branches())] == list(range(200))
