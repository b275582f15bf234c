import numpy as np
import pytest

from app.compare.alignment import Place, anchors, answers, before_after, best_correction, extent, four, parting, place
from app.compare.differences import difference
from app.compare.reading import pair_about
from app.playback.tracks import Track
from core.branch_tree import Branch, BranchTree


def branch(number: int, parent: int | None, fork: int, length: int, **changes: object) -> Branch:
    episode = int(changes.pop("episode", 0))  # type: ignore[call-overload]
    return Branch(number, parent, fork, length, episode, "correction" if parent is not None else "rollout", 0, 0,
                  **changes)  # type: ignore[arg-type]  # fmt: skip


TREE = BranchTree(
    {
        0: branch(0, None, 0, 100, outcome="failure"),
        1: branch(1, 0, 60, 90, outcome="failure"),
        2: branch(2, 0, 60, 120, outcome="success"),
        3: branch(3, 1, 75, 110, outcome="success"),
        4: branch(4, 0, 40, 70),
        5: branch(5, None, 0, 50, episode=1, outcome="success"),
        6: branch(6, 0, 60, 61, discarded=True, outcome="success"),
        7: branch(7, None, 0, 30, episode=2, outcome="failure"),
    }
)


@pytest.mark.parametrize(
    ("one", "other", "node"), [(0, 2, 60), (2, 0, 60), (1, 2, 60), (0, 3, 60), (1, 3, 75), (3, 4, 40), (0, 0, 100),
                               (0, 5, None)]
)  # fmt: skip
def test_branches_part_at_the_last_node_that_they_share(one: int, other: int, node: int | None) -> None:
    assert parting(TREE, one, other) == node


@pytest.mark.parametrize(
    ("branches", "places"),
    [
        ((0, 2), (60, 60)),
        ((2, 0), (60, 60)),
        ((0, 1, 2, 4), (60, 60, 60, 40)),
        ((1, 3), (75, 75)),
        ((0, 5), (0, 0)),
        ((2, 5), (60, 0)),
        ((0,), (0,)),
        ((), ()),
    ],
)
def test_branches_are_aligned_at_their_fork_and_not_at_the_start(
    branches: tuple[int, ...], places: tuple[int, ...]
) -> None:
    assert anchors(TREE, branches) == places


def test_offsets_cover_every_node_of_every_branch() -> None:
    assert extent((100, 120), (60, 60)) == (-60, 60)
    assert extent((100, 50), (60, 0)) == (-60, 50)
    assert extent((), ()) == (0, 0)


def test_an_offset_beyond_a_branch_is_placed_at_its_nearest_node() -> None:
    assert place(10, 60, 100) == Place(70, 0)
    assert place(41, 60, 100) == Place(100, 1)
    assert place(-61, 60, 100) == Place(0, -1)


def test_the_best_correction_succeeds_is_accepted_goes_far_and_is_short() -> None:
    assert [b.id for b in answers(TREE, 0)] == [1, 2, 3, 4]
    assert best_correction(TREE, 0, {2: 0.9, 3: 0.95}) == 3
    assert best_correction(TREE, 0, {}) == 3, "fewer steps since the fork"
    accepted = BranchTree({**TREE.branches, 2: branch(2, 0, 60, 120, outcome="success", review="accepted")})
    assert best_correction(accepted, 0, {2: 0.5, 3: 0.95}) == 2
    rejected = BranchTree({**TREE.branches, 3: branch(3, 1, 75, 110, outcome="success", review="rejected")})
    assert best_correction(rejected, 0, {3: 1.0}) == 2
    assert best_correction(TREE, 7, {}) is None


@pytest.mark.parametrize(("asked", "pair"), [(0, (0, 3)), (2, (0, 3)), (1, (1, 3)), (3, (1, 3)), (5, None), (7, None)])
def test_any_branch_of_an_attempt_leads_to_its_failure_and_the_answer(asked: int, pair: tuple[int, int] | None) -> None:
    assert before_after(TREE, asked, {2: 0.9, 3: 0.95}) == pair


def test_a_branch_that_is_alone_in_its_episode_leads_to_a_failure_of_another_one() -> None:
    alone = branch(50, None, 0, 30, outcome="success", episode=7)
    failed = branch(60, None, 0, 30, outcome="failure", episode=8)
    mended = branch(61, 60, 20, 40, outcome="success", episode=8)
    tree = BranchTree({b.id: b for b in (alone, failed, mended)})
    assert tuple(pair_about(50)(tree, {})) == (60, 61)
    only = BranchTree({50: alone})
    assert tuple(pair_about(50)(only, {})) == (50,)


def test_a_correction_that_failed_unanswered_leads_to_the_failure_above_it() -> None:
    tree = BranchTree({b: TREE.branches[b] for b in (0, 1, 2)})
    assert before_after(tree, 1, {}) == (0, 2)


def test_four_are_the_pair_and_the_next_best() -> None:
    chosen = four(TREE, 0, {1: 0.3, 2: 0.9, 3: 0.95, 4: 0.5})
    assert chosen == (0, 3, 2, 4)
    assert four(TREE, 5, {}) == (5,)


def track(number: int, values: np.ndarray, fork: int) -> Track:
    action = np.zeros((len(values), 14), np.float32)
    action[:, 0], action[:, 13] = values, values
    none = np.full(len(values), np.nan)
    return Track(number, fork, action, action, none, none, np.zeros(len(values), np.int8))


def test_actions_are_compared_offset_by_offset() -> None:
    first, second = track(0, np.arange(10.0), 4), track(1, np.arange(8.0) + 3, 2)
    found = difference(first, second, (4, 2))
    assert found.offsets.tolist() == [-2, -1, 0, 1, 2, 3, 4, 5]
    assert np.allclose(found.distance[:, 0], 1.0), "second[i - 2 + 2] = i + 3 against first[i - 2 + 4] = i + 2"
    assert np.allclose(found.distance[:, 1], 0.0)
    assert np.allclose(found.gripper[:, 1], 1.0)


def test_branches_without_a_common_offset_differ_nowhere() -> None:
    assert len(difference(track(0, np.arange(2.0), 0), track(1, np.arange(0.0), 0), (0, 0)).offsets) == 0
