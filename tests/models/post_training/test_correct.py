"""The scripted operator corrects a failing policy in the toy world, through a session on disk."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import main
from core.errors import BadConfig
from core.step import SOURCES
from core.store.archive import open_archive
from models.failures.finding import STALL, Course
from models.post_training.correct_command import CorrectConfig, Tally, make_corrections
from models.post_training.corrector import CorrectionPlan, forks
from models.post_training.fit import PolicyData
from models.post_training.options import OWN_SUCCESSES, Selection, Weights
from models.post_training.recorded import Views, read_rows
from models.tasks.toy.policy import load as toy_policy
from models.tasks.toy.task import NAME, SIZE
from models.tasks.toy.world import ToyWorld


def config(out: Path, corrections: int = 3) -> CorrectConfig:
    plan = CorrectionPlan(back=(20, 0), most_steps=120, after_success=3)
    return CorrectConfig(out, "toy", "toy", "toy", corrections=corrections, attempts=20, scenes=5, plan=plan)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tally]:
    out = tmp_path_factory.mktemp("corrected") / "session"
    return out, make_corrections(config(out))


def test_failures_are_corrected_and_accepted(made: tuple[Path, Tally]) -> None:
    out, tally = made
    assert tally.corrections >= 3
    assert tally.successes > 0, "the toy policy fails about every other time"
    archive = open_archive(out)
    branches = archive.tree().branches
    accepted = [branch for branch in branches.values() if branch.review == "accepted"]
    assert len(accepted) == tally.corrections
    for branch in accepted:
        parent = branches[branch.parent or 0]
        (failure,) = [marker.index for marker in parent.markers if marker.kind == "failure"]
        assert failure - branch.fork_step in (20, 0)
        assert branch.outcome == "success"
        assert (archive.column("source", branch.id) == SOURCES.index("operator")).all()
        assert archive.column("success", branch.id)[-1]
    assert all(branch.operator == "scripted operator" for branch in branches.values())


def test_the_session_trains(made: tuple[Path, Tally]) -> None:
    out, tally = made
    policy, views = PolicyData(NAME, ToyWorld().spec.workcell, ("top",), "toy"), Views(("top",), SIZE // 2)
    rows = read_rows([out], policy, views, Selection(), Weights())
    assert 0 < rows.lessons <= tally.operator_steps
    assert len(rows.branches) == tally.corrections
    own = read_rows([out], policy, views, OWN_SUCCESSES, Weights())
    assert len(own.branches) == tally.successes
    moved = np.abs(np.diff(rows.actions, axis=0)).max(axis=1) > 0
    firsts = np.flatnonzero(rows.weight > 0)[np.diff(np.flatnonzero(rows.weight > 0), prepend=-2) > 1]
    assert moved[firsts[1:] - 1].all(), "a lesson does not begin with hands that hold still"


def test_the_same_command_goes_on(made: tuple[Path, Tally], tmp_path: Path) -> None:
    out = tmp_path / "session"
    part = make_corrections(config(out, corrections=1))
    assert make_corrections(config(out, corrections=1)) == part, "nothing is missing"
    whole = make_corrections(config(out))
    assert whole == made[1]
    one, two = (open_archive(folder).tree().branches for folder in (made[0], out))
    same = ("fork_step", "length", "kind", "review", "outcome", "seed", "scene_seed")
    assert [[getattr(b, name) for name in same] for b in one.values()] == [
        [getattr(b, name) for name in same] for b in two.values()
    ]


def test_attempts_of_another_policy_are_refused(made: tuple[Path, Tally], monkeypatch: pytest.MonkeyPatch) -> None:
    other = toy_policy()
    other._spec = replace(other.spec, identity=replace(other.spec.identity, sha256="ab" * 32))
    monkeypatch.setattr("models.post_training.correct_command.load_policy", lambda *_: other)
    with pytest.raises(BadConfig, match=r"holds attempts of the policy 'toy'.*Name a new folder"):
        make_corrections(config(made[0], corrections=99))


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["correct", "--world", "toy", "--policy", "toy", "--task", "toy", "--out", str(tmp_path / "one")]
    assert main.main([*words, "--attempts", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["attempts"] == 1
    assert "1 attempts" in err
    assert main.main([*words, "--back", "-1"]) == 1
    assert "0 or more" in capsys.readouterr().err


def course(progress: list[float]) -> Course:
    return Course(np.array(progress), np.ones(len(progress)), np.zeros((len(progress), 14), np.float32), False)


def test_forks_are_the_proposed_points_or_steps_before_the_failure_was_noticed() -> None:
    near_miss = course([0.3, 0.5, 0.7, 0.85] + [0.85] * STALL)
    assert forks(near_miss, CorrectionPlan()) == [3 + STALL - 20], "a second try"
    assert len(forks(near_miss, CorrectionPlan(points=9))) > 1
    assert forks(near_miss, CorrectionPlan(back=(10, 0, 999))) == [3 + STALL - 10, 3 + STALL, 0]
    assert forks(replace(near_miss, success=True), CorrectionPlan()) == []


def test_it_goes_on_for_successes_without_more_corrections(tmp_path: Path) -> None:
    wanted = replace(config(tmp_path / "one", corrections=1), successes=3)
    tally = make_corrections(wanted)
    assert tally.successes == 3
    assert tally.corrections <= len(wanted.plan.back), "of one failure"
    assert tally.attempts > 4
