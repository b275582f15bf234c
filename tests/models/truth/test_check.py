"""Recorded corrections against the reference world: comparison by hand-worked numbers, replays of short recordings."""

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import verbs
from core.branch_tree import Head, owner
from core.errors import BadConfig, BadStore
from core.reading import ArmReading, DeviceReading
from core.recorder import Recorder
from core.session import Session
from core.settings import Settings
from core.store.archive import open_archive
from models import TASKS, load_gate
from models.datasets.dataset_parts import PartInfo, PartWriter
from models.policies.hold import HoldPolicy
from models.tasks.push_t import geometry as g
from models.tasks.push_t.following import PushTFollower, moved, offset_of
from models.tasks.push_t.task import PushT
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld
from models.truth import command
from models.truth.check import Check, Replayed, compare, replay
from models.truth.command import check_session, summary, words_of
from models.truth.episode import check_episode
from models.truth.results import path_of, read_checks, write_checks
from models.worlds.reference.world import ReferenceWorld, load

STEPS = 5


@pytest.fixture(scope="module")
def reference() -> ReferenceWorld:
    return load()


def replayed(*poses: tuple[float, float, float], success_at: int | None = None) -> Replayed:
    return Replayed(np.array(poses), success_at, success_at is not None)


def test_poses_that_stay_near_agree() -> None:
    line = [np.array([0.1 * i, 0.0, 0.0]) for i in range(4)]
    check = compare(
        3, line, 3, replayed((0, 0, 0), (0.1, 0.005, 0), (0.2, 0.01, 0.1), (0.3, 0.004, -0.05), success_at=2)
    )
    assert check.agrees
    assert (check.steps, check.diverged_at, check.true_at) == (3, None, 2)
    assert check.end_cm == pytest.approx(0.4)
    assert check.end_deg == pytest.approx(math.degrees(0.05))
    assert check.worst_cm == pytest.approx(1.0)
    assert check.worst_deg == pytest.approx(math.degrees(0.1))


def test_the_step_from_which_poses_stay_apart_is_named() -> None:
    still = [np.zeros(3)] * 6
    truth = replayed((0, 0, 0), (0.03, 0, 0), (0, 0, 0), (0.021, 0, 0), (0.05, 0, 0), (0.1, 0, 0))
    check = compare(0, still, 4, truth)
    assert not check.agrees
    assert check.diverged_at == 3, "what came back at node 2 had not diverged"
    assert (
        compare(0, [np.array([0, 0, math.pi - 0.01])] * 2, None, replayed((0, 0, 0), (0, 0, -math.pi))).diverged_at
        is None
    )


def test_nodes_at_which_the_object_is_hidden_are_left_out() -> None:
    check = compare(0, [np.zeros(3), None, np.zeros(3)], None, replayed((0, 0, 0), (9, 9, 0), (0.01, 0, 0)))
    assert check.worst_cm == pytest.approx(1.0)
    assert check.agrees


def test_a_follower_carries_the_t_along_with_the_worlds_object() -> None:
    observation = PushT().scene(0).observation
    assert observation is not None
    follower, here = PushTFollower(g.WORKCELL), np.array([0.3, -0.1, 1.0])
    state = follower.start(observation, here)
    seen = follower.pose(None, observation, None)
    assert state is not None
    assert seen is not None
    assert np.allclose(follower.pose(state, observation, here), seen)
    turned = follower.pose(state, observation, np.add(here, (0.0, 0.0, 0.5)))
    assert turned is not None
    assert turned[2] == pytest.approx(seen[2] + 0.5)
    offset = offset_of(observation, here, g.WORKCELL)
    assert offset is not None
    assert np.allclose(moved(here, offset), seen)


def test_success_is_found_by_the_judge_and_after_the_last_action_was_held(reference: ReferenceWorld) -> None:
    gate, follower = load_gate("push_t", g.WORKCELL), PushTFollower(g.WORKCELL)
    rest = np.repeat(g.HOME[None], 2, 0)
    solved = replay(reference, PushT(), gate, follower.scene(0, np.array(g.TARGET_POSE), g.HOME), rest)
    assert (solved.success_at, solved.success_at_end, len(solved.poses)) == (0, True, 3)
    missed = replay(reference, PushT(), gate, follower.scene(0, np.array([0.4, 0.1, 0.0]), g.HOME), rest)
    assert (missed.success_at, missed.success_at_end) == (None, False)


def push() -> DeviceReading:
    return DeviceReading(
        "scripted", "rate", 0.0, left=ArmReading(linear=np.array([1.0, -0.5, -0.5]), angular=np.zeros(3))
    )


@pytest.fixture(scope="module")
def session_folder(tmp_path_factory: pytest.TempPathFactory, reference: ReferenceWorld) -> Path:
    """A rollout of two steps and a correction of STEPS, recorded in the reference world."""
    folder = tmp_path_factory.mktemp("truth") / "session"
    recorder = Recorder(folder)
    session = Session(reference, HoldPolicy(), PushT(), sink=recorder, seed=3, settings=Settings(device="scripted"))
    session.apply(verbs.Run())
    for _ in range(2):
        session.tick(None)
    session.apply(verbs.TakeOver())
    for _ in range(STEPS):
        session.tick(push())
    assert session.head == Head(1, 2 + STEPS)
    recorder.close()
    return folder


def test_what_the_reference_world_recorded_itself_is_true(session_folder: Path) -> None:
    (check,) = check_session(session_folder, None, False)
    assert (check.branch, check.steps) == (1, STEPS)
    assert check.agrees
    assert check.diverged_at is None
    assert check.worst_cm < 0.1
    assert read_checks(session_folder) == {1: check}


def test_the_command_keeps_prints_and_counts(session_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args([str(session_folder), "--json"])) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["branches"] == len(out["checks"]) == 1
    assert out["shares"]["same outcome"][:2] == [1, 1]
    assert command.run(parser.parse_args([str(session_folder), "--branch", "0"])) == 0
    said = capsys.readouterr().out
    assert "branch 0, 2 steps: agrees" in said
    assert set(read_checks(session_folder)) == {0, 1}, "earlier checks are kept"
    with pytest.raises(BadStore, match="no branch 7"):
        check_session(session_folder, 7, False)


def test_a_task_without_a_reference_world_is_refused(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "toy")
    session = Session(ToyWorld(), ToyPolicy(), ToyTask(), sink=recorder)
    session.apply(verbs.StepOnce())
    session.tick(None)
    recorder.close()
    with pytest.raises(BadConfig, match="'toy' cannot be held against the reference world; of: push_t"):
        check_session(tmp_path / "toy", 0, False)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(BadStore, match="no correction to check"):
        command.run(parser.parse_args([str(tmp_path / "toy")]))


def a_check(recorded_at: int | None, true_at: int | None) -> Check:
    return Check(0, 20, recorded_at, true_at, true_at is not None, None if true_at else 4, 1.0, 2.0, 3.0, 4.0)


def test_short_and_longer_corrections_are_counted_apart() -> None:
    checks = [a_check(3, 3), a_check(8, 9), a_check(20, None), a_check(15, 20), a_check(None, None)]
    shares = {name: share[:2] for name, share in summary(checks)["shares"].items()}
    assert shares["same outcome"] == (4, 5)
    assert shares["recorded success, true on the way"] == (3, 4)
    assert shares["success within 10 steps, true on the way"] == (2, 2)
    assert shares["later success, true on the way"] == (1, 2)
    assert "DIFFERS; recorded success at step 20, true no success" in words_of(checks[2])
    assert "diverged from step 4 on" in words_of(checks[2])


@pytest.mark.parametrize("content", ["", "{}", '{"version": 2, "branches": []}', '{"version": 1, "branches": [1]}'])
def test_torn_checks_are_named(content: str, tmp_path: Path) -> None:
    path_of(tmp_path / "session").write_text(content)
    with pytest.raises(BadStore, match=r"session\.truth\.json cannot be read"):
        read_checks(tmp_path / "session")


def test_checks_are_read_as_they_were_written(tmp_path: Path) -> None:
    checks = {4: replace(a_check(3, None), branch=4), 9: replace(a_check(None, None), branch=9)}
    checks = {
        number: Check(**{**{f: getattr(c, f) for f in Check.__slots__}, "branch": number})
        for number, c in checks.items()
    }
    write_checks(tmp_path / "session", {"name": "reference"}, checks)
    assert read_checks(tmp_path / "session") == checks
    assert read_checks(tmp_path / "other") == {}


def test_every_task_with_a_follower_has_objects_in_the_reference_world() -> None:
    assert all(row.objects for row in TASKS.rows.values() if row.follower)


def write_episodes(folder: Path, session: Path, dt: float = g.DT) -> Path:
    """An episode of noise, then the nodes of branch 1 of a session, as imported data."""
    archive = open_archive(session)
    heads = [owner(archive.tree(), 1, index) for index in range(2, 3 + STEPS)]
    seen = [archive.node(head.branch, head.index).observation for head in heads]
    info = PartInfo("push_t", ("demonstration",), replace(g.WORKCELL, dt=dt))
    folder.mkdir()
    part = PartWriter(folder / "part-000.zarr", info)
    hands = np.stack([one.ee_state for one in seen])
    frames = {camera.name: np.stack([one.frames[camera.name] for one in seen]) for camera in g.CAMERAS}
    blank = {name: np.zeros_like(pictures) for name, pictures in frames.items()}
    for pictures in (blank, frames):
        rows = {f"frames/{name}": values for name, values in pictures.items()}
        part.extend({"ee_state": hands, "action": hands, **rows})
        part.commit(0, 0, 0)
    return folder


def test_an_episode_of_the_same_actions_agrees_and_a_blank_one_says_nothing(
    session_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_episodes(tmp_path / "data", session_folder)
    check = check_episode(session_folder, 1, data, 1)
    assert (check.steps, check.agrees, check.diverged_at) == (STEPS, True, None)
    assert check.worst_cm < 0.5
    with pytest.raises(BadStore, match="never both in sight"):
        check_episode(session_folder, 1, data, 0)
    with pytest.raises(BadStore, match="has 2 episodes, numbered from 0; there is no episode 2"):
        check_episode(session_folder, 1, data, 2)
    with pytest.raises(BadConfig, match="at the same rate"):
        check_episode(session_folder, 1, write_episodes(tmp_path / "slow", session_folder, 0.5), 1)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = [str(session_folder), "--episode", str(data), "--number", "1"]
    with pytest.raises(BadConfig, match="name one session and --branch"):
        command.run(parser.parse_args(words))
    assert command.run(parser.parse_args([*words, "--branch", "1"])) == 0
    assert "branch 1, 5 steps: agrees" in capsys.readouterr().out
