"""Training rows of a recorded session, compared node by node with the session."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.branch_tree import owner
from core.errors import BadConfig, BadStore, StoreBusy
from core.step import SOURCES
from core.store.archive import open_archive
from core.workcell import Workcell
from models.datasets.export.labels import BEFORE, INTERVENTION, ROBOT
from models.policies.chunks.scaling import shrink
from models.post_training.fit import PolicyData, difference
from models.post_training.options import OWN_SUCCESSES, Selection, Weights
from models.post_training.recorded import RecordedRows, Views, fingerprint, read_rows
from models.tasks.toy.task import NAME, SIZE
from models.tasks.toy.world import ToyWorld
from tests.models.datasets.recorded import record

CELL = ToyWorld().spec.workcell
TOP = CELL.cameras[0].to_dict()
POLICY = PolicyData(NAME, CELL, ("top", "front"), "tiny")
VIEWS = Views(("top", "front"), SIZE // 2)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sessions") / "one"
    record(folder)
    return folder


def read(folder: Path, selection: Selection | None = None, weights: Weights | None = None) -> RecordedRows:
    return read_rows([folder], POLICY, VIEWS, selection or Selection(), weights or Weights())


def require_same(rows: RecordedRows, folder: Path, branch: int, steps: list[list[int]]) -> None:
    """The rows are these lessons of a branch, each with the step before it as history."""
    archive = open_archive(folder)
    tree = archive.tree()
    at = 0
    for lesson in steps:
        with_history = [lesson[0] - 1, *lesson] if lesson[0] else lesson
        for place, step in enumerate(with_history):
            before, after = (owner(tree, branch, index) for index in (step, step + 1))
            seen, done = (archive.node(head.branch, head.index) for head in (before, after))
            assert np.array_equal(rows.states[at], seen.observation.ee_state)
            assert np.array_equal(rows.actions[at], done.action)
            for view, camera in enumerate(VIEWS.cameras):
                assert np.array_equal(rows.frames[at, view], shrink(seen.observation.frames[camera], VIEWS.size))
            assert rows.first[at] == at - place
            assert rows.last[at] == at - place + len(with_history) - 1
            assert (rows.weight[at] > 0) == (place > 0 or lesson[0] == 0)
            at += 1
    assert at == len(rows)


def test_the_operator_part_of_accepted_branches(session: Path) -> None:
    rows = read(session)
    require_same(rows, session, 1, [[6, 7, 8, 9, 10], [15, 16, 17]])
    assert rows.lessons == 8
    assert [(entry["branch"], entry["rows"]) for entry in rows.branches] == [(1, 8)]
    assert set(rows.label.tolist()) == {INTERVENTION}


def test_whole_attempts(session: Path) -> None:
    rows = read(session, Selection(part="whole", before=2))
    require_same(rows, session, 1, [[0, 1, 2, 3], [6, 7, 8, 9, 10], [11, 12], [15, 16, 17]])
    assert rows.weight[rows.weight > 0].mean() == pytest.approx(1)


def test_sirius_keeps_the_steps_before_a_take_over_at_almost_no_weight(session: Path) -> None:
    rows = read(session, Selection(part="whole", before=2), Weights("sirius"))
    assert rows.lessons == 18
    near, driven, robot = (
        rows.weight[(rows.label == kind) & (rows.weight > 0)] for kind in (BEFORE, INTERVENTION, ROBOT)
    )
    # of 18 steps 4 are near a take-over, 8 the operator's, 6 the policy's
    assert near == pytest.approx(np.full(4, 0.002 * 18 / 4), rel=1e-4)
    assert driven == pytest.approx(np.full(8, 0.5 * 18 / 8), rel=1e-4)
    assert robot == pytest.approx(np.full(6, 0.498 * 18 / 6), rel=1e-4)


def test_other_verdicts_and_the_policys_own(session: Path) -> None:
    rejected = read(session, Selection(review=("rejected",)))
    require_same(rejected, session, 3, [[8, 9, 10, 11, 12, 13]])
    own = read(session, replace(OWN_SUCCESSES, outcome=("open", "success")))
    require_same(own, session, 5, [list(range(7))])
    with pytest.raises(BadConfig, match="none ended as success"):
        read(session, replace(OWN_SUCCESSES, review=("rejected",)))


def test_the_same_rows_have_the_same_fingerprint(session: Path) -> None:
    assert fingerprint(read(session)) == fingerprint(read(session))
    assert fingerprint(read(session)) != fingerprint(read(session, weights=Weights(first_steps=1, first_weight=4.0)))


def test_nothing_accepted_says_what_to_do(session: Path) -> None:
    with pytest.raises(BadConfig, match=r"none is marked 'needs_work'.*Accept the good ones"):
        read(session, Selection(review=("needs_work",)))


def test_a_session_that_is_still_recorded_is_refused(tmp_path: Path) -> None:
    _, recorder = record(tmp_path / "open", close=False)
    try:
        with pytest.raises(StoreBusy, match="still being recorded"):
            read(tmp_path / "open")
    finally:
        recorder.close()
    assert read(tmp_path / "open").lessons == 8


def test_a_session_named_twice_is_refused(session: Path) -> None:
    with pytest.raises(BadConfig, match="named twice"):
        read_rows([session, session], POLICY, VIEWS, Selection(), Weights())


def other(**changes: object) -> Workcell:
    return Workcell.from_dict({**CELL.to_dict(), **changes})


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (replace(POLICY, task="push_t"), "task is 'toy"),
        (replace(POLICY, workcell=other(dt=0.05)), "control steps"),
        (replace(POLICY, workcell=other(codec="joints")), "action codecs"),
        (replace(POLICY, workcell=other(home=[0.1] * 14)), "home poses"),
        (replace(POLICY, workcell=other(cameras=[{**TOP, "width": 9}]), cameras=("top",)), "another one"),
        (replace(POLICY, workcell=other(cameras=[{**TOP, "name": "wrist"}]), cameras=("wrist",)), "no camera"),
    ],
)
def test_data_of_another_robot_are_refused(session: Path, policy: PolicyData, words: str) -> None:
    with pytest.raises(BadStore, match=words):
        read_rows([session], policy, VIEWS, Selection(), Weights())


def test_cameras_that_the_policy_does_not_see_may_differ() -> None:
    assert difference(NAME, CELL, replace(POLICY, cameras=("top",))) == ""
    assert SOURCES[1] == "operator"
